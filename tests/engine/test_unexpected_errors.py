"""An unexpected error is tried again after growing pauses; only one proven to lie in the run ends it."""

import pytest

from fmnist_core.engine import job
from fmnist_core.engine.active_runs import ActiveRuns
from fmnist_core.engine.job import ALWAYS_THE_SAME, LONGEST_PAUSE, PROVEN
from fmnist_core.engine.scheduling import TimeSlice
from fmnist_core.messages import SliceResult
from fmnist_core.sentences import Sentence
from fmnist_core.store.runs import Store
from tests.engine.live_runs import LONG

ERROR = "ZeroDivisionError at loop.py:1: division by zero"
TRIED_AGAIN = Sentence("It is tried again.")


@pytest.fixture
def store(own_store: Store) -> Store:
    return own_store


@pytest.fixture
def active_runs(store: Store) -> ActiveRuns:
    return ActiveRuns(store, slice_seconds=0.2)


def started(store: Store, active_runs: ActiveRuns) -> str:
    run_id = store.create_run(LONG, "ana", holder=active_runs.leases.holder)
    active_runs.train(run_id)
    return run_id


def meets(active_runs: ActiveRuns, run_id: str, error: str | None) -> None:
    request = active_runs.begin(TimeSlice(run_id, "w1", 1), full_data=False)
    active_runs.on_result(request, SliceResult("waiting", reason=TRIED_AGAIN, error=error))


def advances(active_runs: ActiveRuns, run_id: str, step: int) -> None:
    request = active_runs.begin(TimeSlice(run_id, "w1", 1), full_data=False)
    active_runs.on_result(request, SliceResult("advanced", step, seconds=step / 10))


def test_the_same_error_again_and_again_lies_in_the_run(store, active_runs):
    run_id = started(store, active_runs)
    for _ in range(PROVEN - 1):
        meets(active_runs, run_id, ERROR)
        assert active_runs.waiting(run_id) == TRIED_AGAIN
        assert store.run(run_id).status == "running"
    meets(active_runs, run_id, ERROR)
    run = store.run(run_id)
    assert (run.status, run.reason) == ("failed", ALWAYS_THE_SAME)
    active_runs.train(run_id)  # Resume tries once more, and counts anew
    meets(active_runs, run_id, ERROR)
    assert store.run(run_id).status == "running"


def test_what_several_runs_meet_lies_in_none_of_them(store, active_runs):
    one, other = started(store, active_runs), started(store, active_runs)
    for _ in range(3 * PROVEN):
        meets(active_runs, one, ERROR)
        meets(active_runs, other, ERROR)
    assert store.run(one).status == store.run(other).status == "running"


def test_an_error_that_comes_again_where_it_came_is_proven_however_much_is_repeated(store, active_runs):
    """A run goes back to its checkpoint, and trains well up to the batch that it cannot do."""
    run_id = started(store, active_runs)
    for k in range(PROVEN):
        assert store.run(run_id).status != "failed"
        advances(active_runs, run_id, 10 - k)
        meets(active_runs, run_id, ERROR)
    assert store.run(run_id).status == "failed"


def test_training_past_it_or_another_error_proves_nothing(store, active_runs):
    run_id = started(store, active_runs)
    for k in range(3 * PROVEN):
        meets(active_runs, run_id, ERROR)
        if k % 2:
            advances(active_runs, run_id, k + 1)
    for k in range(3 * PROVEN):
        meets(active_runs, run_id, f"{ERROR} {k}")
    for _ in range(3 * PROVEN):  # the store refuses, or the disk is gone: no error of training's own
        meets(active_runs, run_id, None)
    assert store.run(run_id).status == "running"


def test_pauses_grow_and_are_bounded(monkeypatch, store, active_runs):
    now = [100.0]
    monkeypatch.setattr(job.time, "monotonic", lambda: now[0])
    run_id = started(store, active_runs)
    pauses = []
    for _ in range(7):
        meets(active_runs, run_id, None)
        asked_at = now[0]
        while run_id not in {candidate.run_id for candidate in active_runs.candidates()}:
            now[0] += 0.5
        pauses.append(now[0] - asked_at)
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
