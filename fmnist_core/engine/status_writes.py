"""Writes runs' statuses to the store, or keeps them until the store takes them.

A store may refuse for a while: a full disk, a locked database. Knows nothing of workers; whoever calls sees
to it that one thread does at a time.
"""

from __future__ import annotations

import time
from dataclasses import replace

from fmnist_core.sentences import Sentence
from fmnist_core.store.runs import Run, RunNotFound, Store, StoreError
from fmnist_core.store.status import END_STATUS, Status

PUT_OFF_SECONDS = 1.0


class StatusWrites:
    """`trouble` is what the store last refused, for as long as a status waits to be written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # By run; `None` stands for the status that belongs to its end.
        self._waiting: dict[str, tuple[Status, Sentence | None] | None] = {}
        self._not_before = 0.0
        self.trouble: Sentence | None = None

    def __contains__(self, run_id: str) -> bool:
        """Whether a status of the run still waits."""
        return run_id in self._waiting

    def written_to(self, run: Run) -> Run:
        """The run as it will stand once its status is written, if one waits."""
        if run.id not in self._waiting:
            return run
        if (status := self._waiting[run.id]) is not None:
            return replace(run, status=status[0])
        return replace(run, status=END_STATUS[run.end_reason]) if run.end_reason else run

    def write(self, run_id: str, status: Status) -> None:
        """Writes the status, or lets it wait if the store refuses. Raises `RunNotFound`."""
        self._waiting.pop(run_id, None)
        if time.monotonic() < self._not_before:  # it has just refused, and would again
            self._waiting[run_id] = (status, None)
            return
        try:
            self._store.set_status(run_id, status)
        except RunNotFound:
            raise
        except StoreError as error:
            self._refused(error)
            self._waiting[run_id] = (status, None)

    def write_soon(self, run_id: str, status: Status, reason: Sentence | None = None) -> None:
        """Writes the status as soon as the store takes it; a run that is gone needs none."""
        self._waiting[run_id] = (status, reason)
        self.flush()

    def write_end_soon(self, run_id: str) -> None:
        """Writes, as soon as the store takes it, the status that follows from how the run ended."""
        self._waiting[run_id] = None
        self.flush()

    def forget(self, run_id: str) -> None:
        """Nothing is written of the run any more."""
        self._waiting.pop(run_id, None)

    def flush(self) -> None:
        """Writes the statuses that are due; those that the store refuses wait."""
        if time.monotonic() < self._not_before:
            return
        for run_id, status in list(self._waiting.items()):
            try:
                if status is None:
                    self._store.set_end_status(run_id)
                else:
                    self._store.set_status(run_id, *status)
            except RunNotFound:
                pass
            except StoreError as error:
                self._refused(error)
                return
            del self._waiting[run_id]
        self.trouble = None

    def _refused(self, error: StoreError) -> None:
        self.trouble, self._not_before = error.sentence, time.monotonic() + PUT_OFF_SECONDS
