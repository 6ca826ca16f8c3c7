"""How often the means of a few runs name another winner than the means of all that are recorded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np


def wrong_winner(better: Sequence[float], worse: Sequence[float], seeds: int) -> float:
    """The chance that so many runs of `worse` have a higher mean than so many of `better`.

    Runs are drawn from those recorded, each as likely as any other and independently, so that one may come
    twice. All draws are counted, none is simulated. A tie names the wrong one half of the time.
    """
    high, chances = _means(better, seeds)
    low, others = _means(worse, seeds)
    ahead = np.subtract.outer(low, high)
    tied = np.isclose(ahead, 0.0, rtol=0.0, atol=1e-12)
    wrong = np.where(tied, 0.5, ahead > 0)
    return float(chances @ wrong.T @ others)


def _means(values: Sequence[float], seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """Each mean that so many draws can have, and how likely it is: (k,) each."""
    means, chances = [], []
    for drawn in combinations_with_replacement(range(len(values)), seeds):
        ways = math.factorial(seeds) // math.prod(math.factorial(n) for n in Counter(drawn).values())
        means.append(math.fsum(values[k] for k in drawn) / seeds)
        chances.append(ways / len(values) ** seeds)
    return np.array(means), np.array(chances)
