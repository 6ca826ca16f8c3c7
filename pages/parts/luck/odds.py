"""How often the means of a few runs name another winner than the means of all that are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import comb

import numpy as np

SAME = 1e-12  # sums of the same runs in another order


def wrong_winner(better: Sequence[float], worse: Sequence[float], seeds: int) -> float:
    """The chance that so many runs of `worse` have a higher mean than so many of `better`.

    Runs are drawn from those recorded, each as likely as any other and independently, so that one may come
    twice. All draws are counted, none is simulated. A tie names the wrong one half of the time.
    """
    return _counted(tuple(better), tuple(worse), seeds)


@lru_cache(maxsize=1024)  # of all pairs of a study, and again at every click
def _counted(better: tuple[float, ...], worse: tuple[float, ...], seeds: int) -> float:
    high, below = _means(better, seeds)
    low, at_most = _means(worse, seeds)
    chances = np.diff(at_most)
    lower = below[np.searchsorted(high, low - SAME, "left")]
    no_higher = below[np.searchsorted(high, low + SAME, "right")]
    return float(chances @ (lower + no_higher) / 2)


def _means(values: tuple[float, ...], seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """Each mean that so many draws can have, sorted, (k,), and how likely those before each are, (k + 1,).

    Run after run is taken in: it is drawn any number of times, in any places of the draw, and those before it
    fill the others.
    """
    draws = [(np.zeros(1), np.ones(1)), *[(np.zeros(0), np.zeros(0))] * seeds]  # sums and ways, by count
    for value in values:
        draws = [_with(value, draws[: count + 1]) for count in range(seeds + 1)]
    sums, ways = draws[seeds]
    order = np.argsort(sums)
    chances = np.cumsum(ways[order] / len(values) ** seeds)
    return sums[order] / seeds, np.concatenate([[0.0], chances])


def _with(value: float, draws: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Sums and ways of the largest draw, once the missing places of each draw are filled with `value`."""
    count = len(draws) - 1
    sums = [sums + (count - others) * value for others, (sums, _ways) in enumerate(draws)]
    ways = [comb(count, others) * ways for others, (_sums, ways) in enumerate(draws)]
    return np.concatenate(sums), np.concatenate(ways)
