"""The laws of open runs, in any order of what learners press, workers report and other processes do."""

import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fmnist_core.engine import job, status_writes
from fmnist_core.engine.active_runs import ActiveRuns
from fmnist_core.engine.scheduling import TimeSlice
from fmnist_core.events import Finished
from fmnist_core.messages import Replaying, SliceRequest, SliceResult
from fmnist_core.sentences import Sentence
from fmnist_core.store.runs import RunNotFound, StaleLease, Store, StoreError
from tests.engine.live_runs import SHORT

WORKERS = ("w1", "w2")
OPEN = {"queued", "running"}


@pytest.fixture
def store(own_store: Store) -> Store:
    return own_store


@pytest.fixture
def active_runs(store):
    return ActiveRuns(store, slice_seconds=0.2)


def begun(active_runs: ActiveRuns, run_id: str, worker: str = "w1"):
    return active_runs.begin(TimeSlice(run_id, worker, 1), full_data=False)


def written(store: Store, request: SliceRequest, outcome: str, reason: str = "epochs") -> SliceResult:
    """What a worker writes in a time slice, and its result. Raises `StaleLease` and `RunNotFound`."""
    place, step = (request.run_id, request.lease), request.until_step or 1
    if outcome == "ended":
        reason = "stopped" if request.stopping else reason
        events = [Finished(60, 3, reason, 0.5, 0.8, None, None)]
        store.write_slice(*place, events, step=60, epoch=3, seconds=1.0, checkpoint=b"end")
        return SliceResult("ended", 60, 3, 1.0, saved=True, end_reason=reason)
    store.write_slice(*place, [], step=step, epoch=0, seconds=0.1)
    reason = Sentence("No.") if outcome in ("failed", "waiting") else None
    return SliceResult(outcome, step, 0, 0.1, request.until_step is not None, True, reason=reason)


def test_a_run_deleted_after_it_was_a_candidate_gets_no_time_slice(active_runs, store):
    run_id = store.create_run(SHORT, "ana")
    active_runs.train(run_id)
    assert [candidate.run_id for candidate in active_runs.candidates()] == [run_id]
    active_runs.delete(run_id)
    assert begun(active_runs, run_id) is None
    with pytest.raises(RunNotFound):
        active_runs.delete(run_id)


def test_a_run_paused_after_it_was_a_candidate_gets_no_time_slice(active_runs, store):
    run_id = store.create_run(SHORT, "ana")
    active_runs.train(run_id)
    active_runs.rest(run_id)
    assert begun(active_runs, run_id) is None
    assert store.run(run_id).status == "paused"


def test_one_deleted_run_keeps_no_other_from_being_opened(active_runs, store, monkeypatch):
    gone, other = store.create_run(SHORT, "ana", status="running"), store.create_run(SHORT, "ana")
    listed = store.runs(statuses=OPEN)
    store.delete(gone)
    monkeypatch.setattr(store, "runs", lambda **_: listed)  # as they were a moment ago
    active_runs.open()
    assert [candidate.run_id for candidate in active_runs.candidates()] == [other]


def test_what_a_run_waited_for_under_a_server_that_is_gone_is_said_until_it_trains(active_runs, store):
    run_id = store.create_run(SHORT, "ana")
    store.set_status(run_id, "running", job.WORKER_LOST)
    active_runs.open()
    assert active_runs.waiting(run_id) == job.WORKER_LOST
    assert [candidate.run_id for candidate in active_runs.candidates()] == [run_id], "nothing is waited for"
    request = begun(active_runs, run_id)
    active_runs.on_result(request, written(store, request, "advanced"))
    assert active_runs.waiting(run_id) is None
    assert store.run(run_id).reason is None


def test_a_replay_is_told_to_those_who_look_from_another_server(active_runs, store):
    run_id = store.create_run(SHORT, "ana")
    active_runs.train(run_id)
    for step in (3, 7):
        request = begun(active_runs, run_id)
        active_runs.on_result(request, SliceResult("advanced", replaying=Replaying(0, step, 15)))
        assert f"from batch 0 and has come to batch {step}." in str(store.run(run_id).reason)
    request = begun(active_runs, run_id)
    active_runs.on_result(request, written(store, request, "advanced"))
    assert (store.run(run_id).status, store.run(run_id).reason) == ("running", None)


def test_a_replay_that_is_paused_says_no_more(active_runs, store):
    run_id = store.create_run(SHORT, "ana")
    active_runs.train(run_id)
    request = begun(active_runs, run_id)
    active_runs.rest(run_id)
    active_runs.on_result(request, SliceResult("advanced", replaying=Replaying(0, 3, 15)))
    assert (store.run(run_id).status, store.run(run_id).reason) == ("paused", None)


