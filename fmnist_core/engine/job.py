"""What the engine knows of an open run: what is wanted of it, where its state lies, what to request next."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from fmnist_core.compute.lost_workers import FIRST_PAUSE, LONGEST_PAUSE, LostWorkers
from fmnist_core.engine.scheduling import NEVER, Candidate, TimeSlice
from fmnist_core.messages import Replaying, SliceRequest, SliceResult
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN

Goal = Literal["rest", "train", "stop"]

FIRST_SECONDS = (0.1, 0.2)  # so that the first points are on the page at once
THROUGHPUT_SECONDS = 10.0
PROVEN = 5  # times that one error comes in a row, over 15 s of pauses, before it lies in the run

OVERTAXING = Sentence(
    "This run has ended its worker three times, because it needs more memory than there is. "
    "Use a smaller batch or a smaller hidden size, or turn pooling on."
)
ALWAYS_THE_SAME = Sentence(
    "Training this run meets the same error at the same place, however often it is tried. It is no fault of "
    "yours: please report it; the server's log has the details. Branch from an earlier point, or start a run "
    "with other settings; Resume tries once more."
)
WORKER_LOST = Sentence(
    "The worker that trained this run has ended, not for the first time. Training goes on by itself from the "
    "last state that was saved."
)


@dataclass
class Job:
    """`worker` holds the run's state under `lease`, unless that is 0; it has trained there from `since` on.

    `saved`: the store holds the latest state. `stride` asks for one batch or one epoch, which becomes
    `until_step` once it is known where the run stands. `destination`: it should move to that worker.
    `replaying`: it is trained again up to where it goes on, and has come so far; a branch, its parent.
    While something that may pass stands in the way, `waiting` says what, and the run is tried again after
    `pause` seconds, ever more. `error` is the unexpected one that has come `error_count` times in a row, with
    nothing trained between.
    """

    run_id: str
    learner: str
    spec: RunSpec
    step: int
    seconds: float
    goal: Goal = "rest"
    queued: bool = False
    again: bool = False
    stride: Literal["batch", "epoch"] | None = None
    until_step: int | None = None
    learning_rate: float | None = None
    worker: str | None = None
    lease: int = 0
    since: int = NEVER
    served: int = NEVER
    time_slices: int = 0
    saved: bool = True
    destination: str | None = None
    replaying: Replaying | None = None
    not_before: float = 0.0
    waiting: Sentence | None = None
    pause: float = 0.0
    error: str | None = None
    error_count: int = 0
    error_step: int = -1
    lost_workers: LostWorkers = field(default_factory=LostWorkers)
    throughput: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def is_control_request(self) -> bool:
        """No training is wanted, only something of its worker: to save, to move, to change a setting."""
        if self.goal == "rest":
            changed = self.learning_rate is not None and not self.replaying
            return changed or (self.worker is not None and not self.saved)
        return self.destination is not None and not self.replaying

    @property
    def wants_a_slice(self) -> bool:
        return self.goal != "rest" or self.is_control_request

    def candidate(self) -> Candidate:
        return Candidate(
            self.run_id, self.learner, self.worker, self.since, self.served, self.is_control_request
        )

    def request(
        self, time_slice: TimeSlice, number: int, store_url: str, seconds: float, full_data: bool
    ) -> SliceRequest:
        """What to ask of the worker in time slice `number` of the lab."""
        if self.stride is not None:
            epoch_end = (self.step // self.spec.steps_per_epoch + 1) * self.spec.steps_per_epoch
            self.until_step = self.step + 1 if self.stride == "batch" else epoch_end
            self.stride = None
        control_request = self.is_control_request
        first = FIRST_SECONDS[self.time_slices] if self.time_slices < len(FIRST_SECONDS) else seconds
        return SliceRequest(
            time_slice=f"{self.run_id} {self.lease} {number}",
            store_url=store_url,
            run_id=self.run_id,
            lease=self.lease,
            threads=time_slice.threads,
            seconds=0.0 if control_request else min(first, seconds),
            epochs=self.spec.epochs,
            full_data=full_data,
            until_step=self.until_step,
            learning_rate=self.learning_rate,
            again=self.again,
            stopping=self.goal == "stop",
            checkpoint=control_request,
            release=self.destination is not None,
        )

    def on_result(self, request: SliceRequest, result: SliceResult) -> None:
        """Takes over where a time slice that went well has brought the run."""
        self.replaying = result.replaying
        if result.replaying:
            return
        self.step, self.seconds, self.saved = result.step, result.seconds, result.saved
        if request.again and request.epochs == self.spec.epochs:
            self.again = False
        if self.learning_rate == request.learning_rate:
            self.learning_rate = None
        if request.release:
            self.worker, self.lease, self.destination = self.destination, 0, None
        if not request.checkpoint:
            self.time_slices += 1
            self.throughput.append((time.monotonic(), self.step))
            while self.throughput[-1][0] - self.throughput[0][0] > THROUGHPUT_SECONDS:
                self.throughput.popleft()

    def batch_seconds(self, result: SliceResult) -> float | None:
        """Of this time slice; `None` if it had batches of two epochs, and so an evaluation."""
        steps, size = result.step - self.step, self.spec.steps_per_epoch
        first, last = self.step % size, result.step % size
        if self.time_slices == 0 or not 0 < first < last or self.step // size != result.step // size:
            return None
        return (result.seconds - self.seconds) / steps

    def unbind(self) -> None:
        """Its worker is gone, and with it what was not in the store."""
        self.worker, self.lease, self.destination, self.saved = None, 0, None, True

    def keep_to(self, workers: Collection[str]) -> None:
        """Only these are still there."""
        if self.worker is not None and self.worker not in workers:
            self.unbind()
        elif self.destination not in workers:
            self.destination = None

    def wait(self, reason: Sentence, at_least: float = 0.0) -> None:
        """Puts the run off, each time for longer, until a time slice goes well."""
        self.pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self.pause, at_least))
        self.waiting, self.not_before = reason, time.monotonic() + self.pause

    def goes_well(self, result: SliceResult) -> bool:
        """A time slice was trained; whether that changes what is said of the run, which had waited until then
        or is trained again.

        An error is behind the run only where training is past it: what went well before is but repeated.
        """
        waited, self.waiting = self.waiting is not None, None
        if self.error is None or result.step > self.error_step:
            self.error, self.error_count, self.pause = None, 0, 0.0
        return waited or self.replaying != result.replaying

    def replay_in_words(self, result: SliceResult) -> Sentence | None:
        """How far the run is trained again, for those who look from another server."""
        return result.replaying.in_words(is_branch=self.step == 0) if result.replaying else None

    def met(self, error: str | None) -> bool:
        """Notes an unexpected error, if it was one; whether the same has come so often that it will again."""
        self.error_count = self.error_count + 1 if error == self.error else 1
        self.error, self.error_step = error, max(self.error_step, self.step)
        return error is not None and self.error_count >= PROVEN

    def tried_at_once(self) -> None:
        """A learner has asked for it, so no pause is waited for."""
        self.pause = self.not_before = 0.0

    def rest(self) -> None:
        self.goal, self.stride, self.until_step = "rest", None, None
        self.throughput.clear()
        self.time_slices = 0

    def speed(self) -> tuple[float, float] | None:
        """Images a second of late, between time slices too, and seconds to the end at that speed."""
        if len(self.throughput) < 2:
            return None
        (began, first), (now, last) = self.throughput[0], self.throughput[-1]
        rate = (last - first) * self.spec.batch_size / (now - began)
        left = (self.spec.total_steps - self.step) * self.spec.batch_size
        return (rate, max(0.0, left / rate)) if rate > 0 else None


def job_of(run: Run) -> Job:
    """At rest. A run that had ended and is wanted again says so; what another server saw it wait for holds
    until it trains here.
    """
    waiting = run.reason if run.status in OPEN else None
    again = run.end_reason is not None
    return Job(run.id, run.learner, run.spec, run.step, run.seconds, again=again, waiting=waiting)


def can_train(run: Run) -> bool:
    """Whether training can go on where the run stands: it is open, rests, or failed and may try again.

    Not where the weights have overflowed: they stay so.
    """
    return run.status in (*OPEN, "paused") or (run.status == "failed" and run.end_reason != "diverged")
