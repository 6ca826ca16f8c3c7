"""A worker's side of the lab: it trains a run for one turn and writes to the store what came of it.

One turn at a time; questions are answered beside it, on another thread. What must last is in the store, so a
worker may be killed at any moment.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from fmnist_core.events import Batches, Event
from fmnist_core.nets import training
from fmnist_core.nets.device import is_full
from fmnist_core.nets.kept import KEPT, Kept, keep, store_at, superfluous
from fmnist_core.nets.questions import CUT_SHORT, QUESTIONS
from fmnist_core.nets.state import learning_rate
from fmnist_core.nets.threads import on_one_thread, use_threads
from fmnist_core.orders import Answer, SliceOrder, SliceReport
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store import DiskFull, RunNotFound, StaleLease, Store

CHECKPOINT_SECONDS = 4.0  # of training; a turn may go by before the next chance
CHUNK_SECONDS = 0.1  # how long a question, or the word that the turn is cut short, may have to wait

OUT_OF_MEMORY = Sentence(
    "Training needs more memory than there is. "
    "Use a smaller batch or a smaller hidden size, or turn pooling on."
)
BROKEN = Sentence(
    "Training met an error that is no fault of yours. The server's log has the details; change a setting, "
    "or start the run again."
)
NO_ANSWER = Sentence(
    "The answer met an error that is no fault of yours. The server's log has the details; ask something else."
)


@on_one_thread
def advance_slice(order: SliceOrder) -> SliceReport:
    """One turn of a run. Whatever goes wrong with the run is said in the report and harms no other."""
    try:
        return _turn(order)
    except (StaleLease, RunNotFound):
        outcome, reason = "lost", None
    except DiskFull as full:  # the state stays, and what it has to say
        return SliceReport("full", reason=one_sentence(full))
    except LabError as error:
        outcome, reason = "failed", one_sentence(error)
    except Exception as error:
        logging.getLogger(__name__).exception("run %s failed", order.run_id)
        outcome, reason = "failed", OUT_OF_MEMORY if is_full(error) else BROKEN
    finally:
        CUT_SHORT.discard(order.turn)
    KEPT.pop(order.run_id, None)
    return SliceReport(outcome, reason=reason)


def ask(question: str, arguments: Mapping[str, Any]) -> Answer:
    """What `QUESTIONS[question]` returns, or the sentences with which it refuses."""
    torch.set_num_threads(1)
    try:
        return Answer(QUESTIONS[question](**arguments))
    except LabError as refused:
        return Answer(refusal=refused.sentences)
    except Exception:
        logging.getLogger(__name__).exception("the question “%s” was not answered", question)
        return Answer(refusal=(NO_ANSWER,))


def one_sentence(error: LabError) -> Sentence:
    first, *more = error.sentences
    return Sentence("{fault} {remedy}", fault=first, remedy=one_sentence(LabError(*more))) if more else first


def _turn(order: SliceOrder) -> SliceReport:
    store, kept = store_at(order.store_url), keep(order)
    use_threads(kept.state.spec, order.threads)
    with kept.at_work():
        changed = _as_ordered(kept.state, order)
        kept.dirty |= changed
    _train(kept, order)
    _write(store, order.run_id, kept, now=order.checkpoint, changed=changed)
    state = kept.state
    report = SliceReport(
        "ended" if state.finished else "advanced",
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        reached=order.until_step is not None and _reached(state, order.until_step),
        saved=not kept.dirty,
        end_reason=state.position.reason,
    )
    if order.release:
        KEPT.pop(order.run_id)
    for run_id in superfluous():
        _let_go(store, run_id)
    return report


def _as_ordered(state: training.TrainState, order: SliceOrder) -> bool:
    """Brings what may change on the way up to date; whether anything did."""
    before = state.spec, state.position.reason
    if order.stopping:
        training.stop(state)
    elif order.epochs > state.spec.epochs or (order.again and state.position.reason is not None):
        cut_off = state.position.reason in ("early_stopping", "stopped")
        training.extend(state, order.epochs - (state.epoch if cut_off else state.spec.epochs))
    if order.learning_rate not in (None, learning_rate(state.spec, state.step)):
        training.change_learning_rate(state, order.learning_rate)
    return (state.spec, state.position.reason) != before


def _train(kept: Kept, order: SliceOrder) -> None:
    state, end = kept.state, time.perf_counter() + order.seconds
    while not state.finished and order.turn not in CUT_SHORT:
        left = end - time.perf_counter()
        over = left <= 0 and state.step > 0  # a first turn is more than a frame of film
        if over or order.seconds == 0 or (order.until_step is not None and _reached(state, order.until_step)):
            break
        seconds = max(0.0, min(left, CHUNK_SECONDS))
        batches = None if order.until_step is None else max(0, order.until_step - state.step)
        with kept.at_work():
            kept.dirty = True
            for event in training.advance(state, training.Budget(seconds, batches)):
                kept.unwritten.append(event)


def _reached(state: training.TrainState, step: int) -> bool:
    """An epoch's evaluation belongs to its last batch."""
    return state.step >= step and state.evaluation is None


def _write(store: Store, run_id: str, kept: Kept, *, now: bool, changed: bool = False) -> None:
    """What is new, in one transaction; with the state if that is wanted now, due, or all there will be."""
    state = kept.state
    due = kept.saved_seconds is None or state.seconds - kept.saved_seconds >= CHECKPOINT_SECONDS
    with_state = kept.dirty and (now or changed or due or state.finished)
    if not (with_state or kept.unwritten):
        return
    store.write_slice(
        run_id,
        kept.lease,
        _joined(kept.unwritten),
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        checkpoint=training.save(state) if with_state else None,
        spec=state.spec if changed else None,
    )
    kept.unwritten.clear()
    if with_state:
        kept.dirty, kept.saved_seconds = False, state.seconds


def _let_go(store: Store, run_id: str) -> None:
    try:
        _write(store, run_id, KEPT[run_id], now=True)
    except DiskFull:
        return  # rather too much memory than work lost; the run's own next turn will say so
    except (StaleLease, RunNotFound):
        pass  # it is another's, or nobody's
    del KEPT[run_id]


def _joined(events: list[Event]) -> list[Event]:
    """The batches' losses in one piece, since each piece is a row."""
    batches = [event for event in events if isinstance(event, Batches)]
    if len(batches) < 2:
        return list(events)
    losses = np.concatenate([event.losses for event in batches])
    others = [event for event in events if not isinstance(event, Batches)]
    return [Batches(batches[0].first_step, losses), *others]