@pytest.mark.parametrize("press", ["rest", "train", "stop"])
def test_what_is_pressed_as_a_run_ends_changes_nothing(active_runs, store, press):
    """Between the worker's write and its result, and once more after it."""
    run_id = store.create_run(SHORT, "ana")
    active_runs.train(run_id)
    request = begun(active_runs, run_id)
    result = written(store, request, "ended")
    getattr(active_runs, press)(run_id)
    active_runs.on_result(request, result)
    getattr(active_runs, press)(run_id)
    assert store.run(run_id).status == "finished"
    assert active_runs.candidates() == []


def test_a_press_that_the_end_overtakes_leaves_the_end_standing(active_runs, store):
    """The pause is written over the worker's *finished*; the result, when it comes, sets it right."""
    run_id = store.create_run(SHORT, "ana")
    active_runs.train(run_id)
    request = begun(active_runs, run_id)
    active_runs.rest(run_id)
    store.set_status(run_id, "running")
    result = written(store, request, "ended", "diverged")
    store.set_status(run_id, "paused")
    active_runs.on_result(request, result)
    assert store.run(run_id).status == "failed"


@dataclass
class Known:
    """What the reference model knows of a run: what was wanted last, how it ended, what is under way."""

    run_id: str
    goal: str
    end: str | None = None
    deleted: bool = False
    request: SliceRequest | None = None
    worker: str = ""
    until_step: bool = False


SLOTS = st.integers(0, 1)  # few runs, so that much happens to each


