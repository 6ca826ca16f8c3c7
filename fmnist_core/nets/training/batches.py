"""Gives a run its images: which ones, in what order, scaled how.

On a CPU they stay in the memory map that all processes share, uint8, until their batch comes; a GPU gets
its own copy once. Knows nothing of models.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from fmnist_core.data import fashion_mnist
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.spec import TRAIN_EVAL_SIZE, RunSpec


@dataclass(frozen=True)
class Images:
    """`pixels` uint8 (N, 28, 28): a read-only array for a CPU, a tensor on a GPU; `labels` int64 (N,)."""

    pixels: np.ndarray | Tensor
    labels: Tensor

    def take(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Those images as float32 (count, 1, 28, 28) in [0, 1], and their labels (count,)."""
        if isinstance(self.pixels, Tensor):
            pixels = self.pixels.index_select(0, indices)
        else:
            pixels = torch.from_numpy(self.pixels.take(indices.numpy(), axis=0))
        return pixels.to(torch.float32).div_(255).unsqueeze(1), self.labels.index_select(0, indices)


@dataclass(frozen=True)
class Parts:
    """The images of a run's training, evaluations, test and snapshots; indices are int64, on the device.

    `mean` and `deviation` scale inputs; `train_eval` is a fixed part of `train`; `snapshot` are the ten test
    images of every snapshot. Only `test_images` holds test images; only evaluation and snapshots use them.
    """

    train_images: Images
    test_images: Images
    train: Tensor
    train_eval: Tensor
    validation: Tensor
    test: Tensor
    snapshot: Tensor
    mean: float
    deviation: float

    def of(self, part: str) -> tuple[Images, Tensor]:
        """The images of an evaluation: "train_eval", "validation" or "test"."""
        if part == "test":
            return self.test_images, self.test
        return self.train_images, {"train_eval": self.train_eval, "validation": self.validation}[part]

    def scaled(self, images: Tensor) -> Tensor:
        """Images in [0, 1] shifted and divided, for the network's input."""
        if (self.mean, self.deviation) == (0.0, 1.0):
            return images
        return (images - self.mean).div_(self.deviation)


def parts(spec: RunSpec, dataset: Dataset, device: torch.device) -> Parts:
    """Raises `SpecError` if the data in use has too few images."""
    fashion_mnist.check(spec, dataset)
    train, validation = fashion_mnist.split(dataset, spec.train_size, spec.validation_size, spec.seed)
    mean, deviation = fashion_mnist.input_scale(spec, dataset)
    train_images, test_images = _on_device(dataset, device)

    def indices(array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(array, dtype=np.int64)).to(device)

    return Parts(
        train_images=train_images,
        test_images=test_images,
        train=indices(train),
        train_eval=indices(train[:TRAIN_EVAL_SIZE]),
        validation=indices(validation),
        test=indices(np.arange(len(dataset.test_labels))),
        snapshot=indices(fashion_mnist.snapshot_indices(dataset)),
        mean=mean,
        deviation=deviation,
    )


def shuffled(indices: Tensor, seed: int, epoch: int) -> Tensor:
    """The order of an epoch, the first being 0. It depends on seed and epoch, never on what ran before."""
    generator = torch.Generator().manual_seed(stream_seed(seed, "shuffle", epoch))
    return indices[torch.randperm(len(indices), generator=generator).to(indices.device)]


def stream_seed(seed: int, purpose: str, number: int = 0) -> int:
    """Seeds for separate streams of randomness, so that drawing more from one leaves the others alone."""
    words = np.random.SeedSequence([seed, number, *purpose.encode()]).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


@lru_cache(maxsize=2)
def _on_device(dataset: Dataset, device: torch.device) -> tuple[Images, Images]:
    def images(pixels: np.ndarray, labels: np.ndarray) -> Images:
        held = np.asarray(pixels)
        return Images(
            held if device.type == "cpu" else torch.from_numpy(held.copy()).to(device),
            torch.from_numpy(labels.astype(np.int64)).to(device),
        )

    return (
        images(dataset.train_images, dataset.train_labels),
        images(dataset.test_images, dataset.test_labels),
    )
