"""Measures, once, how fast this processor multiplies matrices in float32 and in bfloat16."""

from __future__ import annotations

import time
from functools import lru_cache

import torch

SIZE, GOES = 256, 10


@lru_cache(maxsize=1)
def rates() -> dict[str, float]:
    """GFLOP/s by kind of number, the best of some goes.

    Takes a few milliseconds; where bfloat16 is only emulated, a tenth of a second.
    """
    return {kind: rate(getattr(torch, kind)) for kind in ("float32", "bfloat16")}


def rate(kind: torch.dtype, size: int = SIZE) -> float:
    matrix, best = torch.ones(size, size, dtype=kind), float("inf")
    for _ in range(GOES):
        began = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best / 1e9
