"""Evaluates a network with dropout off: loss, accuracy, confusion matrix, and the garments of a snapshot.

It is calculated in float32, whatever training is in: early stopping and the choice between runs go by it.
An evaluation is a running sum that may stop after any chunk of images and go on later with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from fmnist_core.architecture.networks import CLASSES, network_layers
from fmnist_core.nets.models.layers import Surroundings
from fmnist_core.nets.models.network import Network
from fmnist_core.nets.training.batches import Parts
from fmnist_core.nets.training.losses import LOSSES
from fmnist_core.spec import RunSpec

CPU_CHUNK, GPU_CHUNK = 250, 5000  # on one thread, well under 0.1 s for the slowest network with pooling
UNIT_IMAGES = 1000  # a unit that stays at zero for so many counts as dead

Predict = Callable[[Tensor], Tensor]


@dataclass
class Tally:
    """Sums over the images seen so far. `counts[true, predicted]` stays zero for autoencoders.

    `output_range` is how far outputs for different images lie apart, at most, within a chunk. `active` says
    of the `units`, or feature maps, of each hidden layer whether any image brought them above zero, a bit
    each in hexadecimal; both are empty where that was not watched.
    What a chunk adds stays on the device, in `waiting`, until it is collected, so that a GPU need not wait.
    """

    seen: int = 0
    loss_sum: float = 0.0
    output_range: float = 0.0
    counts: np.ndarray = field(default_factory=lambda: np.zeros((CLASSES, CLASSES), np.int64))
    units: list[int] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    waiting: list[Tensor] = field(default_factory=list)

    def see_units(self, active: Sequence[np.ndarray]) -> None:
        """Adds what `Predictor.active_units` says of some images."""
        bits = [int(np.packbits(layer).tobytes().hex(), 16) for layer in active]
        before = [int(text, 16) for text in self.active] or [0] * len(active)
        self.units = [len(layer) for layer in active]
        self.active = [f"{one | other:x}" for one, other in zip(bits, before, strict=True)]

    def collect(self) -> None:
        if self.waiting:
            for loss_sum, output_range, *cells in torch.stack(self.waiting).tolist():
                self.loss_sum += loss_sum
                self.output_range = max(self.output_range, output_range)
                self.counts += np.array(cells, np.int64).reshape(CLASSES, CLASSES)
            self.waiting.clear()

    @property
    def loss(self) -> float:
        return self.loss_sum / self.seen

    @property
    def accuracy(self) -> float:
        return float(self.counts.trace() / self.seen)

    @property
    def dead_units(self) -> float | None:
        """The share of units that no image brought above zero, in the hidden layer where it is largest."""
        layers = zip(self.units, self.active, strict=True)
        return max((1 - int(bits, 16).bit_count() / count for count, bits in layers), default=None)


@torch.inference_mode()
def add_chunk(tally: Tally, spec: RunSpec, predict: Predict, parts: Parts, part: str) -> None:
    """Evaluates the next images of the part."""
    source, indices = parts.of(part)
    chunk = indices[tally.seen : tally.seen + (CPU_CHUNK if indices.device.type == "cpu" else GPU_CHUNK)]
    images, labels = source.take(chunk)
    outputs = predict(parts.scaled(images))
    target = images if spec.task == "autoencoder" else labels
    loss_sum = LOSSES[spec.task, spec.loss]().forward(outputs, target).double() * len(chunk)
    output_range = (outputs.amax(0) - outputs.amin(0)).max()
    cells = outputs.new_zeros(CLASSES**2, dtype=torch.float64)
    if spec.task == "classifier":
        cell = labels * CLASSES + outputs.argmax(1)
        cells.index_add_(0, cell, torch.ones_like(cell, dtype=torch.float64))
    tally.waiting.append(torch.cat([loss_sum.view(1), output_range.double().view(1), cells]))
    tally.seen += len(chunk)
    if tally.seen == len(indices):
        tally.collect()


@torch.inference_mode()
def snapshot_outputs(spec: RunSpec, predict: Predict, parts: Parts) -> np.ndarray:
    """The ten fixed garments: uint8 (10, 28, 28) for an autoencoder, else probabilities float32 (10, 10)."""
    images, _ = parts.test_images.take(parts.snapshot)
    outputs = predict(parts.scaled(images))
    if spec.task == "autoencoder":
        return outputs.squeeze(1).mul(255).round().to(torch.uint8).cpu().numpy()
    return probabilities(spec, outputs).cpu().numpy()


def probabilities(spec: RunSpec, outputs: Tensor) -> Tensor:
    """What a classifier's outputs say of each class, (count, 10), each row adding up to 1.

    The largest output is always the likeliest class, also where several lie above 1, or all below 0.
    """
    if spec.loss == "cross_entropy":
        return outputs.softmax(1)
    shares = outputs.clamp(0, 1) + 1e-6  # never all zero
    largest = outputs.argmax(1, keepdim=True)
    shares.scatter_(1, largest, (1 + 1e-5) * shares.gather(1, largest))
    return shares / shares.sum(1, keepdim=True)


class Predictor:
    """A network with dropout off, as a function of images scaled as in training; on, with a generator.

    What it returns is overwritten by the next call, and its memory is given back with it.
    """

    def __init__(
        self, spec: RunSpec, weights: Mapping[str, Tensor], generator: torch.Generator | None = None
    ) -> None:
        self.spec = spec
        self.generator = generator
        self.weights = {name: weight.float() for name, weight in weights.items()}
        self.network: Network | None = None
        self.room = 0

    def __call__(self, images: Tensor) -> Tensor:
        if self.network is None or len(images) > self.room:
            self.room = len(images)
            around = Surroundings(self.room, self.weights, {}, torch.float32, images.device, self.generator)
            self.network = Network(network_layers(self.spec), around)
        return self.network.forward(images)

    def active_units(self, count: int) -> list[np.ndarray]:
        """Of each unit, or feature map, of each hidden layer, whether an image activated it.

        Of the last images, the first `count` are looked at.
        """
        assert self.network is not None
        by_unit = (
            y[:count].movedim(1, -1).flatten(0, -2) for y in self.network.activations()
        )  # as pixels lie
        return [(y.sum(0) > 0).cpu().numpy() for y in by_unit]  # none is negative, and sums are quicker


def predictor(spec: RunSpec, weights: Mapping[str, Tensor]) -> Predictor:
    """The network with these weights."""
    return Predictor(spec, weights)
