"""The layers that networks are described with: what shape comes out, how many weights, how much arithmetic.

A layer is data and computes nothing. Shapes are those of one image on its way: (channels, rows, columns), or
(units,). A layer refuses a shape that it cannot take with a `ShapeError`, for whoever describes a network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Protocol, TypeAlias

from fmnist_core.sentences import Sentence

Shape: TypeAlias = tuple[int, ...]


class ShapeError(Exception):
    """A network is described with a layer where it does not fit."""


class Layer(Protocol):
    def output(self, shape: Shape) -> Shape:
        """The shape that comes out where `shape` goes in. Raises `ShapeError`."""

    def parameters(self, shape: Shape) -> int:
        """Weights and biases."""

    def multiplications(self, shape: Shape) -> int:
        """For one image on the way forward; activations and pooling count as none."""


@dataclass(frozen=True)
class _WithoutWeights:
    def parameters(self, shape: Shape) -> int:
        return 0

    def multiplications(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True)
class Linear:
    units: int

    def output(self, shape: Shape) -> Shape:
        _expect(self, shape, 1, "put a Flatten before it")
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        return self.multiplications(shape) + self.units

    def multiplications(self, shape: Shape) -> int:
        return prod(shape) * self.units


@dataclass(frozen=True)
class Conv2d:
    """A square kernel in steps of one pixel."""

    channels: int
    kernel: int
    padding: int = 0

    def output(self, shape: Shape) -> Shape:
        _expect(self, shape, 3, "put an Unflatten before it")
        side = shape[1] + 2 * self.padding - self.kernel + 1
        if side < 1:
            raise ShapeError(f"{self} does not fit into {shape}")
        return (self.channels, side, side)

    def parameters(self, shape: Shape) -> int:
        return shape[0] * self.channels * self.kernel**2 + self.channels

    def multiplications(self, shape: Shape) -> int:
        return shape[0] * self.kernel**2 * prod(self.output(shape))


@dataclass(frozen=True)
class ConvTranspose2d:
    """A square kernel, with PyTorch's meaning of stride, padding and dilation."""

    channels: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    def output(self, shape: Shape) -> Shape:
        _expect(self, shape, 3, "put an Unflatten before it")
        side = (shape[1] - 1) * self.stride - 2 * self.padding + self.dilation * (self.kernel - 1) + 1
        return (self.channels, side, side)

    def parameters(self, shape: Shape) -> int:
        return shape[0] * self.channels * self.kernel**2 + self.channels

    def multiplications(self, shape: Shape) -> int:
        return self.channels * self.kernel**2 * prod(shape)


@dataclass(frozen=True)
class ReLUDropout(_WithoutWeights):
    """ReLU, then dropout with probability p; with `pool`, then max pooling 2 × 2."""

    p: float
    pool: bool = False

    def output(self, shape: Shape) -> Shape:
        if not self.pool:
            return shape
        _expect(self, shape, 3, "pool images only")
        return (shape[0], shape[1] // 2, shape[2] // 2)


@dataclass(frozen=True)
class Dropout(_WithoutWeights):
    """Dropout with probability p, where no ReLU stands."""

    p: float

    def output(self, shape: Shape) -> Shape:
        return shape


@dataclass(frozen=True)
class Sigmoid(_WithoutWeights):
    def output(self, shape: Shape) -> Shape:
        return shape


@dataclass(frozen=True)
class Flatten(_WithoutWeights):
    def output(self, shape: Shape) -> Shape:
        return (prod(shape),)


@dataclass(frozen=True)
class Unflatten(_WithoutWeights):
    shape: Shape

    def output(self, shape: Shape) -> Shape:
        if prod(shape) != prod(self.shape):
            raise ShapeError(f"{self} cannot be made of {shape}")
        return self.shape


# In the order in which an image passes; a part with a name of its own may hold layers, or parts again.
Layers: TypeAlias = Mapping[str, "Layer | Layers"]


def layer_name(layer: Layer) -> Sentence:
    """What a layer with weights is called on screen."""
    match layer:
        case Conv2d(kernel=k):
            return Sentence("Convolution {k} × {k}", k=k)
        case ConvTranspose2d(kernel=k):
            return Sentence("Transposed convolution {k} × {k}", k=k)
        case _:
            return Sentence("Linear")


@dataclass(frozen=True)
class Placed:
    """A layer in its place: its full name, as in "encoder.conv1", and the shapes before and behind it."""

    name: str
    layer: Layer
    before: Shape
    behind: Shape

    @property
    def parameters(self) -> int:
        return self.layer.parameters(self.before)

    @property
    def multiplications(self) -> int:
        return self.layer.multiplications(self.before)


def placed(layers: Layers, shape: Shape, prefix: str = "") -> Iterator[Placed]:
    """Every layer in order, for an image of this shape. Raises `ShapeError`."""
    for name, entry in layers.items():
        if isinstance(entry, Mapping):
            for inner in placed(entry, shape, f"{prefix}{name}."):
                yield inner
                shape = inner.behind
        else:
            here = Placed(prefix + name, entry, shape, entry.output(shape))
            yield here
            shape = here.behind


def without_dropout(layers: Layer | Layers) -> Layer | Layers:
    """The same layers as they are in evaluation mode."""
    if isinstance(layers, Mapping):
        return {name: without_dropout(entry) for name, entry in layers.items()}
    return replace(layers, p=0.0) if isinstance(layers, ReLUDropout | Dropout) else layers


def _expect(layer: Layer, shape: Shape, dimensions: int, remedy: str) -> None:
    if len(shape) != dimensions:
        raise ShapeError(f"{layer} cannot take {shape}: {remedy}")
