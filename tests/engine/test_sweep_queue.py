"""Sweeps on a real cluster: they wait for places, share time slices fairly, and outlast a restart."""

import subprocess
import sys
from pathlib import Path

import pytest

from fmnist_core.engine import engine
from fmnist_core.engine.engine import EngineError
from fmnist_core.engine.sweep_queue import AT_ONCE, MOST_GOING, MOST_RUNS, SweepError
from fmnist_core.spec import SpecError
from fmnist_core.store.runs import NotYours, RunNotFound
from fmnist_core.store.status import OPEN
from tests.engine.live_runs import LONG, SHORT, finished, planned, running, status
from tests.waiting import holds, wait_for

pytestmark = pytest.mark.slow

ENDED = {"finished", "stopped", "failed"}


def members(lab, sweep_id):
    return lab.sweep_queue.sweeps.sweep(sweep_id).members


def run_ids(lab, sweep_id):
    return [member.run_id for member in members(lab, sweep_id) if member.run_id]


def open_runs(store, learner="ana"):
    return store.runs(learner, OPEN)


def test_a_sweep_trains_to_its_end_never_more_than_its_places_at_once(lab, store):
    sweep_id = lab.sweep_queue.start(planned(), "ana", "Seeds", "sweep", "seed")
    counts = []

    def ended() -> bool:
        counts.append(len(open_runs(store)))
        return len(run_ids(lab, sweep_id)) == 6 and status(store, *run_ids(lab, sweep_id)) <= ENDED

    wait_for(ended, poll=0.02)
    assert 1 <= max(counts) <= AT_ONCE["sweep"]
    assert status(store, *run_ids(lab, sweep_id)) == {"finished"}
    assert [store.run(run_id).spec.seed for run_id in run_ids(lab, sweep_id)] == list(range(6))
    assert {store.run(run_id).epoch for run_id in run_ids(lab, sweep_id)} == {SHORT.epochs}


def test_pause_holds_every_run_resume_goes_on_and_stop_ends_them(lab, store):
    sweep_id = lab.sweep_queue.start(planned(LONG), "ana", "Seeds", "sweep", "seed")
    begun = wait_for(lambda: (ids := run_ids(lab, sweep_id)) and len(ids) == 3 and ids)
    wait_for(lambda: all(store.run(run_id).step > 5 for run_id in begun))
    lab.sweep_queue.pause(sweep_id, "ana")
    assert status(store, *begun) == {"paused"}
    steps = [store.run(run_id).step for run_id in begun]
    holds(lambda: run_ids(lab, sweep_id) == begun, 1.0)
    lab.sweep_queue.resume(sweep_id, "ana")
    wait_for(lambda: all(store.run(r).step > step for r, step in zip(begun, steps, strict=True)))
    assert run_ids(lab, sweep_id) == begun
    lab.sweep_queue.stop(sweep_id, "ana")
    wait_for(lambda: status(store, *begun) == {"stopped"})
    holds(lambda: run_ids(lab, sweep_id) == begun, 0.5)
    assert all(store.run(run_id).test_accuracy is not None for run_id in begun)


def test_a_run_started_by_hand_need_not_wait_for_a_sweep_but_a_sweep_waits_for_it(lab, store):
    sweep_id = lab.sweep_queue.start(planned(LONG, 6), "ana", "Race", "race", "seed")
    wait_for(lambda: len(run_ids(lab, sweep_id)) == 4)
    by_hand = [lab.submit(LONG, "ana") for _ in range(engine.MOST_OPEN)]
    with pytest.raises(EngineError, match="4 runs training"):
        lab.submit(LONG, "ana")
    wait_for(lambda: all(store.run(run_id).step > 0 for run_id in by_hand))
    lab.stop(run_ids(lab, sweep_id)[0], "ana")
    finished(store, run_ids(lab, sweep_id)[0])
    holds(lambda: len(run_ids(lab, sweep_id)) == 4, 0.6)
    for run_id in by_hand:
        lab.delete(run_id, "ana")
    wait_for(lambda: len(run_ids(lab, sweep_id)) == 5)


