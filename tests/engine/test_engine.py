"""The engine on a real cluster, training real, small runs on the sample."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import dask
import numpy as np
import psutil
import pytest
import torch

from fmnist_core.compute import client, cluster
from fmnist_core.engine import engine
from fmnist_core.engine.engine import Engine, EngineError
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker.threads import use_threads
from fmnist_core.sentences import Sentence
from fmnist_core.spec import SpecError, read_spec
from fmnist_core.store.runs import NotYours, RunNotFound, Store
from tests.cluster_processes import clusters, kill_workers
from tests.engine.live_runs import LONG, SHORT, assert_same, finished, status, trained_here
from tests.waiting import holds, wait_for

pytestmark = pytest.mark.slow


def stands_still(lab: Engine, store: Store, run_id: str) -> int:
    """The step at which a run rests, saved, as soon as no time slice of it is under way."""
    under_way = lab._dispatcher._under_way
    wait_for(lambda: run_id not in {work.time_slice.run_id for work in list(under_way.values())})
    wait_for(lambda: store.checkpoint(run_id) is not None)
    wait_for(lambda: loop.load(store.checkpoint(run_id)).step == store.run(run_id).step)
    step = store.run(run_id).step
    holds(lambda: store.run(run_id).step == step, 0.5)
    return step


def test_a_run_comes_out_as_if_trained_in_this_process(lab, store):
    run_id = lab.submit(SHORT, "ana", "my run")
    run = finished(store, run_id)
    alone = trained_here(SHORT, threads=cluster.cores())
    assert (run.status, run.name, run.step, run.epoch) == ("finished", "my run", alone.step, 3)
    assert_same(store, run_id, alone)
    steps, losses = store.batch_curve(run_id)
    assert list(steps) == list(range(1, SHORT.total_steps + 1))
    assert losses[-20:].mean() < losses[:20].mean()
    assert len(store.epochs(run_id)) == 3
    assert store.snapshots(run_id)[-1].step == SHORT.total_steps


def test_pause_step_resume_and_stop(lab, store):
    run_id = lab.submit(LONG, "ana", paused=True)
    assert status(store, run_id) == {"paused"}
    lab.step_batch(run_id, "ana")
    wait_for(lambda: store.run(run_id).step == 1 and status(store, run_id) == {"paused"})
    lab.step_epoch(run_id, "ana")
    epoch = LONG.steps_per_epoch
    wait_for(lambda: store.run(run_id).step == epoch and status(store, run_id) == {"paused"})
    assert len(store.epochs(run_id)) == 1
    lab.resume(run_id, "ana")
    wait_for(lambda: store.run(run_id).step > 2 * epoch)
    assert lab.speed(run_id) is None or lab.speed(run_id)[0] > 0
    lab.pause(run_id, "ana")
    assert status(store, run_id) == {"paused"}
    step = stands_still(lab, store, run_id)
    lab.resume(run_id, "ana")
    wait_for(lambda: store.run(run_id).step > step)
    lab.stop(run_id, "ana")
    run = finished(store, run_id)
    assert (run.status, run.end_reason) == ("stopped", "stopped")
    assert run.test_confusion.sum() == 1000
    with pytest.raises(EngineError, match="ended"):
        lab.resume(run_id, "ana")


def test_a_paused_run_can_be_stopped_too(lab, store):
    run_id = lab.submit(LONG, "ana", paused=True)
    lab.step_batch(run_id, "ana")
    wait_for(lambda: store.run(run_id).step == 1 and status(store, run_id) == {"paused"})
    lab.stop(run_id, "ana")
    assert finished(store, run_id).step == 1


def test_more_epochs_for_a_run_that_trains_one_that_ended_and_one_that_was_stopped(lab, store):
    run_id = lab.submit(SHORT, "ana")
    finished(store, run_id)
    lab.extend(run_id, "ana", 2)
    wait_for(lambda: store.run(run_id).status == "finished" and store.run(run_id).epoch == 5)
    assert_same(store, run_id, trained_here(SHORT.changed(epochs=5), threads=cluster.cores()))
    lab.extend(run_id, "ana", 1)
    lab.extend(run_id, "ana", 1)
    wait_for(lambda: store.run(run_id).status == "finished" and store.run(run_id).epoch == 7)
    stopped = lab.submit(LONG, "ana")
    wait_for(lambda: store.run(stopped).epoch >= 2)
    lab.stop(stopped, "ana")
    epoch = finished(store, stopped).epoch
    lab.extend(stopped, "ana", 2)
    wait_for(lambda: store.run(stopped).status == "finished")
    assert store.run(stopped).epoch == store.run(stopped).spec.epochs == epoch + 2
    with pytest.raises(SpecError, match="500"):
        lab.extend(stopped, "ana", 500)


def test_the_learning_rate_changes_on_the_way_and_at_rest(lab, store):
    run_id = lab.submit(LONG, "ana", paused=True)
    lab.step_epoch(run_id, "ana")
    epoch = LONG.steps_per_epoch
    wait_for(lambda: store.run(run_id).step == epoch and status(store, run_id) == {"paused"})
    lab.change_learning_rate(run_id, "ana", 0.01)
    (change,) = wait_for(lambda: store.run(run_id).spec.learning_rate_changes)
    assert (change.step, change.learning_rate, store.run(run_id).step) == (epoch, 0.01, epoch)
    lab.resume(run_id, "ana")
    wait_for(lambda: store.run(run_id).step > epoch + 10)
    lab.change_learning_rate(run_id, "ana", 0.002)
    wait_for(lambda: len(store.run(run_id).spec.learning_rate_changes) == 2)
    assert store.run(run_id).learning_rate == 0.002
    with pytest.raises(SpecError, match="Learning rate"):
        lab.change_learning_rate(run_id, "ana", -1.0)
    lab.stop(run_id, "ana")
    finished(store, run_id)
    with pytest.raises(EngineError, match="ended"):
        lab.change_learning_rate(run_id, "ana", 0.01)


def test_a_branch_starts_with_the_weights_of_a_kept_frame(lab, store):
    parent = lab.submit(SHORT, "ana")
    finished(store, parent)
    frame = next(frame for frame in store.snapshots(parent) if frame.step > 10)
    child = lab.branch(parent, frame.step, "ben", learning_rate=0.003, epochs=1)
    run = finished(store, child)
    assert (run.learner, run.parent, run.parent_step) == ("ben", parent, frame.step)
    assert (run.spec.learning_rate, run.status) == (0.003, "finished")
    np.testing.assert_array_equal(
        store.snapshot_outputs(child, 0), store.snapshot_outputs(parent, frame.step)
    )
    with pytest.raises(EngineError, match="hidden sizes"):
        lab.branch(parent, frame.step, "ben", hidden_sizes=(17,))
    for step in (-1, 7777):
        with pytest.raises(EngineError, match="between batch 0 and batch"):
            lab.branch(parent, step, "ben")


def test_a_branch_begins_at_a_batch_of_which_no_state_is_kept(lab, store):
    parent = lab.submit(SHORT, "ana")
    finished(store, parent)
    assert store.snapshot_state(parent, 13) is None
    child = lab.branch(parent, 13, "ben", learning_rate=1e-6)
    assert finished(store, child).status == "finished"
    state = loop.start(SHORT)
    use_threads(SHORT, 1)
    for _ in loop.advance(state, loop.Budget(batches=13)):
        pass
    began = loop.load(store.snapshot_state(child, 0)).model.state_dict()
    for name, weight in state.model.state_dict().items():
        torch.testing.assert_close(began[name], weight, rtol=0, atol=0)


def test_a_branch_goes_on_with_the_learning_rate_of_its_moment(lab, store):
    changed = SHORT.changed(learning_rate_changes=[{"step": 5, "learning_rate": 0.02}])
    parent = lab.submit(changed, "ana")
    finished(store, parent)
    steps = [frame.step for frame in store.snapshots(parent)]
    before, after = [s for s in steps if s < 5][-1], next(s for s in steps if s > 5)
    rates = [store.run(lab.branch(parent, step, "ana")).spec.learning_rate for step in (before, after)]
    assert rates == [SHORT.learning_rate, 0.02]


def test_only_the_owner_changes_a_run_and_nobody_one_that_is_not_there(lab, store):
    run_id = lab.submit(SHORT, "ana", paused=True)
    for change in (lab.pause, lab.resume, lab.stop, lab.step_batch, lab.step_epoch, lab.extend, lab.delete):
        with pytest.raises(NotYours):
            change(run_id, "ben")
        with pytest.raises(RunNotFound):
            change("000000000000", "ana")
    with pytest.raises(NotYours):
        lab.change_learning_rate(run_id, "ben", 0.1)
    with pytest.raises(NotYours):
        lab.rename(run_id, "ben", "mine now")
    lab.rename(run_id, "ana", "mine")
    assert store.run(run_id).name == "mine"


def test_a_learner_has_so_many_runs_at_once_and_no_more(lab, store):
    runs = [lab.submit(LONG, "ana") for _ in range(engine.MOST_OPEN)]
    with pytest.raises(EngineError, match="4 runs training"):
        lab.submit(LONG, "ana")
    lab.pause(runs[0], "ana")
    fifth = lab.submit(LONG, "ana")
    with pytest.raises(EngineError, match="4 runs training"):
        lab.resume(runs[0], "ana")
    wait_for(lambda: all(store.run(run_id).step for run_id in (*runs[1:], fifth)))


def test_more_images_than_there_are_are_refused(lab):
    with pytest.raises(SpecError, match="7,000"):
        lab.submit(SHORT.changed(train_size=9000), "ana")


def test_thirty_learners_all_see_their_curves_move(lab, store):
    runs = [lab.submit(LONG.changed(seed=k), f"learner {k}") for k in range(30)]
    assert lab.queue_place("another") == 30
    wait_for(lambda: all(store.run(run_id).step > 0 for run_id in runs))
    before = [store.run(run_id).step for run_id in runs]
    wait_for(lambda: all(store.run(r).step > step for r, step in zip(runs, before, strict=True)))
    seconds = [store.run(run_id).seconds for run_id in runs]
    assert max(seconds) < 4 * min(seconds) + 0.5


def test_a_question_is_answered_while_everybody_trains(lab, store):
    runs = [lab.submit(LONG.changed(seed=k), f"learner {k}") for k in range(4)]
    wait_for(lambda: all(store.run(run_id).step > 0 for run_id in runs))
    for run_id in runs:
        outputs = lab.ask("reconstruct", timeout=30, run_id=run_id, indices=[3, 1, 4])
        assert outputs.shape == (3, 10)
        np.testing.assert_allclose(outputs.sum(1), 1, rtol=1e-5)
    with pytest.raises(EngineError, match="no weights"):
        lab.ask("reconstruct", timeout=30, run_id=lab.submit(LONG, "ana", paused=True), indices=[3])
    with pytest.raises(EngineError, match="did not answer"):
        lab.ask("warm_up", timeout=0.0)


def test_a_forecast_is_measured_and_then_known(lab):
    assert lab.queue_place("ana") == 0
    assert lab.forecast(SHORT) is None
    forecast = wait_for(lambda: lab.forecast(SHORT))
    assert forecast.parameters == SHORT.parameter_count
    assert 0.001 < forecast.seconds_per_epoch < 10
    assert forecast.queue_place == 0
    more = lab.forecast(SHORT.changed(train_size=2000, seed=7, epochs=9))
    assert 1.3 < more.seconds_per_epoch / forecast.seconds_per_epoch < 2.1


def test_killed_workers_cost_seconds_and_the_run_goes_on_by_itself(lab, store):
    spec = SHORT.changed(epochs=60)
    run_id = lab.submit(spec, "ana")
    wait_for(lambda: store.run(run_id).epoch >= 3)
    kill_workers()
    run = finished(store, run_id)
    assert (run.status, run.step) == ("finished", spec.total_steps)
    assert list(store.batch_curve(run_id, points=10**4)[0]) == list(range(1, spec.total_steps + 1))
    assert [epoch.epoch for epoch in store.epochs(run_id)] == list(range(1, 61))
    assert_same(store, run_id, trained_here(spec, threads=cluster.cores()))


def test_who_asks_while_the_workers_die_hears_from_those_that_come(lab, store):
    run_id = lab.submit(SHORT, "ana")
    finished(store, run_id)
    for _ in range(3):
        kill_workers()
        assert lab.ask("reconstruct", timeout=30, run_id=run_id, indices=[0]).shape == (1, 10)


def test_a_run_whose_workers_are_killed_again_and_again_goes_on_and_says_so(lab, store):
    """Without the word of the kernel or of a limit, nothing proves that the run is at fault."""
    spec = SHORT.changed(epochs=60)
    run_id = lab.submit(spec, "ana")
    wait_for(lambda: store.run(run_id).step > 0)
    for _ in range(4):
        step = store.run(run_id).step
        wait_for(lambda step=step: store.run(run_id).step != step or lab.waiting(run_id))
        kill_workers()
        wait_for(lambda: lab._dispatcher.machines.workers)
    wait_for(lambda: lab.waiting(run_id) or store.run(run_id).status == "finished")
    run = finished(store, run_id)
    assert (run.status, run.step) == ("finished", spec.total_steps)
    assert (lab.waiting(run_id), run.reason) == (None, None)
    assert_same(store, run_id, trained_here(spec, threads=cluster.cores()))


def test_a_locked_database_is_waited_for_and_a_pause_meanwhile_counts(lab, store):
    run_id = lab.submit(LONG, "ana")
    wait_for(lambda: store.run(run_id).step > 0)
    locked = sqlite3.connect(store.database.url.database, isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    wait_for(lambda: "busy" in str(lab.waiting(run_id)))
    began = time.monotonic()
    lab.pause(run_id, "ana")
    assert time.monotonic() - began < 5, "a press is not kept waiting as long as the lock is held"
    lab.resume(run_id, "ana")
    locked.execute("ROLLBACK")
    locked.close()
    step = store.run(run_id).step
    wait_for(lambda: store.run(run_id).step > step)
    assert status(store, run_id) == {"running"}
    wait_for(lambda: lab.waiting(run_id) is None)
    lab.pause(run_id, "ana")
    stands_still(lab, store, run_id)


def test_a_run_that_failed_can_be_resumed(lab, store):
    run_id = lab.submit(SHORT, "ana", paused=True)
    lab.step_epoch(run_id, "ana")
    wait_for(lambda: store.run(run_id).step == 20 and not lab._active_runs.training())
    wait_for(lambda: status(store, run_id) == {"paused"} and lab.problem is None)
    store.set_status(run_id, "failed", Sentence("It needed too much memory."))
    lab.resume(run_id, "ana")
    wait_for(lambda: status(store, run_id) == {"finished"})  # "failed" may stand for a moment: a write waits
    assert store.run(run_id).reason is None
    assert_same(store, run_id, trained_here(SHORT, threads=cluster.cores()))


def test_a_failing_run_says_why_and_harms_no_other(lab, store):
    good = lab.submit(LONG, "ana")
    parent = lab.submit(SHORT, "ben", paused=True)
    lab.step_epoch(parent, "ben")
    wait_for(lambda: status(store, parent) == {"paused"} and store.run(parent).step == 20)
    child = store.create_run(SHORT.changed(branch={"run": parent, "step": 7777}), "ben", status="paused")
    lab.resume(child, "ben")
    failed = finished(store, child)
    assert failed.status == "failed"
    assert "branch" in str(failed.reason)
    step = store.run(good).step
    wait_for(lambda: store.run(good).step > step)
    assert lab.problem is None


def test_a_deleted_run_is_gone_while_it_trains(lab, store):
    run_id, other = lab.submit(LONG, "ana"), lab.submit(LONG, "ana")
    wait_for(lambda: store.run(run_id).step > 0)
    lab.delete(run_id, "ana")
    step = store.run(other).step
    wait_for(lambda: store.run(other).step > step)
    with pytest.raises(RunNotFound):
        store.run(run_id)


def test_a_killed_cluster_comes_back_and_runs_go_on(lab, store):
    spec = SHORT.changed(epochs=60)
    run_id = lab.submit(spec, "ana")
    wait_for(lambda: store.run(run_id).epoch >= 2)
    (process,) = clusters()
    workers = process.children(recursive=True)
    process.kill()
    assert psutil.wait_procs(workers, timeout=20)[1] == []
    assert finished(store, run_id).status == "finished"
    assert lab.state == "ready"
    assert lab.problem is None
    assert_same(store, run_id, trained_here(spec, threads=cluster.cores()))


def test_where_no_scheduler_answers_the_lab_says_so_and_keeps_what_it_is_given(store, monkeypatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1.0)
    nowhere = "tcp://127.0.0.1:9"
    lonely = Engine(store, scheduler=nowhere)
    lonely.start()
    try:
        wait_for(lambda: lonely.state == "failed")
        assert nowhere not in str(lonely.problem), "addresses are for the log"
        assert "FMNIST_SCHEDULER" in str(lonely.problem)
        run_id = lonely.submit(SHORT, "ana")
        assert status(store, run_id) == {"queued"}
        with pytest.raises(EngineError, match="Dask scheduler does not answer"):
            lonely.ask("warm_up", timeout=0.1)
        assert lonely.forecast(SHORT) is None
    finally:
        lonely.close()
        store.delete(run_id)


@pytest.fixture(scope="module")
def elsewhere():
    """The address of a cluster that somebody else has started, as Dask's own settings let one into it."""
    theirs = cluster.launch(workers=1)
    given = wait_for(lambda: cluster.handover(theirs))
    tls = {"ca-file": given.certificate, "client.cert": given.certificate, "client.key": given.key}
    with dask.config.set({f"distributed.comm.tls.{name}": value for name, value in tls.items()}):
        yield given.address
    assert theirs.process.poll() is None, "another's cluster is not ours to end"
    cluster.close(theirs)


