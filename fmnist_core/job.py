"""A run in the dispatcher's eyes: what is wanted of it, where its state lies, what its next turn carries."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from fmnist_core.orders import SliceOrder, SliceReport
from fmnist_core.schedule import NEVER, Entrant, Turn
from fmnist_core.spec import RunSpec
from fmnist_core.store import Run

Goal = Literal["rest", "train", "stop"]

FIRST_SECONDS = (0.1, 0.2)  # so that the first points are on the page at once
PACE_SECONDS = 10.0
DEADLY = 3
DEADLY_SECONDS = 10.0


@dataclass
class Job:
    """`worker` holds the run's state under `lease`, unless that is 0; it has had turns there from `since` on.

    `saved`: the store holds the latest state. `stride` asks for one batch or one epoch, which becomes
    `until_step` once it is known where the run stands. `destination`: it should move to that worker.
    `deaths` counts the workers that died of it in a row, the latest at `died_at` seconds of training.
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
    turns: int = 0
    saved: bool = True
    destination: str | None = None
    not_before: float = 0.0
    deaths: int = 0
    died_at: float = 0.0
    pace: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def is_errand(self) -> bool:
        """No training is wanted, only word with a worker: to save, to move, to change a setting."""
        if self.goal == "rest":
            return self.learning_rate is not None or (self.worker is not None and not self.saved)
        return self.destination is not None

    @property
    def wants_a_turn(self) -> bool:
        return self.goal != "rest" or self.is_errand

    def entrant(self) -> Entrant:
        return Entrant(self.run_id, self.learner, self.worker, self.since, self.served, self.is_errand)

    def order(self, turn: Turn, number: int, store_url: str, seconds: float, full_data: bool) -> SliceOrder:
        """What to say in turn `number` of the lab."""
        if self.stride is not None:
            epoch_end = (self.step // self.spec.steps_per_epoch + 1) * self.spec.steps_per_epoch
            self.until_step = self.step + 1 if self.stride == "batch" else epoch_end
            self.stride = None
        errand = self.is_errand
        first = FIRST_SECONDS[self.turns] if self.turns < len(FIRST_SECONDS) else seconds
        return SliceOrder(
            turn=f"{self.run_id} {self.lease} {number}",
            store_url=store_url,
            run_id=self.run_id,
            lease=self.lease,
            threads=turn.threads,
            seconds=0.0 if errand else min(first, seconds),
            epochs=self.spec.epochs,
            full_data=full_data,
            until_step=self.until_step,
            learning_rate=self.learning_rate,
            again=self.again,
            stopping=self.goal == "stop",
            checkpoint=errand,
            release=self.destination is not None,
        )

    def heard(self, order: SliceOrder, report: SliceReport) -> None:
        """Takes over what a worker says of a turn that went well."""
        self.step, self.seconds, self.saved = report.step, report.seconds, report.saved
        if order.again and order.epochs == self.spec.epochs:
            self.again = False
        if self.learning_rate == order.learning_rate:
            self.learning_rate = None
        if order.release:
            self.worker, self.lease, self.destination = self.destination, 0, None
        if not order.checkpoint:
            self.turns += 1
            self.pace.append((time.monotonic(), self.step))
            while self.pace[-1][0] - self.pace[0][0] > PACE_SECONDS:
                self.pace.popleft()

    def batch_seconds(self, report: SliceReport) -> float | None:
        """Of the turn that is reported; `None` if it had batches of two epochs, and so an evaluation."""
        steps, size = report.step - self.step, self.spec.steps_per_epoch
        first, last = self.step % size, report.step % size
        if self.turns == 0 or not 0 < first < last or self.step // size != report.step // size:
            return None
        return (report.seconds - self.seconds) / steps

    def unbind(self) -> None:
        """Its worker is gone, and with it what was not in the store."""
        self.worker, self.lease, self.destination, self.saved = None, 0, None, True

    def killed_its_worker(self) -> bool:
        """Notes that a worker died while it trained this run; whether that has come to be too often."""
        self.deaths = self.deaths + 1 if self.seconds < self.died_at + DEADLY_SECONDS else 1
        self.died_at = self.seconds
        return self.deaths >= DEADLY

    def rest(self) -> None:
        self.goal, self.stride, self.until_step = "rest", None, None
        self.pace.clear()
        self.turns = 0

    def speed(self) -> tuple[float, float] | None:
        """Images a second of late, pauses of the turn included, and seconds to the end at that speed."""
        if len(self.pace) < 2:
            return None
        (began, first), (now, last) = self.pace[0], self.pace[-1]
        rate = (last - first) * self.spec.batch_size / (now - began)
        left = (self.spec.total_steps - self.step) * self.spec.batch_size
        return (rate, max(0.0, left / rate)) if rate > 0 else None


def job_of(run: Run) -> Job:
    """At rest. A run that had ended and is wanted again says so."""
    return Job(run.id, run.learner, run.spec, run.step, run.seconds, again=run.end_reason is not None)
