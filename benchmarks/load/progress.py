"""Watches runs while faults befall their lab: what training is lost, and whether anything finished is."""

from __future__ import annotations

import numpy as np

from fmnist_core.store.rows import Run
from fmnist_core.store.runs import Store, StoreError

ENDED = ("finished", "stopped", "failed")


class Progress:
    """How far every run has come, how far one has ever been thrown back, and what the ended ones came to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seconds: dict[str, float] = {}
        self._ended: dict[str, tuple[object, ...]] = {}
        self.most_lost = 0.0

    def look(self) -> None:
        """One look at every run; none while the database does not answer."""
        try:
            runs = self._store.runs()
        except StoreError:
            return
        for run in runs:
            self.most_lost = max(self.most_lost, self._seconds.get(run.id, 0.0) - run.seconds)
            self._seconds[run.id] = run.seconds
            if run.status in ENDED:
                self._ended.setdefault(run.id, _outcome(run))

    @property
    def ended(self) -> int:
        return len(self._ended)

    def losses(self) -> list[str]:
        """What is wrong with the runs that had ended when they were first seen so."""
        return [f"run {run_id}: {fault}" for run_id in self._ended if (fault := self._fault(run_id))]

    def _fault(self, run_id: str) -> str | None:
        try:
            run = self._store.run(run_id)
            weights = self._store.checkpoint(run_id)
        except StoreError as error:
            return str(error)
        if _outcome(run) != self._ended[run_id]:
            return f"{self._ended[run_id]} has become {_outcome(run)}"
        steps, _ = self._store.batch_curve(run_id, points=10**7)
        if not np.array_equal(steps, np.arange(1, run.step + 1)):
            return f"{len(steps)} losses of {run.step} batches"
        epochs = [epoch.epoch for epoch in self._store.epochs(run_id, confusion=False)]
        if epochs != list(range(1, run.epoch + 1)):
            return f"epochs {epochs} of {run.epoch}"
        return "it has no weights" if run.step and weights is None else None


def _outcome(run: Run) -> tuple[object, ...]:
    return run.status, run.step, run.epoch, run.end_reason, run.test_loss, run.best_epoch
