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
from fmnist_core.messages import Answer, SliceRequest, SliceResult
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.device import is_full
from fmnist_core.nets.worker.queries import CUT_SHORT, QUERIES
from fmnist_core.nets.worker.replay import StillReplaying
from fmnist_core.nets.worker.state_cache import STATE_CACHE, CachedState, cached_state, store_at, superfluous
from fmnist_core.nets.worker.threads import on_one_thread, use_threads
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store import usage
from fmnist_core.store.runs import DiskFull, RunNotFound, StaleLease, Store

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
def advance_slice(request: SliceRequest) -> SliceResult:
    """One turn of a run. Whatever goes wrong with the run is said in the report and harms no other."""
    try:
        return _advance_slice(request)
    except StillReplaying:
        return SliceResult("advanced", replaying=True)
    except (StaleLease, RunNotFound):
        outcome, reason = "lost", None
    except DiskFull as full:  # the state stays, and what it has to say
        return SliceResult("full", reason=full.sentence)
    except LabError as error:
        outcome, reason = "failed", error.sentence
    except Exception as error:
        logging.getLogger(__name__).exception("run %s failed", request.run_id)
        outcome, reason = "failed", OUT_OF_MEMORY if is_full(error) else BROKEN
    finally:
        CUT_SHORT.discard(request.time_slice)
    STATE_CACHE.pop(request.run_id, None)
    return SliceResult(outcome, reason=reason)


def ask(query: str, arguments: Mapping[str, Any]) -> Answer:
    """What `QUESTIONS[question]` returns, or the sentences with which it refuses."""
    torch.set_num_threads(1)
    try:
        return Answer(QUERIES[query](**arguments))
    except LabError as refused:
        return Answer(refusal=refused.sentences)
    except Exception:
        logging.getLogger(__name__).exception("the question “%s” was not answered", query)
        return Answer(refusal=(NO_ANSWER,))


def _advance_slice(request: SliceRequest) -> SliceResult:
    store = store_at(request.store_url)
    if request.seconds and (low := usage.disk(store.database).low_disk) is not None:
        return SliceResult("full", reason=low)
    cached = cached_state(request)
    use_threads(cached.state.spec, request.threads)
    with cached.at_work():
        changed = _as_requested(cached.state, request)
        cached.dirty |= changed
    _train(cached, request)
    _write(store, request.run_id, cached, now=request.checkpoint, changed=changed)
    state = cached.state
    result = SliceResult(
        "ended" if state.finished else "advanced",
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        reached=request.until_step is not None and _reached(state, request.until_step),
        saved=not cached.dirty,
        end_reason=state.position.reason,
    )
    if request.release:
        STATE_CACHE.pop(request.run_id, None)
    for run_id in superfluous():
        _let_go(store, run_id)
    return result


def _as_requested(state: loop.TrainState, request: SliceRequest) -> bool:
    """Brings what may change on the way up to date; whether anything did."""
    before = state.spec, state.position.reason
    if request.stopping:
        loop.stop(state)
    elif request.epochs > state.spec.epochs or (request.again and state.position.reason is not None):
        cut_off = state.position.reason in ("early_stopping", "stopped")
        loop.extend(state, request.epochs - (state.epoch if cut_off else state.spec.epochs))
    if request.learning_rate not in (None, state.spec.learning_rate_at(state.step)):
        loop.change_learning_rate(state, request.learning_rate)
    return (state.spec, state.position.reason) != before


def _train(cached: CachedState, request: SliceRequest) -> None:
    state, end = cached.state, time.perf_counter() + request.seconds
    while not state.finished and request.time_slice not in CUT_SHORT:
        left = end - time.perf_counter()
        over = left <= 0 and state.step > 0  # a first turn is more than a frame of film
        if (
            over
            or request.seconds == 0
            or (request.until_step is not None and _reached(state, request.until_step))
        ):
            break
        seconds = max(0.0, min(left, CHUNK_SECONDS))
        batches = None if request.until_step is None else max(0, request.until_step - state.step)
        with cached.at_work():
            cached.dirty = True
            cached.threads.add(torch.get_num_threads())
            for event in loop.advance(state, loop.Budget(seconds, batches)):
                cached.unwritten.append(event)


def _reached(state: loop.TrainState, step: int) -> bool:
    """An epoch's evaluation belongs to its last batch."""
    return state.step >= step and state.evaluation is None


def _write(store: Store, run_id: str, cached: CachedState, *, now: bool, changed: bool = False) -> None:
    """What is new, in one transaction; with the state if that is wanted now, due, or all there will be."""
    state = cached.state
    due = cached.saved_seconds is None or state.seconds - cached.saved_seconds >= CHECKPOINT_SECONDS
    with_state = cached.dirty and (now or changed or due or state.finished)
    if not (with_state or cached.unwritten):
        return
    store.write_slice(
        run_id,
        cached.lease,
        _joined(cached.unwritten),
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        checkpoint=loop.save(state) if with_state else None,
        spec=state.spec if changed else None,
        threads=cached.threads.pop() if len(cached.threads) == 1 and state.device.type == "cpu" else None,
    )
    cached.unwritten.clear()
    cached.threads.clear()
    if with_state:
        cached.dirty, cached.saved_seconds = False, state.seconds


def _let_go(store: Store, run_id: str) -> None:
    """Saves a state and drops it; one that was forgotten at this moment, by a query, is gone already."""
    try:
        if (cached := STATE_CACHE.get(run_id)) is not None:
            _write(store, run_id, cached, now=True)
    except DiskFull:
        return  # rather too much memory than work lost; the run's own next turn will say so
    except (StaleLease, RunNotFound):
        pass  # it is another's, or nobody's
    STATE_CACHE.pop(run_id, None)


def _joined(events: list[Event]) -> list[Event]:
    """The batches' losses in one piece, since each piece is a row."""
    batches = [event for event in events if isinstance(event, Batches)]
    if len(batches) < 2:
        return list(events)
    losses = np.concatenate([event.losses for event in batches])
    others = [event for event in events if not isinstance(event, Batches)]
    return [Batches(batches[0].first_step, losses), *others]
