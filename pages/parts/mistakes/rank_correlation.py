"""How alike two pictures are by the order of their pixels: Spearman's rank correlation."""

from __future__ import annotations

import numpy as np


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's; NaN where one of them is the same everywhere."""
    one, other = _ranks(first.ravel()), _ranks(second.ravel())
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """From 1 on; equal ones share the mean of theirs."""
    _values, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    mean: np.ndarray = (last - (counts - 1) / 2)[places]
    return mean
