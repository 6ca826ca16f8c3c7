"""Which labels are likely wrong, by confident learning: what a network says of images it was not trained on.

Northcutt, Jiang and Chuang, "Confident Learning", 2021 (arXiv:1911.00068). The library of its authors,
cleanlab, would bring 150 MB and 1.4 s to a process for these lines; tests hold them to its answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class LabelDoubts:
    """`indices` (n,) of the images whose labels are doubtful, the most first, each with a class `suggested`.

    `thresholds` (classes,): from which probability on the network is confident of a class.
    """

    indices: np.ndarray
    suggested: np.ndarray
    thresholds: np.ndarray


def label_doubts(labels: np.ndarray, probabilities: np.ndarray) -> LabelDoubts:
    """`labels` (n,) as given, and out-of-sample `probabilities` (n, classes).

    A class's threshold is the mean probability that its own images get for it. An image is confidently of
    the likeliest class over its threshold; where that is not its label, and the likeliest class of all is
    not either, the label is doubtful, the more so the further its probability lies under the largest other.
    """
    n, classes = probabilities.shape
    own = probabilities[np.arange(n), labels]
    sums, counts = np.bincount(labels, own, classes), np.bincount(labels, minlength=classes)
    thresholds = np.divide(sums, counts, out=np.full(classes, np.inf), where=counts > 0)
    confident = np.where(probabilities >= thresholds - 1e-6, probabilities, -1.0)
    suggested = confident.argmax(1)
    doubtful = (confident.max(1) >= 0) & (suggested != labels) & (probabilities.argmax(1) != labels)
    others = probabilities.copy()
    others[np.arange(n), labels] = -1.0
    margin = own - others.max(1)
    indices = np.flatnonzero(doubtful)
    indices = indices[np.argsort(margin[indices], kind="stable")]
    return LabelDoubts(indices, suggested[indices], thresholds)
