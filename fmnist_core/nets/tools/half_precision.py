"""Stores weights at half the size, as float16, where that changes nothing that a learner sees.

Pages show losses with four decimals and accuracies in tenths of a percent. Small tensors (biases, kernels,
last layers) stay float32: they weigh next to nothing on disk, and to round them is what moves figures most.
"""

from __future__ import annotations

import torch
from safetensors.torch import save as write_tensors
from torch import Tensor

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.nets.training.batches import parts
from fmnist_core.nets.training.evaluation import Tally, add_chunk, predictor
from fmnist_core.nets.training.loop import read_weights
from fmnist_core.spec import RunSpec

LARGE = 10_000  # numbers in a tensor
LOSS_OFF, ACCURACY_OFF = 5e-5, 5e-4  # half of the last digit shown; 5 of the 10,000 test images


def halved(weights: bytes, spec: RunSpec, loss: float, accuracy: float | None, dataset: Dataset) -> bytes:
    """model.safetensors with large tensors in float16; as it was if figures were then off by too much.

    `loss` and `accuracy` are those recorded, on the test images. Raises `DataError` or `CheckpointError`, in
    sentences.
    """
    tensors = read_weights(weights)
    small = {name: t.half() if t.numel() >= LARGE else t for name, t in tensors.items()}
    figures = tested(small, spec, dataset)
    close = abs(figures.loss - loss) < LOSS_OFF
    if accuracy is not None:
        close = close and abs(figures.accuracy - accuracy) < ACCURACY_OFF
    return write_tensors(small, {"spec": spec.to_json()}) if close else weights


def tested(weights: dict[str, Tensor], spec: RunSpec, dataset: Dataset) -> Tally:
    """How these weights do on the test images; they are calculated with in float32."""
    images, tally = parts(spec, dataset, torch.device("cpu")), Tally()
    predict = predictor(spec, weights)
    while tally.seen < len(images.test):
        add_chunk(tally, spec, predict, images, "test")
    return tally
