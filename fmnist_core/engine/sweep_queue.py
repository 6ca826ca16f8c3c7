"""What learners can do with sweeps; begins their runs as places get free.

A sweep never keeps more runs open than a learner may, so time is shared as if each run had been started by
hand. What waits is in the store: a restart goes on where the lab was. It knows nothing of Dask.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from fmnist_core.data import fashion_mnist
from fmnist_core.engine.active_runs import ActiveRuns
from fmnist_core.engine.status_writes import PUT_OFF_SECONDS
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.runs import Run, RunNotFound, Store
from fmnist_core.store.status import OPEN
from fmnist_core.store.sweeps import Kind, Sweep, SweepNotFound, Sweeps

MOST_RUNS = 80
MOST_GOING = 4
# Open runs of a learner up to which more are begun.
AT_ONCE: dict[Kind, int] = {"sweep": 3, "race": 4, "lesson": 4}


class SweepError(LabError):
    """What was asked of a sweep cannot be done; the sentences say why, and what to do instead."""


class SweepQueue:
    """`trouble` is what the store last refused, for as long as a run could not be begun."""

    def __init__(
        self, store: Store, active_runs: ActiveRuns, nudge: Callable[[], None], most_in_all: int
    ) -> None:
        self.sweeps = Sweeps(store)
        self.trouble: Sentence | None = None
        self._store = store
        self._active_runs = active_runs
        self._leases = active_runs.leases
        self._nudge = nudge
        self._most_in_all = most_in_all
        self._lock = threading.RLock()
        self._going: dict[str, tuple[str, Kind]] = {}
        self._not_before = 0.0

    # What learners want. Each raises `LabError`s.

    def start(
        self, runs: Sequence[tuple[RunSpec, str]], learner: str, name: str, kind: Kind, varied: str
    ) -> str:
        """The id of a new sweep of `runs` (specs, and the names of their runs), in this order."""
        if not 1 <= len(runs) <= MOST_RUNS:
            raise too_many(len(runs))
        for spec, _name in runs:
            fashion_mnist.check(spec, fashion_mnist.load())
        encoders = {spec.encoder for spec, _name in runs if spec.encoder is not None}
        for run_id in {encoder.id for encoder in encoders if encoder.origin == "run"}:
            self._store.run(str(run_id))
        with self._lock:
            if sum(owner == learner for owner, _kind in self._going.values()) >= MOST_GOING:
                raise SweepError(
                    Sentence(
                        "You have {most} sweeps and races under way already. "
                        "Pause or stop one of them, or wait until one ends.",
                        most=MOST_GOING,
                    )
                )
            sweep_id = self.sweeps.create(learner, name, kind, varied, runs)
            self._leases.take_sweep(sweep_id, from_others=True)
            self._going[sweep_id] = learner, kind
        self._nudge()
        return sweep_id

    def pause(self, sweep_id: str, learner: str) -> None:
        """Its runs rest, and no other begins."""
        with self._lock:
            sweep = self.sweeps.own_sweep(sweep_id, learner)
            if sweep.status not in ("going", "begun"):
                return
            self._going.pop(sweep_id, None)
            open_runs = [run for run in self._runs(sweep) if run.status in OPEN]
            self.sweeps.set_status(sweep_id, "paused", hold=[run.id for run in open_runs])
            self._each(open_runs, self._active_runs.rest)
        self._nudge()

    def resume(self, sweep_id: str, learner: str) -> None:
        """Whatever of it rests goes on, also what was paused by itself."""
        with self._lock:
            sweep = self.sweeps.own_sweep(sweep_id, learner)
            if sweep.status == "stopped":
                return
            resting = [run.id for run in self._runs(sweep) if run.status == "paused"]
            self.sweeps.set_status(sweep_id, "going", hold=resting)
            self._leases.take_sweep(sweep_id, from_others=True)
            self._going[sweep_id] = sweep.learner, sweep.kind
        self._nudge()

    def stop(self, sweep_id: str, learner: str) -> None:
        """What trains or rests ends where it is, and its test follows; what waits is never begun."""
        with self._lock:
            sweep = self.sweeps.own_sweep(sweep_id, learner)
            self._going.pop(sweep_id, None)
            self.sweeps.set_status(sweep_id, "stopped")
            self._each(self._runs(sweep), self._active_runs.stop)
        self._nudge()

    # What the dispatcher does.

    def open(self) -> None:
        """Takes up every sweep that the store says should go on and that no other server feeds."""
        with self._lock:
            for sweep in self.sweeps.going():
                if sweep.id not in self._going and self._leases.take_sweep(sweep.id):
                    self._going[sweep.id] = sweep.learner, sweep.kind

    def feed(self) -> None:
        """Begins runs for which there are places. Where the store refuses, they wait a while."""
        with self._lock:
            if not self._going or time.monotonic() < self._not_before:
                return
            try:
                for sweep_id, (learner, kind) in list(self._going.items()):
                    try:
                        self._fill(sweep_id, learner, AT_ONCE[kind])
                    except SweepNotFound:  # deleted by another process
                        del self._going[sweep_id]
                self.trouble = None
            except LabError as error:
                self.trouble, self._not_before = error.sentences[0], time.monotonic() + PUT_OFF_SECONDS

    def _fill(self, sweep_id: str, learner: str, places: int) -> None:
        while (
            self._active_runs.training(learner) < places and self._active_runs.training() < self._most_in_all
        ):
            run_id = self.sweeps.begin_next(sweep_id, self._leases.holder)
            if run_id is None:
                del self._going[sweep_id]
                return
            with suppress(RunNotFound, Unreadable):  # deleted at this very moment, or of no use
                self._active_runs.train(run_id)

    def _each(self, runs: Sequence[Run], change: Callable[[str], None]) -> None:
        """The change, for each run that has not been deleted meanwhile."""
        for run in runs:
            with suppress(RunNotFound):
                change(run.id)

    def _runs(self, sweep: Sweep) -> list[Run]:
        return self._store.runs(ids=[member.run_id for member in sweep.members if member.run_id])


def too_many(runs: int) -> SweepError:
    """Also for a page that has counted them before any was made."""
    return SweepError(
        Sentence(
            "This would be {runs:,} runs; one sweep takes from 1 to {most}. Choose fewer values or seeds.",
            runs=runs,
            most=MOST_RUNS,
        )
    )