def test_a_scheduler_by_its_address_trains_as_well(store, elsewhere, monkeypatch):
    monkeypatch.setenv("FMNIST_SCHEDULER", elsewhere)
    visitor = Engine(store)
    visitor.start()
    try:
        run_id = visitor.submit(SHORT, "ana")
        assert finished(store, run_id).status == "finished"
    finally:
        visitor.close()
        store.delete(run_id)


def test_a_lab_that_starts_again_takes_up_what_was_training(store, elsewhere):
    first = Engine(store, scheduler=elsewhere, slice_seconds=0.2)
    first.start()
    spec = SHORT.changed(epochs=100)
    runs = [first.submit(spec, "ana"), first.submit(LONG, "ana", paused=True)]
    wait_for(lambda: store.run(runs[0]).epoch >= 2)
    first.close()
    assert status(store, *runs) == {"running", "paused"}
    second = Engine(store, scheduler=elsewhere, slice_seconds=0.2)
    second.start()
    try:
        assert finished(store, runs[0]).step == spec.total_steps
        assert status(store, runs[1]) == {"paused"}
        second.resume(runs[1], "ana")
        wait_for(lambda: store.run(runs[1]).step > 0)
    finally:
        second.close()
        for run_id in runs:
            store.delete(run_id)


@pytest.mark.parametrize("given", ["0", "-1", "many", "1.5"])
def test_a_number_of_workers_that_is_none_is_refused(store, monkeypatch, given):
    monkeypatch.setenv("FMNIST_WORKERS", given)
    with pytest.raises(EngineError, match="FMNIST_WORKERS"):
        Engine(store)


