"""The epochs of runs that are looked at beside others: read once for each epoch, for all who look."""

from __future__ import annotations

from functools import lru_cache

from fmnist_core.events import Epoch
from fmnist_core.store.runs import Run
from pages.parts.base.services import store

MOST_RUNS = 64


def past_epochs(run: Run) -> tuple[Epoch, ...]:
    """Those that the run has ended, without matrices. Raises `StoreError`."""
    return _epochs(run.id, run.epoch, run.status) if run.epoch else ()


@lru_cache(maxsize=MOST_RUNS)
def _epochs(run_id: str, _epoch: int, _status: str) -> tuple[Epoch, ...]:
    return tuple(store().epochs(run_id, confusion=False))
