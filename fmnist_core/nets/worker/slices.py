"""A worker's part in live runs: trains a run for one time slice and writes what comes of it to the store.

One time slice at a time; queries are answered beside it, on another thread. What must last is in the store,
so a worker may be killed at any moment.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from fmnist_core.data.idx import DataError
from fmnist_core.events import Batches, Event
from fmnist_core.messages import Answer, SliceRequest, SliceResult
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.device import PrecisionError, hardware
from fmnist_core.nets.worker.queries import CUT_SHORT, QUERIES
from fmnist_core.nets.worker.replay import StillReplaying
from fmnist_core.nets.worker.state_cache import STATE_CACHE, CachedState, cached_state, store_at, superfluous
from fmnist_core.nets.worker.threads import on_one_thread, query_under_way, use_threads
from fmnist_core.nets.worker.time_slice import BROKEN, reached, reason_of, train_slice
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store import usage
from fmnist_core.store.rows import Damaged, Unreadable
from fmnist_core.store.runs import RunNotFound, StaleLease, Store, StoreError

CHECKPOINT_SECONDS = 4.0  # of training; a time slice may go by before the next chance

TRIED_AGAIN = Sentence(
    "Training met an error that is no fault of yours. It is tried again by itself, from the last state that "
    "was saved; the server's log has the details."
)
NO_ANSWER = Sentence(
    "The answer met an error that is no fault of yours. The server's log has the details; ask something else."
)


@on_one_thread
def advance_slice(request: SliceRequest) -> SliceResult:
    """Trains a run for one time slice. Whatever goes wrong is in the result and harms no other run.

    What lies in the run itself makes it fail. All else may pass, so the run waits: where the store refuses,
    with its state and what it has to write still here; after any other error, from the last checkpoint.
    """
    try:
        return _advance_slice(request)
    except StillReplaying as replay:
        return SliceResult("advanced", replaying=replay.progress)
    except (StaleLease, RunNotFound):
        result = SliceResult("lost")
    except (Unreadable, Damaged) as error:
        result = SliceResult("failed", reason=error.sentence)
    except (StoreError, DataError, PrecisionError) as error:
        return SliceResult("waiting", reason=error.sentence)
    except Exception as error:
        reason = reason_of(error, request.run_id)
        if reason == BROKEN:
            result = SliceResult("waiting", reason=TRIED_AGAIN, error=_named(error))
        else:
            result = SliceResult("failed", reason=reason)
    finally:
        CUT_SHORT.discard(request.time_slice)
    STATE_CACHE.pop(request.run_id, None)
    return result


def _named(error: Exception) -> str | None:
    """What error it is and where it was raised; `None` for the system's, which may pass."""
    if isinstance(error, OSError):
        return None
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {place.filename}:{place.lineno}: {error}"


def ask(query: str, arguments: Mapping[str, Any]) -> Answer:
    """What `QUERIES[query]` returns, or the sentences with which it refuses."""
    torch.set_num_threads(1)
    try:
        with query_under_way():
            return Answer(QUERIES[query](**arguments))
    except LabError as refused:
        return Answer(refusal=refused.sentences)
    except Exception:
        logging.getLogger(__name__).exception("the query “%s” was not answered", query)
        return Answer(refusal=(NO_ANSWER,))


def _advance_slice(request: SliceRequest) -> SliceResult:
    store = store_at(request.store_url)
    if request.seconds and (low := usage.disk(store.database).low_disk) is not None:
        return SliceResult("waiting", reason=low)
    cached = cached_state(request)
    if cached.refused:  # nothing is trained before it is written what was
        _write(store, request.run_id, cached, now=True)
    use_threads(cached.state.spec, request.threads)
    with cached.at_work():
        changed = _as_requested(cached.state, request)
        cached.dirty |= changed
    state = cached.state

    def take(event: Event) -> None:
        cached.unwritten.append(event)

    train_slice(
        state,
        request.seconds,
        take,
        until_step=request.until_step,
        is_cut_short=lambda: request.time_slice in CUT_SHORT,
        alone=cached.training,
    )
    _write(store, request.run_id, cached, now=request.checkpoint, changed=changed)
    result = SliceResult(
        "ended" if state.finished else "advanced",
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        reached=request.until_step is not None and reached(state, request.until_step),
        saved=not cached.dirty,
        end_reason=state.position.reason,
    )
    if request.release or state.finished:  # which may never train again, and is in the store
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


def _write(store: Store, run_id: str, cached: CachedState, *, now: bool, changed: bool = False) -> None:
    """What is new, in one transaction; with the state if that is wanted now, due, or all there will be."""
    state = cached.state
    due = cached.saved_seconds is None or state.seconds - cached.saved_seconds >= CHECKPOINT_SECONDS
    with_state = cached.dirty and (now or changed or due or state.finished)
    if not (with_state or cached.unwritten):
        return
    cached.refused = True
    store.write_slice(
        run_id,
        cached.lease,
        _joined(cached.unwritten),
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        checkpoint=loop.save(state) if with_state else None,
        spec=state.spec if changed else None,
        threads=next(iter(cached.threads))
        if len(cached.threads) == 1 and state.device.type == "cpu"
        else None,
        hardware=f"{hardware(state.device, state.spec, max(cached.threads))}, torch {torch.__version__}"
        if cached.threads
        else None,
    )
    cached.refused = False
    cached.unwritten.clear()
    cached.threads.clear()
    if with_state:
        cached.dirty, cached.saved_seconds = False, state.seconds


def _let_go(store: Store, run_id: str) -> None:
    """Saves a state and drops it; one that was forgotten at this moment, by a query, is gone already."""
    try:
        if (cached := STATE_CACHE.get(run_id)) is not None:
            _write(store, run_id, cached, now=True)
    except (StaleLease, RunNotFound):
        pass  # it is another's, or nobody's
    except StoreError:
        return  # rather too much memory than work lost; the run's own next time slice will say so
    STATE_CACHE.pop(run_id, None)


def _joined(events: list[Event]) -> list[Event]:
    """The batches' losses in one piece, since each piece is a row."""
    batches = [event for event in events if isinstance(event, Batches)]
    if len(batches) < 2:
        return list(events)
    losses = np.concatenate([event.losses for event in batches])
    others = [event for event in events if not isinstance(event, Batches)]
    return [Batches(batches[0].first_step, losses), *others]
