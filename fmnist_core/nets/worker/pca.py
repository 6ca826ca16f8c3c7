"""Computes principal components: the best that a linear network of the same width could do, for comparison.

Everything is computed from sums over chunks of images, so that no second copy of the data is made.
scikit-learn takes 2.7 times as long and 2.8 times the memory (3.08 s for 1.13 s, 793 MB for 280 MB; all
images, one thread), and is less exact: `python benchmarks/pca.py` measures it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from fmnist_core.architecture.networks import PIXELS
from fmnist_core.data import fashion_mnist

CHUNK = 5000


def errors(train_size: int, validation_size: int, seed: int) -> dict[str, np.ndarray]:
    """The mean squared error a pixel, on images in [0, 1], that n components leave: (785,) float32, by n.

    Fitted on the training images that a run with these sizes and this seed has; for those ("train"), for the
    "test" images, and, if there are any, for the run's "validation" images. Raises `DataError`.
    """
    dataset = fashion_mnist.load()
    train, validation = fashion_mnist.split(dataset, train_size, validation_size, seed)
    mean, covariance = moments(dataset.train_images, train)
    variances, components = torch.linalg.eigh(covariance)
    variances, components = variances.flip(0), components.flip(1)
    left = {"train": _left(variances, variances.sum())}
    parts = {"test": (dataset.test_images, np.arange(len(dataset.test_labels)))}
    if len(validation):
        parts["validation"] = (dataset.train_images, validation)
    for part, (images, indices) in parts.items():
        explained, total = torch.zeros(PIXELS, dtype=torch.float64), 0.0
        for chunk in _chunks(images, indices):
            centred = chunk - mean
            total += centred.square().sum(dtype=torch.float64).item()
            explained += (centred @ components.float()).square().sum(0, dtype=torch.float64)
        left[part] = _left(explained / len(indices), torch.tensor(total / len(indices)))
    return left


def moments(images: np.ndarray, indices: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (784,) float32 and covariance (784, 784) float64 of images scaled to [0, 1]."""
    mean = torch.zeros(PIXELS, dtype=torch.float64)
    for chunk in _chunks(images, indices):
        mean += chunk.sum(0, dtype=torch.float64)
    centre = (mean / len(indices)).float()
    covariance = torch.zeros(PIXELS, PIXELS, dtype=torch.float64)
    for chunk in _chunks(images, indices):
        centred = chunk - centre
        covariance += (centred.T @ centred).double()
    return centre, covariance / len(indices)


def _chunks(images: np.ndarray, indices: np.ndarray) -> Iterator[torch.Tensor]:
    for first in range(0, len(indices), CHUNK):
        chunk = np.ascontiguousarray(images[np.sort(indices[first : first + CHUNK])])
        yield torch.from_numpy(chunk).flatten(1).float().div_(255)


def _left(explained: torch.Tensor, total: torch.Tensor) -> np.ndarray:
    """What is left of the total, a pixel, after none, one, two … components."""
    so_far = torch.cat([torch.zeros(1, dtype=torch.float64), explained.cumsum(0)])
    return ((total - so_far).clamp(min=0) / PIXELS).float().numpy()
