"""Holds the runs that are open in this process: what learners want of each, where its state lies, its status.

Learners call from any thread, the dispatcher from its own; one lock keeps a run's job and its status in step.
A run may be deleted, end or be taken over by another process at any moment: so what a method needs to know of
it is read under the lock, and a run that is gone is no error to the dispatcher.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Literal

from fmnist_core.engine.job import ALWAYS_THE_SAME, OVERTAXING, WORKER_LOST, Job, can_train, job_of
from fmnist_core.engine.scheduling import Candidate, TimeSlice, move
from fmnist_core.engine.status_writes import StatusWrites
from fmnist_core.messages import Replaying, SliceRequest, SliceResult
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store.leases import Leases
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.runs import Run, RunNotFound, StaleLease, Store, StoreError
from fmnist_core.store.status import OPEN

ROTATE_SECONDS = 10.0


class ActiveRuns:
    """The open runs of one store in this process, whose time slices take `slice_seconds`."""

    def __init__(self, store: Store, slice_seconds: float) -> None:
        self.leases = Leases(store.database)
        self._store = store
        self._slice_seconds = slice_seconds
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._number = 0  # of the latest time slice
        self._served: dict[str, int] = {}  # by learner, the number of the latest time slice
        self._statuses = StatusWrites(store)
        self._moved_at = 0.0
        self._parked = False

    @property
    def trouble(self) -> Sentence | None:
        """What the store last refused, for as long as a status waits to be written."""
        return self._statuses.trouble

    # What learners want. Each raises `StoreError`s: `RunNotFound` for a run that is gone.

    def open(self) -> bool:
        """Trains every run that should be training and that nobody trains; whether there is one."""
        some = False
        for run_id in self.leases.free_runs():
            with self._lock, suppress(RunNotFound, Unreadable):  # since the list was made, or ever
                if not (self._parked or run_id in self._jobs or run_id in self._statuses):
                    self.train(run_id)
                    some = True
        return some

    def train(self, run_id: str, stride: Literal["batch", "epoch"] | None = None) -> None:
        """The run trains on; with a stride, for one batch or to the end of the epoch, and then rests.

        One that has ended meanwhile stays as it is; one that failed goes on from its last checkpoint.
        """
        with self._lock:
            run = self.run(run_id)
            if not can_train(run) or not self._is_mine(run, stride or "train"):
                return
            job = self._job(run)
            if run.status not in OPEN:
                self._statuses.write(run_id, "running")
            job.queued = run.status == "queued"
            job.goal, job.stride, job.until_step = "train", stride, None
            job.tried_at_once()

    def rest(self, run_id: str) -> None:
        """The run trains no more for now. One that has ended meanwhile stays as it is."""
        with self._lock:
            run = self.run(run_id)
            if run.status in OPEN and self._is_mine(run, "rest"):
                self._job(run).rest()
                self._statuses.write(run_id, "paused")

    def stop(self, run_id: str) -> None:
        """Training is over; time slices go on until the test is done."""
        with self._lock:
            run = self.run(run_id)
            if run.status in (*OPEN, "paused") and self._is_mine(run, "stop"):
                job = self._job(run)
                job.rest()
                job.goal = "stop"
                job.tried_at_once()
                self._statuses.write(run_id, "running")

    def extend(self, run_id: str, spec: RunSpec) -> None:
        """The run has more epochs now; one that was over goes on."""
        with self._lock:
            run = self.run(run_id)
            if not self._is_mine(run, "extend", spec.model_dump_json()):
                return
            self._store.set_spec(run_id, spec)
            job = self._job(run)
            job.spec, job.again = spec, True
            if run.status not in (*OPEN, "paused"):
                self._statuses.write(run_id, "queued")
                job.goal, job.queued = "train", True

    def set_learning_rate(self, run_id: str, learning_rate: float) -> None:
        """From the run's next batch on. One that has ended meanwhile stays as it is."""
        with self._lock:
            run = self.run(run_id)
            changes = run.status in (*OPEN, "paused")
            if changes and self._is_mine(run, "learning_rate", repr(learning_rate)):
                self._job(run).learning_rate = learning_rate

    def park(self) -> None:
        """All runs rest from now on, so that their states are saved, for another server to go on with."""
        with self._lock:
            self._parked = True
            for job in self._jobs.values():
                if job.goal == "stop":
                    with suppress(StoreError):  # then it trains on, and can be stopped again
                        self.leases.hand_on(job.run_id, "stop")
                elif job.stride is not None or job.until_step is not None:
                    self._statuses.write_soon(job.run_id, "paused")
                job.rest()

    def is_saved(self) -> bool:
        """Whether the store has all that there is of every run, as far as it takes it."""
        now = time.monotonic()
        with self._lock:
            self._statuses.flush()
            return not any(job.is_control_request and job.not_before <= now for job in self._jobs.values())

    def delete(self, run_id: str) -> None:
        """The run is no more, neither here nor in the store."""
        with self._lock:
            try:
                self._store.delete(run_id)
            except RunNotFound:
                self._drop(run_id)
                raise
            self._drop(run_id)

    # What pages ask.

    def run(self, run_id: str) -> Run:
        """The run as it will stand once what waits to be written is. Raises `StoreError`s."""
        with self._lock:
            return self._statuses.written_to(self._store.run(run_id))

    def is_stopping(self, run_id: str) -> bool:
        """Whether the run was told to stop, and its test is still to come."""
        job = self._jobs.get(run_id)
        return job is not None and job.goal == "stop"

    def waiting(self, run_id: str) -> Sentence | None:
        """What keeps the run from training for now, if anything does that may pass by itself."""
        job = self._jobs.get(run_id)
        return None if job is None or job.goal == "rest" else job.waiting

    def replaying(self, run_id: str) -> Replaying | None:
        """How far the parent of a branch has been trained again, while that is under way."""
        job = self._jobs.get(run_id)
        return job.replaying if job else None

    def speed(self, run_id: str) -> tuple[float, float] | None:
        """Images a second of late, and seconds to the end at that speed; `None` before that can be said."""
        with self._lock:
            job = self._jobs.get(run_id)
            return job.speed() if job else None

    def learners(self) -> set[str]:
        """Those who have a run that wants to train."""
        with self._lock:
            return {job.learner for job in self._jobs.values() if job.goal != "rest"}

    def training(self, learner: str | None = None) -> int:
        """How many runs want to train, of one learner or of all."""
        with self._lock:
            wanting = (job for job in self._jobs.values() if job.goal != "rest")
            return sum(learner in (None, job.learner) for job in wanting)

    def worker_of(self, run_id: str) -> str | None:
        """The worker that holds the run's state, if one does."""
        job = self._jobs.get(run_id)
        return job.worker if job else None

    # What the dispatcher calls. None of these raises `LabError`s.

    def candidates(self) -> list[Candidate]:
        """The runs that want a time slice now. Also writes what the store has refused before."""
        now = time.monotonic()
        with self._lock:
            self._statuses.flush()
            return [
                job.candidate() for job in self._jobs.values() if job.wants_a_slice and job.not_before <= now
            ]

    def served(self) -> dict[str, int]:
        """By learner, the number of the latest time slice that was theirs."""
        with self._lock:
            return dict(self._served)

    def resting(self, run_ids: Collection[str]) -> list[str]:
        """Which of these want no more training, so that their time slices should end."""
        with self._lock:
            return [i for i in run_ids if i not in self._jobs or self._jobs[i].goal == "rest"]

    def begin(self, time_slice: TimeSlice, full_data: bool) -> SliceRequest | None:
        """The request for a time slice that begins now, or `None` if there is to be none after all."""
        with self._lock:
            job = self._jobs.get(time_slice.run_id)
            if job is None or not job.wants_a_slice:  # deleted, or paused, since it was a candidate
                return None
            try:
                if not job.lease:
                    job.lease = self._store.claim(job.run_id, self.leases.holder)
                    job.worker, job.since = time_slice.worker, self._number
                if job.queued and not job.is_control_request:
                    self._statuses.write(job.run_id, "running")
                    job.queued = False
            except (RunNotFound, StaleLease):
                self._drop(job.run_id)
                return None
            except StoreError as error:
                self._statuses.trouble = error.sentence
                job.wait(error.sentence)
                return None
            self._number += 1
            if not job.is_control_request:
                job.served = self._served[job.learner] = self._number
            return job.request(time_slice, self._number, self._store.url, self._slice_seconds, full_data)

    def on_result(self, request: SliceRequest, result: SliceResult) -> tuple[RunSpec, float] | None:
        """Takes over how a time slice ended. Returns seconds a batch, if it was nothing but training."""
        with self._lock:
            job = self._jobs.get(request.run_id)
            if job is None or job.lease != request.lease:
                return None
            measured = None
            match result.outcome:
                case "lost":
                    self._drop(job.run_id)
                case "failed":
                    self._fail(job, result.reason)
                case "waiting":
                    job.saved = False
                    if job.met(result.error) and self._is_alone_with(job):
                        self._fail(job, ALWAYS_THE_SAME)
                    else:
                        self._wait(job, result.reason or WORKER_LOST)
                case "advanced" | "ended":
                    if job.goes_well(result) and job.goal != "rest" and result.outcome == "advanced":
                        self._statuses.write_soon(job.run_id, "running", job.replay_in_words(result))
                    if seconds := job.batch_seconds(result):
                        measured = job.spec, seconds
                    job.on_result(request, result)
                    if result.outcome == "ended":
                        self._ended(job)
                    elif result.reached and job.until_step == request.until_step:
                        job.rest()
                        self._statuses.write_soon(job.run_id, "paused")
            return measured

    def killed(self, request: SliceRequest, out_of_memory: bool) -> None:
        """The worker died, or fell silent, in this time slice; memory is known to have run out, or not."""
        with self._lock:
            if (job := self._jobs.get(request.run_id)) is None:
                return
            # Its lease may be another by now: that a worker is gone may be seen before it is told why.
            job.lost_workers.add(job.seconds, out_of_memory)
            if job.lost_workers.prove_too_much_memory:
                self._fail(job, OVERTAXING)
            elif pause := job.lost_workers.pause:
                self._wait(job, WORKER_LOST, pause)

    def put_off(self, run_id: str, reason: Sentence) -> None:
        """The run could not be trained, for this reason, and is tried again after a pause."""
        with self._lock:
            if (job := self._jobs.get(run_id)) is not None:
                self._wait(job, reason)

    def unbind(self, workers: Collection[str]) -> None:
        """Only these workers are still there; what others held goes on from the store."""
        with self._lock:
            for job in self._jobs.values():
                job.keep_to(workers)

    def balance(self, workers: Collection[str]) -> None:
        """Makes the loads of workers more even, by one move at a time."""
        with self._lock:
            if any(job.destination for job in self._jobs.values()):
                return
            rotate = time.monotonic() - self._moved_at > ROTATE_SECONDS
            # A branch that moved in the middle of its replay would begin that anew.
            training = [
                candidate
                for candidate in self.candidates()
                if not candidate.control_request and not self._jobs[candidate.run_id].replaying
            ]
            if (best_move := move(training, workers, rotate)) is not None:
                run_id, destination = best_move
                self._jobs[run_id].destination = destination  # still under the lock of `candidates`
                self._moved_at = time.monotonic()

    def _is_mine(self, run: Run, change: str, argument: str | None = None) -> bool:
        """Whether this server holds the run, or does from now on; else the change is left to the holder."""
        if not self._parked and (run.holder == self.leases.holder or self.leases.take(run.id)):
            return True
        if not self._parked:
            self._drop(run.id)
        self.leases.hand_on(run.id, change, argument)
        return False

    def _job(self, run: Run) -> Job:
        """The run's job, made if there is none. Whatever trained the run before does so no more."""
        if run.id not in self._jobs:
            if run.status == "running":
                self._store.claim(run.id, self.leases.holder)
            self._jobs[run.id] = job_of(run)
        return self._jobs[run.id]

    def _drop(self, run_id: str) -> None:
        self._jobs.pop(run_id, None)
        self._statuses.forget(run_id)

    def _ended(self, job: Job) -> None:
        if job.again and job.goal != "stop":  # more epochs were asked for while the last ones went by
            self._statuses.write_soon(job.run_id, "paused" if job.goal == "rest" else "running")
            return
        # The worker wrote the end's status with the end itself. What a learner pressed between that and now
        # may have written another over it.
        self._jobs.pop(job.run_id)
        self._statuses.write_end_soon(job.run_id)

    def _wait(self, job: Job, reason: Sentence, at_least: float = 0.0) -> None:
        job.wait(reason, at_least)
        if job.goal != "rest":
            self._statuses.write_soon(job.run_id, "running", reason)  # for those who look from another server

    def _is_alone_with(self, job: Job) -> bool:
        """Whether no other run meets the job's error: what several meet lies in no run, and may pass."""
        return not any(other.error == job.error for other in self._jobs.values() if other is not job)

    def _fail(self, job: Job, reason: Sentence | None) -> None:
        self._jobs.pop(job.run_id)
        self._statuses.write_soon(job.run_id, "failed", reason)
