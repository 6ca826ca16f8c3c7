"""How many processor threads a run trains on, and from which thread of a worker."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import ParamSpec, TypeVar

import torch

from fmnist_core.spec import RunSpec

P = ParamSpec("P")
T = TypeVar("T")
TRAINER = ThreadPoolExecutor(1, "trainer")


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
