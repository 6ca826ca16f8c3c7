"""A worker's time slices, in this process on a real store: what is written, kept, given up and made good."""

import os
import sqlite3
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy
import torch

from fmnist_core.data import fashion_mnist, folders
from fmnist_core.nets.training import device, loop
from fmnist_core.nets.worker import queries, slices, state_cache, threads
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.nets.worker.threads import give_way, query_under_way
from fmnist_core.spec import read_spec
from fmnist_core.store import past
from tests.nets.worker.slice_requests import request_for

pytestmark = pytest.mark.usefixtures("new_worker")

SPEC = read_spec(
    {"architecture": "ff_classifier", "hidden_sizes": [16], "train_size": 1000, "validation_size": 200}
    | {"epochs": 4, "batch_size": 50}
)
PER_EPOCH = SPEC.steps_per_epoch


def trained(spec=SPEC) -> loop.TrainState:
    torch.set_num_threads(1)
    state = loop.start(spec)
    for _ in loop.advance(state):
        pass
    return state


def same_weights(blob: bytes, state: loop.TrainState) -> bool:
    weights = loop.load(blob).model.state_dict()
    return all(torch.equal(weights[name], weight) for name, weight in state.model.state_dict().items())


@pytest.mark.slow
def test_time_slices_add_up_to_a_run_trained_in_one_go(store):
    run_id = store.create_run(SPEC, "ana")
    time_slices = 0
    while (result := slices.advance_slice(request_for(store, run_id, seconds=0.01))).outcome == "advanced":
        time_slices += 1
    assert time_slices > 3
    assert result.outcome == "ended"
    assert result.end_reason == "epochs"
    run, alone = store.run(run_id), trained()
    assert same_weights(store.checkpoint(run_id), alone)
    assert (run.status, run.step, run.epoch) == ("finished", alone.step, 4)
    assert run.test_confusion.sum() == 1000
    steps, losses = store.batch_curve(run_id)
    assert list(steps) == list(range(1, run.step + 1))
    assert [epoch.epoch for epoch in store.epochs(run_id)] == [1, 2, 3, 4]
    assert np.isfinite(losses).all()
    (hardware,) = past.hardware(store, run_id)
    assert f", {device.calculates_in(torch.device('cpu'), SPEC)}, torch {torch.__version__}" in hardware


def test_a_worker_that_knows_nothing_goes_on_from_the_checkpoint(store):
    run_id = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, run_id, until_step=30, checkpoint=True))
    slices.advance_slice(request_for(store, run_id, until_step=50))
    assert store.run(run_id).step == 50
    STATE_CACHE.clear()  # as if it had been killed
    result = slices.advance_slice(request_for(store, run_id, lease=store.claim(run_id), seconds=0.0))
    assert (result.step, store.run(run_id).step) == (30, 30)
    assert "batches: 20" in str(store.run(run_id).notice), "what it cost is said"
    assert slices.advance_slice(request_for(store, run_id)).outcome == "ended"
    assert same_weights(store.checkpoint(run_id), trained())
    assert len(store.batch_curve(run_id)[0]) == SPEC.total_steps


def test_a_first_time_slice_trains_at_least_a_batch_however_short(store):
    run_id = store.create_run(SPEC, "ana")
    assert slices.advance_slice(request_for(store, run_id, seconds=1e-9)).step == 1
    assert len(store.batch_curve(run_id)[0]) == 1


def test_a_branch_is_saved_at_once_since_its_parent_may_go(store):
    parent = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, parent, until_step=20))
    child = store.create_run(SPEC.changed(branch={"run": parent, "step": 10}), "ana")
    while (result := slices.advance_slice(request_for(store, child, seconds=0.001))).replaying:
        pass
    assert result.saved
    store.delete(parent)
    STATE_CACHE.clear()
    assert slices.advance_slice(request_for(store, child, lease=store.claim(child))).outcome == "ended"


@pytest.mark.slow
def test_the_state_is_saved_every_few_seconds_of_training(store, monkeypatch):
    saved = []
    monkeypatch.setattr(loop, "save", lambda state: saved.append(state.seconds) or b"state")
    monkeypatch.setattr(slices, "CHECKPOINT_SECONDS", 0.2)
    run_id = store.create_run(SPEC.changed(epochs=500), "ana")
    result = slices.advance_slice(request_for(store, run_id, seconds=0.01))
    while result.seconds < 1.0:
        result = slices.advance_slice(request_for(store, run_id, seconds=0.02))
    assert 2 <= len(saved) <= 5
    assert np.diff([0.0, *saved]).min() >= 0.2


