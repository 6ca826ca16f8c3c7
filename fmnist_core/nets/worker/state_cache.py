"""Caches the training states of a worker's runs, so that most time slices need not read a checkpoint.

Whoever trains is alone with a state while it holds its lock; queries look in between.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import torch

from fmnist_core.data import fashion_mnist
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Event, Notice
from fmnist_core.messages import SliceRequest
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker.initial_state import first_state
from fmnist_core.nets.worker.replay import with_memory
from fmnist_core.sentences import Sentence
from fmnist_core.spec import snapshot_steps
from fmnist_core.store import past
from fmnist_core.store.rows import Damaged
from fmnist_core.store.runs import Store

STORE_PATIENCE = 1.0
BYTES = 2e9
BYTES_A_PARAMETER = 24  # weights, gradients, the optimizer's two moments, the best weights, a copy


@dataclass
class CachedState:
    """A run's state under a lease. `unwritten` events have not reached the store; `dirty`: nor has the state.

    `refused`: the store took neither when it was last asked to. `threads` are the numbers of threads that
    brought the unwritten events.

    `saved_seconds` is the training time up to which no work can be lost; `None` if not even the start can be
    had again, because it lies in another run that may be deleted.
    """

    state: loop.TrainState
    lease: int
    dirty: bool = False
    refused: bool = False
    threads: set[int] = field(default_factory=set)
    saved_seconds: float | None = None
    unwritten: list[Event] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _visitors: int = 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """To change the state. A lock is not fair, so those who came to look go first."""
        while self._visitors:
            time.sleep(0.0005)
        with self._lock:
            yield

    @contextmanager
    def training(self) -> Iterator[None]:
        """To advance the state, which the store does not have afterwards."""
        with self.at_work():
            self.dirty = True
            self.threads.add(torch.get_num_threads())
            yield

    @contextmanager
    def still(self) -> Iterator[loop.TrainState]:
        """To look at the state while it does not change."""
        self._visitors += 1
        try:
            with self._lock:
                yield self.state
        finally:
            self._visitors -= 1

    @property
    def bytes(self) -> float:
        return self.state.spec.parameter_count * BYTES_A_PARAMETER


STATE_CACHE: dict[str, CachedState] = {}  # by run id; the one that trained last is last


@lru_cache(maxsize=4)
def store_at(url: str) -> Store:
    """The store, which is waited for but briefly, so that a run can say soon what it waits for."""
    return Store(url, patience=STORE_PATIENCE)


def cached_state(request: SliceRequest) -> CachedState:
    """The requested run: as it was left under the same lease, or from its checkpoint, or from its start.

    A damaged checkpoint is passed over for the nearest state before it. What the store has beyond the state
    is forgotten there, and a notice of the run says so. Raises what `Store` and `first_state` do.
    """
    cached = STATE_CACHE.pop(request.run_id, None)
    if cached is None or cached.lease != request.lease:
        store = store_at(request.store_url)
        is_damaged = False
        try:
            blob = store.checkpoint(request.run_id)
            state = None if blob is None else loop.load(blob, data_in_use(request.full_data))
        except Damaged as damaged:
            logging.getLogger(__name__).error("run %s: %s", request.run_id, damaged)
            state, is_damaged = _older_state(store, request), True
        if state is not None:
            cached = CachedState(state, request.lease, saved_seconds=state.seconds)
            if not (is_damaged or past.has_whole_end(store, request.run_id)):
                _remember(store, request, cached)
        else:
            spec = store.run(request.run_id).spec
            state = first_state(spec, data_in_use(request.full_data), lambda: store, request.seconds)
            saved_seconds = None if spec.starts_from_a_run else 0.0
            cached = CachedState(state, request.lease, dirty=True, saved_seconds=saved_seconds)
        recorded, step = store.rewind(request.run_id, cached.state.step), cached.state.step
        if recorded > step:
            cached.unwritten.append(Notice(step, "repeat", _went_back(recorded, step, is_damaged)))
        if is_damaged:
            cached.dirty, cached.saved_seconds = True, None  # a sound state takes the damaged one's place
    STATE_CACHE[request.run_id] = cached
    return cached


def _went_back(last: int, step: int, is_damaged: bool) -> Sentence:
    count = last - step
    if is_damaged:
        return Sentence(
            "The saved state of this run was damaged, so training went back from batch {last:,} to batch "
            "{step:,}; what lies between (batches: {count:,}) is trained again.",
            last=last,
            step=step,
            count=count,
        )
    return Sentence(
        "Its worker was lost at batch {last:,}. Training went back to batch {step:,} and goes on "
        "from there; what lies between (batches: {count:,}) is trained again.",
        last=last,
        step=step,
        count=count,
    )


def _remember(store: Store, request: SliceRequest, cached: CachedState) -> None:
    """The optimizer's memory, which the store has no longer. Raises `StillReplaying`."""
    dataset, spec = data_in_use(request.full_data), store.run(request.run_id).spec

    def start() -> loop.TrainState:
        return first_state(spec, dataset, lambda: store, device="cpu")

    lost = with_memory(store, request.run_id, cached.state, request.seconds, start, dataset)
    cached.dirty = True
    if lost is not None:
        cached.unwritten.append(lost)


def _older_state(store: Store, request: SliceRequest) -> loop.TrainState | None:
    """The run at the nearest undamaged state, with the changes of its settings since, or `None`."""
    run = store.run(request.run_id)
    blob = past.nearest_state(store, request.run_id, run.step)
    if blob is None:
        return None
    state = loop.load(blob, data_in_use(request.full_data))
    if state.position.reason is None:
        state.spec, state.snapshot_steps = run.spec, frozenset(snapshot_steps(run.spec))
    return state


def superfluous() -> list[str]:
    """The runs to save and forget, those that trained longest ago, so that memory suffices for the others."""
    states = list(STATE_CACHE.items())  # all at once, since a query may forget one meanwhile
    total, run_ids = sum(cached.bytes for _, cached in states), []
    for run_id, cached in states[:-1]:
        if total <= BYTES:
            break
        total -= cached.bytes
        run_ids.append(run_id)
    return run_ids


def data_in_use(full: bool) -> Dataset:
    """The data in use; looked for again if whoever sent the request has since found the full data."""
    if fashion_mnist.load().is_full != full:
        fashion_mnist.forget()
    return fashion_mnist.load()
