"""Whether a classifier is as sure as it is right: the bins of a reliability diagram, and their error.

Guo and others, "On Calibration of Modern Neural Networks", 2017 (arXiv:1706.04599).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 15


@dataclass(frozen=True, eq=False)
class Reliability:
    """By bin of the confidence, from `edges[k]` (left out) to `edges[k + 1]`: arrays of `BINS` numbers.

    `confidence` and `accuracy` are means over the bin's images, NaN where `count` is 0. `error` is the
    expected calibration error: by how much both differ, over all images.
    """

    edges: np.ndarray
    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    error: float


def reliability(confidences: np.ndarray, right: np.ndarray) -> Reliability:
    """`confidences` (n,) in [0, 1], and whether each guess is `right`, (n,)."""
    edges = np.linspace(0, 1, BINS + 1)
    places = np.searchsorted(edges[1:-1], confidences)
    count = np.bincount(places, minlength=BINS)
    sums = [np.bincount(places, values, BINS) for values in (confidences, right)]
    with np.errstate(invalid="ignore"):
        confidence, accuracy = (total / count for total in sums)
    error = float(np.abs(sums[0] - sums[1]).sum() / len(confidences))
    return Reliability(edges, count, confidence, accuracy, error)