def test_another_learner_is_served_as_if_the_sweep_were_one_run(lab, store):
    sweep_id = lab.sweep_queue.start(planned(LONG), "ana", "Seeds", "sweep", "seed")
    wait_for(lambda: len(run_ids(lab, sweep_id)) == 3)
    theirs = lab.submit(LONG, "ben")
    wait_for(lambda: store.run(theirs).step > 0)

    def seconds():
        return sum(store.run(r).seconds for r in run_ids(lab, sweep_id)), store.run(theirs).seconds

    before = seconds()
    wait_for(lambda: sum(seconds()) > sum(before) + 5)
    mine, other = (now - then for now, then in zip(seconds(), before, strict=True))
    assert other > mine / 2


def test_a_run_that_is_deleted_or_fails_holds_nothing_up(lab, store):
    diverging = SHORT.changed(optimizer="sgd", learning_rate=10.0, loss="mse", hidden_sizes=[512])
    specs = [(diverging, "too fast"), *planned(count=4)]
    sweep_id = lab.sweep_queue.start(specs, "ana", "Seeds", "sweep", "seed")
    first = wait_for(lambda: run_ids(lab, sweep_id))[0]
    lab.delete(first, "ana")
    wait_for(lambda: len(run_ids(lab, sweep_id)) == 4 and status(store, *run_ids(lab, sweep_id)) <= ENDED)
    assert members(lab, sweep_id)[0].is_deleted


def test_what_cannot_be_a_sweep_is_refused_and_nothing_begun(lab, store):
    many = [(LONG, "again")] * 5000
    with pytest.raises(SweepError, match=f"5,000 runs; one sweep takes from 1 to {MOST_RUNS}"):
        lab.sweep_queue.start(many, "ana", "Too many", "sweep", "seed")
    with pytest.raises(SweepError, match="0 runs"):
        lab.sweep_queue.start([], "ana", "None", "sweep", "seed")
    with pytest.raises(SpecError, match="in use has"):
        lab.sweep_queue.start(
            [(SHORT.changed(train_size=50_000), "all")], "ana", "Too large", "sweep", "seed"
        )
    encoder = {"origin": "run", "id": "gone12345678"}
    orphan = SHORT.changed(architecture="encoder_classifier", hidden_sizes=[8], encoder=encoder)
    with pytest.raises(RunNotFound):
        lab.sweep_queue.start([(orphan, "orphan")], "ana", "No encoder", "race", "encoder")
    assert not open_runs(store)


def test_only_its_learner_steers_a_sweep_and_nobody_has_too_many(lab, store):
    ids = [lab.sweep_queue.start(planned(LONG, 9), "ana", "S", "sweep", "seed") for _ in range(MOST_GOING)]
    with pytest.raises(SweepError, match="4 sweeps and races"):
        lab.sweep_queue.start(planned(LONG), "ana", "S", "sweep", "seed")
    for steer in (lab.sweep_queue.pause, lab.sweep_queue.resume, lab.sweep_queue.stop):
        with pytest.raises(NotYours):
            steer(ids[0], "ben")
    for sweep_id in ids:
        lab.sweep_queue.stop(sweep_id, "ana")


SERVER = """
import signal, sys
from fmnist_core.engine.engine import Engine
from fmnist_core.store.runs import Store
from tests.engine.live_runs import LONG, planned
lab = Engine(Store(sys.argv[1]), workers=1, slice_seconds=0.2)
lab.start()
print(lab.sweep_queue.start(planned(LONG.changed(epochs=5), 5), "ana", "Seeds", "sweep", "seed"), flush=True)
signal.pause()
"""


def test_a_sweep_goes_on_after_the_server_was_killed(store):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, store.url], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    sweep_id = process.stdout.readline().strip()
    wait_for(lambda: any(run.step > 20 for run in open_runs(store)))
    process.kill()
    process.communicate()
    with running(store) as second:
        wait_for(lambda: len(run_ids(second, sweep_id)) == 5)
        wait_for(lambda: status(store, *run_ids(second, sweep_id)) == {"finished"})
        assert {store.run(run_id).epoch for run_id in run_ids(second, sweep_id)} == {5}