class Machine(RuleBasedStateMachine):
    """Learners, two workers and another process in any order, against a real store and a reference model."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(job, "LONGEST_PAUSE", 0.0)
        self.patch.setattr(status_writes, "PUT_OFF_SECONDS", 0.0)
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(f"sqlite:///{Path(self.folder.name) / 'lab.db'}", patience=0.01)
        self.active_runs = ActiveRuns(self.store, slice_seconds=0.2)
        self.runs = [self.created(paused) for paused in (False, True)]

    def teardown(self) -> None:
        self.patch.undo()
        self.store.close()
        self.folder.cleanup()

    def created(self, paused: bool) -> Known:
        run_id = self.store.create_run(SHORT, "ana", status="paused" if paused else "queued")
        if not paused:
            self.active_runs.train(run_id)
        return Known(run_id, "rest" if paused else "train")

    def known(self) -> dict[str, Known]:
        """The runs that have not been deleted."""
        return {run.run_id: run for run in self.runs if not run.deleted}

    def press(self, run: Known, action: str, *arguments) -> None:
        """A learner's wish; of a deleted run, it is refused."""
        if run.deleted:
            with pytest.raises(RunNotFound):
                getattr(self.active_runs, action)(run.run_id, *arguments)
            return
        if action == "train" and run.end == "failed" and self.store.run(run.run_id).end_reason is None:
            run.end = None  # it is tried again
        getattr(self.active_runs, action)(run.run_id, *arguments)
        if run.end is None:
            run.goal, run.until_step = action, arguments not in ((), (None,))

    @rule(slot=SLOTS, stride=st.sampled_from([None, "batch", "epoch"]))
    def train(self, slot, stride):
        self.press(self.runs[slot], "train", stride)

    @rule(slot=SLOTS, action=st.sampled_from(["rest", "stop"]))
    def rest_or_stop(self, slot, action):
        self.press(self.runs[slot], action)

    @rule(slot=SLOTS, actions=st.lists(st.sampled_from(["rest", "train", "stop"]), min_size=1, max_size=3))
    def press_while_another_process_holds_the_database(self, slot, actions):
        """What is pressed counts at once, and is written when the database is free; or it is refused."""
        locked = sqlite3.connect(self.store.database.url.database, isolation_level=None)
        locked.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        for action in actions:
            run = self.runs[slot]
            before = run.goal, run.until_step, run.end
            try:
                self.press(run, action)
            except StoreError:
                run.goal, run.until_step, run.end = before
        assert time.monotonic() - began < 10, "the store's patience is a hundredth of a second"
        locked.execute("ROLLBACK")
        locked.close()
        self.active_runs.candidates()
        assert self.active_runs.trouble is None

    @rule(slot=SLOTS)
    def extend(self, slot):
        run = self.runs[slot]
        epochs = 1 if run.deleted else self.store.run(run.run_id).spec.epochs + 1
        goal, until_step = ("train", False) if run.end is not None else (run.goal, run.until_step)
        run.end = None
        self.press(run, "extend", SHORT.changed(epochs=epochs))
        run.goal, run.until_step = goal, until_step

    @rule(slot=SLOTS)
    def change_learning_rate(self, slot):
        run = self.runs[slot]
        goal, until_step = run.goal, run.until_step
        self.press(run, "set_learning_rate", 0.01)
        run.goal, run.until_step = goal, until_step

    @rule(slot=SLOTS, by_another_process=st.booleans())
    def delete(self, slot, by_another_process):
        run = self.runs[slot]
        if by_another_process and not run.deleted:
            self.store.delete(run.run_id)
        elif not by_another_process:
            self.press(run, "delete")
        run.deleted = True

    @precondition(lambda self: any(run.deleted and run.request is None for run in self.runs))
    @rule(paused=st.booleans())
    def create(self, paused):
        slot = next(k for k, run in enumerate(self.runs) if run.deleted and run.request is None)
        self.runs[slot] = self.created(paused)

    @rule(slot=SLOTS, worker=st.sampled_from(WORKERS))
    def begin(self, slot, worker):
        run = self.runs[slot]
        if run.request is None:  # the dispatcher sends one at a time
            candidates = {c.run_id: c for c in self.active_runs.candidates()}
            if run.run_id in candidates:
                run.worker = candidates[run.run_id].worker or worker
            run.request = begun(self.active_runs, run.run_id, run.worker or worker)

    @rule(
        slot=SLOTS,
        outcome=st.sampled_from(["advanced", "ended", "failed", "waiting"]),
        meanwhile=st.sampled_from([None, "rest", "train", "stop"]),
    )
    def result(self, slot, outcome, meanwhile):
        """A worker writes, a learner presses something, and the worker's result arrives."""
        run = self.runs[slot]
        if run.request is None:
            return
        request, run.request = run.request, None
        if request.checkpoint and outcome == "ended":
            outcome = "advanced"
        try:
            result = written(self.store, request, outcome)
        except (StaleLease, RunNotFound):
            self.active_runs.on_result(request, SliceResult("lost"))
            return
        if meanwhile is not None:
            if outcome == "ended":
                getattr(self.active_runs, meanwhile)(run.run_id)  # comes too late
            else:
                self.press(run, meanwhile)
        goes_on = outcome == "ended" and self.has_more_epochs_than(run, request)
        reached = result.reached and run.until_step and run.goal == "train"
        self.active_runs.on_result(request, result)
        if outcome in ("ended", "failed") and not goes_on:
            run.end = outcome
        elif outcome == "advanced" and reached:
            run.goal, run.until_step = "rest", False

    def has_more_epochs_than(self, run: Known, request: SliceRequest) -> bool:
        """Whether more were asked for after the request was sent, and the run was not stopped since."""
        return request.epochs < self.store.run(run.run_id).spec.epochs and run.goal != "stop"

    @rule(workers=st.sets(st.sampled_from(WORKERS)), silent=st.sampled_from([None, *WORKERS]))
    def workers_change(self, workers, silent):
        """Some are gone, and one that is there may have ended what it had under way."""
        for run in self.runs:
            if run.request is not None and (run.worker not in workers or run.worker == silent):
                self.active_runs.killed(run.request, silent is None)
                run.request = None
                if not run.deleted and self.store.run(run.run_id).status == "failed":
                    run.end = "failed"
        self.active_runs.unbind(workers - {silent})
        self.active_runs.balance(workers)

    @rule()
    def open(self):
        self.active_runs.open()

    @precondition(lambda self: not any(run.request for run in self.runs))
    @rule()
    def train_all_to_their_ends(self):
        """Whatever came before, what wants to train does, ends, and leaves nothing open behind."""
        known = self.known()
        for _ in range(10):
            for candidate in self.active_runs.candidates():
                request = begun(self.active_runs, candidate.run_id, candidate.worker or "w1")
                run = known.get(candidate.run_id)
                if request is None:
                    assert run is None
                elif run is None:  # another process has deleted it, which its worker finds out
                    self.active_runs.on_result(request, SliceResult("lost"))
                else:
                    outcome = "advanced" if request.checkpoint else "ended"
                    self.active_runs.on_result(request, written(self.store, request, outcome))
                    run.end = run.end if request.checkpoint else "ended"
        assert self.active_runs.candidates() == []
        assert self.active_runs.training() == 0

    @invariant()
    def the_store_says_what_is_wanted_of_each_run(self):
        known = self.known()
        statuses = {run.id: run.status for run in self.store.runs()}
        assert statuses.keys() == known.keys()
        for run_id, status in statuses.items():
            run = known[run_id]
            if run.end is not None:
                assert status in ("finished", "stopped", "failed")
            elif run.goal == "rest":
                assert status == "paused"
            else:
                assert status in OPEN


TestMachine = pytest.mark.slow(Machine.TestCase)
TestMachine.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
