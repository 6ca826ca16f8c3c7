"""What a classifier says of the test images, beside what they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fmnist_core.architecture.networks import CLASSES


def confusion(labels: np.ndarray, guesses: np.ndarray) -> np.ndarray:
    """Counts (10, 10) of classes (n,): labels in rows, guesses in columns."""
    cells = labels.astype(np.int64) * CLASSES + guesses
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


@dataclass(frozen=True, eq=False)
class Answered:
    """`probabilities` (n, 10) and `labels` (n,) of the test images, in the order of the data."""

    probabilities: np.ndarray
    labels: np.ndarray

    @cached_property
    def guesses(self) -> np.ndarray:
        """The likeliest class of each, (n,)."""
        return self.probabilities.argmax(1)

    @cached_property
    def confidences(self) -> np.ndarray:
        """The probability of that class, (n,)."""
        return self.probabilities.max(1)

    @cached_property
    def confusion(self) -> np.ndarray:
        """Counts (10, 10): true classes in rows, guesses in columns."""
        return confusion(self.labels, self.guesses)

    @property
    def accuracy(self) -> float:
        return float((self.guesses == self.labels).mean())

    def of_cell(self, true: int, guess: int) -> np.ndarray:
        """The images of a cell of the confusion matrix, of the guess it is surest of first."""
        cell = np.flatnonzero((self.labels == true) & (self.guesses == guess))
        return cell[np.argsort(-self.confidences[cell], kind="stable")]