SERVER = """
import sys
from fmnist_core.engine.engine import Engine
from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store
from tests.waiting import wait_for

store = Store()
lab = Engine(store, workers=1)
lab.start()
run_id = lab.submit(read_spec(sys.argv[1]), "ana")
wait_for(lambda: store.run(run_id).step)
assert "torch" not in sys.modules
print("training", flush=True)
input()
"""


@pytest.mark.parametrize("end", ["killed", "closed"])
def test_a_server_that_ends_leaves_no_process_behind_and_never_loads_torch(end):
    server = [sys.executable, "-c", SERVER, LONG.to_json()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(server, cwd=cluster.PROJECT, **pipes) as parent:
        assert parent.stdout.readline() == "training\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        assert len(family) >= 3
        (folder,) = [p.cmdline()[-1] for p in family if "fmnist_core.compute.cluster" in p.cmdline()]
        assert Path(folder).exists()
        if end == "killed":
            parent.kill()
        else:
            parent.communicate("go\n", timeout=30)
            assert parent.returncode == 0
    assert psutil.wait_procs(family, timeout=20)[1] == []
    assert not Path(folder).exists()


def test_a_learner_is_told_in_which_numbers_this_very_network_trains(lab, monkeypatch):
    wait_for(lambda: lab.device_and_dtype(SHORT))
    monkeypatch.setattr(lab._dispatcher, "device_and_dtype", ("", "bfloat16"))
    assert lab.device_and_dtype(SHORT)[:2] == ("", "float32"), "small steps are not cast"
    assert lab.device_and_dtype(read_spec({"architecture": "conv_autoencoder"}))[:2] == ("", "bfloat16")
    monkeypatch.setattr(lab._dispatcher, "device_and_dtype", ("A GPU", "bfloat16"))
    assert lab.device_and_dtype(SHORT)[:2] == ("A GPU", "bfloat16")