def test_a_time_slice_ends_at_the_batch_and_with_the_evaluation_that_it_was_given(store):
    run_id = store.create_run(SPEC, "ana")
    result = slices.advance_slice(request_for(store, run_id, until_step=1))
    assert (result.step, result.reached) == (1, True)
    result = slices.advance_slice(request_for(store, run_id, until_step=PER_EPOCH))
    assert (result.step, result.reached) == (PER_EPOCH, True)
    assert len(store.epochs(run_id)) == 1
    assert not slices.advance_slice(request_for(store, run_id, seconds=0.001, until_step=10**6)).reached


def test_a_time_slice_of_no_seconds_trains_nothing(store):
    run_id = store.create_run(SPEC, "ana")
    result = slices.advance_slice(request_for(store, run_id, seconds=0.0, checkpoint=True))
    assert (result.outcome, result.step, result.saved) == ("advanced", 0, True)


def test_a_time_slice_cut_short_ends_soon(store):
    run_id = store.create_run(SPEC.changed(epochs=500), "ana")
    request = request_for(store, run_id, time_slice="cut me")
    threading.Timer(0.3, queries.cut_short, ["cut me"]).start()
    began = time.perf_counter()
    assert slices.advance_slice(request).outcome == "advanced"
    assert time.perf_counter() - began < 5
    assert (
        slices.advance_slice(replace(request, time_slice="another", until_step=10**4, seconds=0.2)).step > 1
    )


def test_whoever_has_lost_the_lease_writes_nothing_and_forgets(store):
    run_id = store.create_run(SPEC, "ana")
    request = request_for(store, run_id, until_step=5)
    slices.advance_slice(request)
    store.claim(run_id)
    assert slices.advance_slice(replace(request, until_step=9)).outcome == "lost"
    assert store.run(run_id).step == 5
    assert run_id not in STATE_CACHE


def test_a_deleted_run_is_no_failure(store):
    run_id = store.create_run(SPEC, "ana")
    request = request_for(store, run_id, until_step=5)
    slices.advance_slice(request)
    store.delete(run_id)
    assert slices.advance_slice(request_for(store, store.create_run(SPEC, "ana"), until_step=1)).outcome
    assert slices.advance_slice(replace(request, until_step=9)).outcome == "lost"


def test_a_learning_rate_changed_on_the_way_is_recorded_with_the_state(store):
    run_id = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, run_id, until_step=30))
    request = request_for(store, run_id, learning_rate=0.01, seconds=0.0)
    assert slices.advance_slice(request).saved
    assert slices.advance_slice(request).outcome == "advanced", "twice does no harm"
    (change,) = store.run(run_id).spec.learning_rate_changes
    assert (change.step, change.learning_rate) == (30, 0.01)
    assert slices.advance_slice(request_for(store, run_id)).outcome == "ended"
    changed = SPEC.changed(learning_rate_changes=[{"step": 30, "learning_rate": 0.01}])
    assert same_weights(store.checkpoint(run_id), trained(changed))


def test_stopped_training_is_tested_and_can_go_on(store):
    run_id = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, run_id, until_step=30))
    result = slices.advance_slice(request_for(store, run_id, stopping=True))
    assert (result.outcome, result.end_reason, result.step) == ("ended", "stopped", 30)
    assert store.run(run_id).status == "stopped"
    assert store.run(run_id).test_loss is not None
    result = slices.advance_slice(request_for(store, run_id, epochs=4, again=True))
    assert (result.outcome, result.end_reason, result.epoch) == ("ended", "epochs", 4)
    assert same_weights(store.checkpoint(run_id), trained())


def test_a_finished_run_gets_more_epochs_once_however_often_it_is_requested(store):
    run_id = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, run_id))
    request = request_for(store, run_id, epochs=6, again=True)
    assert slices.advance_slice(replace(request, seconds=0.01)).outcome == "advanced"
    STATE_CACHE.clear()
    assert slices.advance_slice(request).epoch == 6
    assert store.run(run_id).spec.epochs == 6
    assert same_weights(store.checkpoint(run_id), trained(SPEC.changed(epochs=6)))


