"""Trains a state for one time slice. Live runs and runs for the evidence go through here.

It writes nothing: what happens on the way goes to `take`, and whoever calls stores it or sends it back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from fmnist_core.events import Event
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.device import is_full
from fmnist_core.nets.worker.threads import give_way, should_give_way
from fmnist_core.sentences import LabError, Sentence

CHUNK_SECONDS = 0.1  # how long whoever wants the state may have to wait for it

OUT_OF_MEMORY = Sentence(
    "Training needs more memory than there is. "
    "Use a smaller batch or a smaller hidden size, or turn pooling on."
)
BROKEN = Sentence(
    "Training met an error that is no fault of yours. The server's log has the details; change a setting, "
    "or start the run again."
)


def train_slice(
    state: loop.TrainState,
    seconds: float,
    take: Callable[[Event], None],
    *,
    until_step: int | None = None,
    is_cut_short: Callable[[], bool] = lambda: False,
    alone: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Trains for `seconds`, to batch `until_step`, to the run's end or until cut short, whichever is first.

    A run that has not begun gets at least one batch, unless `seconds` is 0: then nothing is trained. The
    state changes only while the context `alone` is held; it is let go every `CHUNK_SECONDS`, and after the
    batch in which a query came. Then training gives way to queries. The memory that layers work in is given
    back at the end.
    """
    end = time.perf_counter() + seconds
    try:
        while seconds and not state.finished and not is_cut_short():
            left = end - time.perf_counter()
            if (left <= 0 and state.step > 0) or (until_step is not None and reached(state, until_step)):
                return
            batches = None if until_step is None else max(0, until_step - state.step)
            with alone():
                began = time.perf_counter()
                budget = loop.Budget(max(0.0, min(left, CHUNK_SECONDS)), batches)
                for event in loop.advance(state, budget, should_give_way):
                    take(event)
                trained = time.perf_counter() - began
            if not state.finished:
                give_way(trained)
    finally:
        state.give_back()  # others' turn


def reached(state: loop.TrainState, step: int) -> bool:
    """Whether batch `step` is trained; an epoch's evaluation belongs to its last batch."""
    return state.step >= step and state.evaluation is None


def reason_of(error: Exception, run: str) -> Sentence:
    """Why a run failed, for those who look at it; an error that is no `LabError` goes to the log as well."""
    if isinstance(error, LabError):
        return error.sentence
    logging.getLogger(__name__).error("run %s failed", run, exc_info=error)
    return OUT_OF_MEMORY if is_full(error) else BROKEN
