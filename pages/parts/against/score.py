"""How many answers were right, which were not, and how little so few of them say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

from fmnist_core.statistics import CONFIDENCE
from pages.parts.mistakes.answered import confusion


@dataclass(frozen=True, eq=False)
class Score:
    """`answers` and `labels` are classes, (n,) each, n at least one."""

    answers: np.ndarray
    labels: np.ndarray

    @cached_property
    def right(self) -> np.ndarray:
        """(n,) bool."""
        return self.answers == self.labels

    @property
    def count(self) -> int:
        """How many are right."""
        return int(self.right.sum())

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    @cached_property
    def confusion(self) -> np.ndarray:
        """Counts (10, 10): true classes in rows, answers in columns."""
        return confusion(self.labels, self.answers)

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count, len(self.labels))


def wilson(right: int, count: int) -> tuple[float, float]:
    """Between which shares the true one most likely lies, given so many right of `count`.

    The score interval of Wilson (1927) at `CONFIDENCE`; unlike mean ± z · deviation it stays within 0 and 1
    and has a width even where all answers are right.
    """
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share, scale = right / count, 1 + z * z / count
    middle = (share + z * z / (2 * count)) / scale
    reach = z / scale * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - reach), min(1.0, middle + reach)