def test_what_a_full_disk_refuses_is_kept_and_written_when_there_is_room(store):
    run_id = store.create_run(SPEC.changed(epochs=50), "ana")
    slices.advance_slice(request_for(store, run_id, until_step=5, checkpoint=True))
    state_cache.store_at.cache_clear()

    def little_room(connection, _record):
        connection.execute("PRAGMA max_page_count=110")

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", little_room)
    try:
        for step in range(10, 2000, 10):
            full = slices.advance_slice(request_for(store, run_id, until_step=step, checkpoint=True))
            if full.outcome == "waiting":
                break
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", little_room)
        state_cache.store_at.cache_clear()
    assert full.outcome == "waiting"
    assert "full" in str(full.reason)
    assert store.run(run_id).step < step
    result = slices.advance_slice(request_for(store, run_id, seconds=0.0, checkpoint=True))
    assert (result.step, result.saved) == (step, True)
    assert list(store.batch_curve(run_id, 5000)[0]) == list(range(1, step + 1))


def test_a_locked_database_is_waited_for_and_nothing_is_lost(store):
    run_id = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, run_id, until_step=5))
    locked = sqlite3.connect(store.database.url.database, isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    results = [slices.advance_slice(request_for(store, run_id, lease=1, until_step=n)) for n in (9, 12)]
    assert [result.outcome for result in results] == ["waiting", "waiting"]
    assert "busy" in str(results[0].reason)
    assert time.monotonic() - began < 6
    locked.execute("ROLLBACK")
    locked.close()
    result = slices.advance_slice(request_for(store, run_id, seconds=0.0))
    assert (result.outcome, result.step, store.run(run_id).step) == ("advanced", 9, 9), (
        "not trained meanwhile"
    )
    assert slices.advance_slice(request_for(store, run_id)).outcome == "ended"
    assert same_weights(store.checkpoint(run_id), trained())


def test_a_run_that_fails_says_why_and_is_forgotten(store, caplog):
    parent = store.create_run(SPEC, "ana")
    gone = SPEC.changed(branch={"run": parent, "step": 3})
    result = slices.advance_slice(request_for(store, store.create_run(gone, "ana")))
    assert result.outcome == "failed"
    assert "branch" in str(result.reason)
    run_id = store.create_run(SPEC, "ana")
    lease = store.claim(run_id)
    store.write_slice(run_id, lease, [], step=0, epoch=0, seconds=0.0, checkpoint=b"damaged")
    result = slices.advance_slice(request_for(store, run_id))
    assert "damaged" in str(result.reason)
    assert not STATE_CACHE


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes"), "failed", "memory"),
        (torch.OutOfMemoryError("CUDA out of memory"), "failed", "memory"),
        (MemoryError(), "failed", "memory"),
        (ZeroDivisionError(), "waiting", "no fault of yours"),
        (OSError("a disk that was pulled out"), "waiting", "no fault of yours"),
    ],
)
def test_errors_of_the_machine_are_told_in_words(store, monkeypatch, error, outcome, reason):
    def fail(*_):
        raise error

    run_id = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, run_id, until_step=3))
    monkeypatch.setattr(loop, "advance", fail)
    result = slices.advance_slice(request_for(store, run_id))
    assert result.outcome == outcome
    assert reason in str(result.reason)
    again = slices.advance_slice(request_for(store, run_id))
    assert again.error == result.error, "so that the engine knows it again"
    assert ("ZeroDivisionError" in str(result.error)) == isinstance(error, ZeroDivisionError)
    assert "OSError" not in str(result.error), "the system's errors may pass, however often they come"


def test_a_released_run_is_saved_and_forgotten(store):
    run_id = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, run_id, until_step=7))
    result = slices.advance_slice(request_for(store, run_id, seconds=0.0, checkpoint=True, release=True))
    assert result.saved
    assert run_id not in STATE_CACHE
    assert loop.load(store.checkpoint(run_id)).step == 7


