"""Figures of confusion matrices: shares of a class, how two matrices differ, precision, recall and F1.

A matrix has shape (classes, classes), true classes in rows and predicted ones in columns. One of integers
holds counts of images; one of floats holds shares of each row, as some reports print them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ClassScores:
    """Figures of each class, shape (classes,), as fractions of one; NaN where they are not defined.

    `precision` is undefined where a class was never predicted, `recall` where it has no images. `f1` is
    undefined only where a class was neither predicted nor there: 2 TP / (2 TP + FP + FN) needs no more.
    """

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def shares(matrix: np.ndarray) -> np.ndarray:
    """A matrix's counts as shares of their rows; floats are shares already."""
    if not np.issubdtype(matrix.dtype, np.integer):
        return matrix
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """By how much each cell's share of its true class grew; counts or shares in, shares out."""
    return shares(second) - shares(first)


def class_scores(matrix: np.ndarray) -> ClassScores:
    """Of counts; or of shares, as if every class had the same number of images."""
    right = np.diagonal(matrix)
    predicted, actual = matrix.sum(axis=0), matrix.sum(axis=1)
    return ClassScores(
        precision=_ratio(right, predicted),
        recall=_ratio(right, actual),
        f1=_ratio(2 * right, predicted + actual),
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
