"""What Fashion-MNIST's images are made of, class by class: counts, means, standard deviations, histograms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVELS = 256
CHUNK = 500  # images at a time, so that counting 47 million pixels needs little memory


@dataclass(frozen=True, eq=False)
class Pixels:
    """Statistics of images, class by class; brightness is in [0, 255].

    `counts` (10,) images a class; `means` and `deviations` (10, 28, 28) float64, pixel by pixel;
    `histograms` (10, 256) pixels of each class and brightness.
    """

    counts: np.ndarray
    means: np.ndarray
    deviations: np.ndarray
    histograms: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.histograms.sum(0) @ np.arange(LEVELS) / self.histograms.sum())

    @property
    def deviation(self) -> float:
        squares = self.histograms.sum(0) @ np.arange(LEVELS) ** 2 / self.histograms.sum()
        return float(np.sqrt(squares - self.mean**2))

    @property
    def class_means(self) -> np.ndarray:
        """Mean brightness by class, (10,)."""
        means: np.ndarray = self.histograms @ np.arange(LEVELS) / self.histograms.sum(1)
        return means


def measure(images: np.ndarray, labels: np.ndarray, classes: int = 10) -> Pixels:
    """`images` is uint8 (n, 28, 28), `labels` (n,); every class must have at least one image."""
    counts = np.bincount(labels, minlength=classes)
    means = np.empty((classes, *images.shape[1:]))
    deviations = np.empty_like(means)
    histograms = np.zeros((classes, LEVELS), np.int64)
    for k in range(classes):
        sums = np.zeros(images.shape[1:])
        squares = np.zeros_like(sums)
        indices = np.flatnonzero(labels == k)
        for start in range(0, len(indices), CHUNK):
            chunk = images[indices[start : start + CHUNK]]
            histograms[k] += np.bincount(chunk.ravel(), minlength=LEVELS)
            exact = chunk.astype(np.float32)
            sums += exact.sum(0, dtype=np.float64)
            squares += np.einsum("nij,nij->ij", exact, exact, dtype=np.float64)
        means[k] = sums / counts[k]
        deviations[k] = np.sqrt(np.maximum(squares / counts[k] - means[k] ** 2, 0))
    return Pixels(counts=counts, means=means, deviations=deviations, histograms=histograms)


def nearest_mean(images: np.ndarray, means: np.ndarray) -> np.ndarray:
    """The class whose mean image is nearest to each image, (n,): a classifier without any learning."""
    centres = means.reshape(len(means), -1).astype(np.float32)
    nearest = []
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK].reshape(-1, centres.shape[1]).astype(np.float32)
        # |x - m|² without |x|², which is the same for every class.
        nearest.append(np.argmin((centres**2).sum(1) - 2 * chunk @ centres.T, axis=1))
    return np.concatenate(nearest)