@pytest.mark.parametrize("stopping", [False, True])
def test_a_run_that_has_ended_is_forgotten_and_goes_on_from_the_store(store, stopping):
    run_id = store.create_run(SPEC, "ana")
    slices.advance_slice(request_for(store, run_id, until_step=7))
    assert slices.advance_slice(request_for(store, run_id, stopping=stopping)).outcome == "ended"
    assert not STATE_CACHE, "however many end, a worker does not grow by them"
    more = request_for(store, run_id, again=True, epochs=SPEC.epochs + 1)
    assert slices.advance_slice(more).outcome == "ended"


@pytest.mark.slow
def test_runs_that_do_not_fit_into_memory_are_saved_first(store, monkeypatch):
    monkeypatch.setattr(state_cache, "BYTES", 2.5 * SPEC.parameter_count * state_cache.BYTES_A_PARAMETER)
    runs = [store.create_run(SPEC, "ana") for _ in range(4)]
    for step in (3, 6, 9):
        for run_id in runs:
            assert slices.advance_slice(request_for(store, run_id, until_step=step)).step == step
            assert len(STATE_CACHE) <= 2
    for run_id in runs:
        slices.advance_slice(request_for(store, run_id))
        assert same_weights(store.checkpoint(run_id), trained())


def test_an_encoder_comes_from_a_run_or_from_a_shipped_model(store, tmp_path, monkeypatch):
    size = {"train_size": 500, "validation_size": 0, "hidden_sizes": [8], "epochs": 1}
    source = read_spec({"architecture": "ff_autoencoder", **size})
    run_id = store.create_run(source, "ana")
    slices.advance_slice(request_for(store, run_id))
    monkeypatch.setattr(folders, "SHIPPED_MODELS", tmp_path)
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "model.safetensors").write_bytes(loop.weights(trained(source)))
    frozen = {"architecture": "ff_autoencoder", "frozen": True}
    for origin in ({"origin": "run", "id": run_id}, {"origin": "model", "id": "shipped"}):
        spec = read_spec({"architecture": "encoder_classifier", **size, "encoder": {**frozen, **origin}})
        classifier = store.create_run(spec, "ana")
        assert slices.advance_slice(request_for(store, classifier)).outcome == "ended"
        weights = loop.load(store.checkpoint(classifier)).model.encoder.latent.weight
        assert torch.equal(weights, trained(source).model.encoder.latent.weight)
    for name in ("gone", "..", "shipped/..", "/etc"):
        spec = spec.changed(encoder={**frozen, "origin": "model", "id": name})
        result = slices.advance_slice(request_for(store, store.create_run(spec, "ana")))
        assert "no longer there" in str(result.reason)


@pytest.mark.parametrize("architecture", ["ff_autoencoder", "ff_classifier"])
def test_a_network_is_asked_as_it_is_now(store, architecture):
    spec = read_spec(
        {"architecture": architecture, "train_size": 500, "validation_size": 0, "hidden_sizes": [8]}
    )
    run_id = store.create_run(spec, "ana")
    slices.advance_slice(request_for(store, run_id, until_step=22))
    garments = list(fashion_mnist.snapshot_indices(fashion_mnist.load()))
    asked = {"store_url": store.url, "run_id": run_id, "indices": garments}
    frames = {frame.step: store.snapshot_outputs(run_id, frame.step) for frame in store.snapshots(run_id)}
    step = max(frames)
    np.testing.assert_array_equal(queries.reconstruct(**asked), frames[step])
    slices.advance_slice(request_for(store, run_id, until_step=24))
    live = queries.reconstruct(**asked)
    STATE_CACHE.clear()
    slices.advance_slice(request_for(store, run_id, seconds=0.0, checkpoint=True, lease=store.claim(run_id)))
    assert live.shape == frames[step].shape
    assert (live != frames[step]).any()
    refused = slices.ask("reconstruct", {**asked, "run_id": store.create_run(spec, "ana")})
    assert "no weights" in str(refused.refusal[0])


