"""Runs as they are watched: read from the store once a second for all who look, whatever their number.

What is drawn from a run, tables and pictures, is made once for each state of the run and each language. A
look at a run that has not changed since finds all of it made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from fmnist_core.events import Epoch
from fmnist_core.messages import Replaying
from fmnist_core.sentences import Sentence
from fmnist_core.store.runs import Run, SnapshotInfo
from fmnist_core.store.status import OPEN
from pages.parts.base.i18n import current_language
from pages.parts.base.services import engine, store
from pages.parts.run.fork import Fork, fork_of, past_of
from pages.parts.run.shared_reading import SharedReadings

# How often a page looks at a run; one that waits may begin at any moment, and its learner with it. One that
# rests may be resumed in another tab.
SECONDS_A_LOOK = {"queued": 0.5, "running": 1.0, "paused": 1.5, "failed": 1.5}
SHARED = 0.9  # of that time a reading serves everybody: the timers of browsers are not exact
MOST_RUNS = 16  # of which readings are kept, with what was drawn from them

Made = TypeVar("Made")


@dataclass(frozen=True)
class EngineStatus:
    """How a run stands with the engine: who is before it, and whether it waits for workers or its test.

    `obstacle` says what keeps a run that should train from it, if anything does; `replaying`, how far the
    parent of a branch has been trained again.
    """

    queue_place: int | None
    waits_for_workers: bool
    is_stopping: bool
    obstacle: Sentence | None
    replaying: Replaying | None


@dataclass(frozen=True, eq=False)
class Watched:
    """A run, its epochs (without matrices), the curve of its batches (steps, losses), and its film.

    It never changes; a run that has moved on is another one. `speed` is in images a second, with the seconds
    to the end, or `None` if that cannot be said. `past` are the epochs of a branch's parents, by `past_of`.
    """

    run: Run
    engine_status: EngineStatus
    speed: tuple[float, float] | None
    epochs: tuple[Epoch, ...]
    batches: tuple[np.ndarray, np.ndarray]
    snapshots: tuple[SnapshotInfo, ...]
    past: Sequence[tuple[float, Epoch]]
    _made: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` returns, made for the first who needs it; `key` tells it from all else of this run."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def in_words(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """As `once`, for what has words in it: made once in each language."""
        return self.once((key, current_language()), make)

    def outputs(self, step: int) -> np.ndarray:
        """What the network made of the film's ten garments after `step`, as in `Snapshot`."""
        return self.once(("outputs", step), lambda: store().snapshot_outputs(self.run.id, step))

    @property
    def fork(self) -> Fork | None:
        """Where the run left its parent, if it is a branch."""
        return self.once("fork", lambda: fork_of(self.run))

    @property
    def along_the_axis(self) -> list[tuple[float, Epoch]]:
        """The epochs from the first parent's on, each with its place on the axis."""
        left_at = self.fork.epoch if self.fork else 0.0
        return [*self.past, *((left_at + epoch.epoch, epoch) for epoch in self.epochs)]

    def confusion(self, epoch: int) -> np.ndarray | None:
        """(10, 10) counts of validation images at the end of an epoch."""
        return self.once(("confusion", epoch), lambda: store().confusion(self.run.id, epoch))


def watched(run_id: str) -> Watched:
    """The run as it was at most a look ago. Raises `StoreError`."""
    return _runs.look(run_id)


def latest_of(run_id: str) -> Watched | None:
    """What `watched` would give, if it need not be read first; waits for nobody."""
    return _runs.latest(run_id)


def seen(run: Run) -> None:
    """Somebody has just read this from the store: no look may show what is older."""
    _runs.read_again_unless(run.id, lambda latest: latest.run == run)


def _read(run_id: str, before: Watched | None) -> Watched:
    """The run from the store; `before` itself while it may change and nothing has."""
    run = store().run(run_id)
    engine_status = _engine_status(run)
    moves = run.status in OPEN
    looked_at = run.status in SECONDS_A_LOOK
    if before is not None and looked_at and before.run == run and before.engine_status == engine_status:
        return before
    return Watched(
        run,
        engine_status,
        engine().speed(run_id) if moves and not engine_status.is_stopping else None,
        tuple(store().epochs(run_id, confusion=False)),
        store().batch_curve(run_id),
        tuple(store().snapshots(run_id)),
        past_of(run) if before is None else before.past,
    )


def _serves(latest: Watched) -> float:
    return SHARED * SECONDS_A_LOOK.get(latest.run.status, 0.0)


_runs = SharedReadings(_read, _serves, MOST_RUNS)


def _engine_status(run: Run) -> EngineStatus:
    queued = run.status == "queued"
    return EngineStatus(
        queue_place=engine().queue_place(run.learner) if queued else None,
        waits_for_workers=queued and engine().state == "starting",
        is_stopping=run.status in OPEN and engine().is_stopping(run.id),
        obstacle=_obstacle(run) if run.status in OPEN else None,
        replaying=_replaying(run) if run.status in OPEN else None,
    )


def _replaying(run: Run) -> Replaying | None:
    """Not what was said of it before the slice in which the run went on."""
    replaying = engine().replaying(run.id)
    return replaying if replaying and run.step in (0, replaying.goal) else None


def _obstacle(run: Run) -> Sentence | None:
    """By the engine here or, of a run that another server trains, by the store."""
    if engine().replaying(run.id) is not None:  # which is what the store says
        return engine().waiting(run.id) or engine().problem
    return engine().waiting(run.id) or run.reason or engine().problem
