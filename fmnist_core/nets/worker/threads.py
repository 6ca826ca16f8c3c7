"""How many processor threads a run trains on, from which thread of a worker, and when that gives way.

Whoever looks at a network waits for the answer; a run of minutes does not notice.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import torch

from fmnist_core.spec import RunSpec

P = ParamSpec("P")
T = TypeVar("T")
GIVEN_WAY_SECONDS = 0.3  # at most at once
TRAINING_NICENESS = 10  # above that of the answers to queries


def _step_back() -> None:
    """For the thread that calls, where the system lets a thread have a niceness of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, min(19, os.getpriority(os.PRIO_PROCESS, 0) + TRAINING_NICENESS))


TRAINER = ThreadPoolExecutor(1, "trainer", initializer=_step_back)

_may_give_way = GIVEN_WAY_SECONDS
_under_way: set[object] = set()  # the queries that are being answered
_answered = threading.Condition()


def use_threads(spec: RunSpec, most: int | None = None) -> None:
    """One for small steps, in which more would mostly wait for each other, else `most`, or all there are."""
    torch.set_num_threads(1 if spec.is_small_step else most or torch.get_num_threads())


def on_one_thread(work: Callable[P, T]) -> Callable[P, T]:
    """Whoever calls, all of a process's training is done by one thread.

    OpenMP keeps a pool of threads for every thread that it meets, and once they are more than the cores it
    puts each to sleep at every barrier.
    """

    @wraps(work)
    def handed_over(*args: P.args, **kwargs: P.kwargs) -> T:
        return TRAINER.submit(work, *args, **kwargs).result()

    return handed_over


@contextmanager
def query_under_way() -> Iterator[None]:
    """Around the answer to a query."""
    query = object()
    with _answered:
        _under_way.add(query)
    try:
        yield
    finally:
        with _answered:
            _under_way.discard(query)
            _answered.notify_all()


def should_give_way() -> bool:
    """Whether a query is under way, and training has not just given way to queries for long."""
    return bool(_under_way) and _may_give_way > 0


def give_way(trained: float) -> None:
    """Waits until no query is under way: for `GIVEN_WAY_SECONDS` at most, and in all no longer than training.

    Called by training alone, which has `trained` so many seconds since the last time.
    """
    global _may_give_way
    _may_give_way = min(GIVEN_WAY_SECONDS, _may_give_way + trained)
    began = time.perf_counter()
    with _answered:
        _answered.wait_for(lambda: not _under_way, timeout=max(0.0, _may_give_way))
    _may_give_way -= time.perf_counter() - began