@pytest.mark.slow
def test_queries_are_answered_while_a_time_slice_trains(store):
    run_id = store.create_run(SPEC.changed(epochs=500), "ana")
    time_slice = threading.Thread(target=slices.advance_slice, args=[request_for(store, run_id, seconds=2.0)])
    time_slice.start()
    times = []
    while time_slice.is_alive():
        began = time.perf_counter()
        if run_id in STATE_CACHE:
            arguments = {"store_url": store.url, "run_id": run_id, "indices": [0]}
            slices.ask("reconstruct", arguments)
            times.append(time.perf_counter() - began)
        time.sleep(0.05)  # as a page leaves pauses between its queries
    assert len(times) > 3
    assert np.median(times) < 1.0


@pytest.mark.slow
def test_training_gives_way_to_queries_for_no_longer_than_it_trains(store):
    run_id = store.create_run(SPEC.changed(epochs=500), "ana")
    began = time.perf_counter()
    with query_under_way():
        slices.advance_slice(request_for(store, run_id, seconds=2.0))
    took = time.perf_counter() - began
    trained = store.run(run_id).seconds
    assert 0.3 < trained / took < 0.8


def test_training_goes_on_as_soon_as_the_last_query_is_answered(monkeypatch):
    for name in ("GIVEN_WAY_SECONDS", "_may_give_way"):
        monkeypatch.setattr(threads, name, 20.0)
    first, second = (threading.Event() for _ in range(2))

    def answer(end: threading.Event) -> None:
        with query_under_way():
            end.wait(20)

    queries = [threading.Thread(target=answer, args=[end]) for end in (first, second)]
    for query in queries:
        query.start()
    gave_way = threading.Thread(target=give_way, args=[0.0])
    gave_way.start()
    first.set()
    queries[0].join()
    gave_way.join(0.1)
    assert gave_way.is_alive(), "one is still under way"
    second.set()
    gave_way.join(5)
    assert not gave_way.is_alive()
    assert not threads.should_give_way()


def test_training_stops_after_the_batch_in_which_a_query_came_and_owes_no_more_than_it_trained(monkeypatch):
    monkeypatch.setattr(threads, "_may_give_way", 0.05)
    assert not threads.should_give_way(), "nothing is asked"
    state = loop.start(SPEC.changed(epochs=500))
    list(loop.advance(state, loop.Budget(batches=1), threads.should_give_way))
    with query_under_way():
        assert threads.should_give_way()
        list(loop.advance(state, loop.Budget(seconds=5.0), threads.should_give_way))
        assert state.step == 2
        began = time.perf_counter()
        give_way(0.0)
        assert time.perf_counter() - began >= 0.05
        assert not threads.should_give_way(), "it has given way for as long as it may"
        list(loop.advance(state, loop.Budget(batches=2), threads.should_give_way))
        assert state.step == 4
        give_way(100.0)
        assert threads._may_give_way <= 0, "at most so long at once, however long it has trained"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness of its own")
def test_training_gives_way_to_the_answers_of_its_own_process():
    here = os.getpriority(os.PRIO_PROCESS, 0)
    training = threads.TRAINER.submit(os.getpriority, os.PRIO_PROCESS, 0).result()
    assert training == min(19, here + threads.TRAINING_NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, 0) == here


def test_a_forecast_is_of_the_order_of_the_truth():
    spec = SPEC.changed(train_size=5000, epochs=2)
    batch, image = queries.forecast(spec.to_json(), threads=1)
    seconds = trained(spec).seconds
    forecast = spec.total_steps * batch + (2 * (5000 + 200) + 1000) * image
    assert forecast / 4 < seconds < forecast * 4, "within what others on the machine may take away"


def test_on_a_disk_that_is_nearly_full_a_run_rests_and_is_saved(store, monkeypatch):
    run_id = store.create_run(SPEC.changed(epochs=500), "ana")
    slices.advance_slice(request_for(store, run_id, until_step=7))
    monkeypatch.setenv("FMNIST_FREE_MB", str(10**9))
    result = slices.advance_slice(request_for(store, run_id))
    assert result.outcome == "waiting"
    assert "must stay free" in str(result.reason)
    assert store.run(run_id).step == 7
    saved = slices.advance_slice(request_for(store, run_id, seconds=0.0, checkpoint=True))
    assert (saved.outcome, saved.saved) == ("advanced", True)
    assert loop.load(store.checkpoint(run_id)).step == 7
    monkeypatch.delenv("FMNIST_FREE_MB")
    assert slices.advance_slice(request_for(store, run_id, until_step=9)).step == 9
