"""A network written out: its layers in order, all on the way forward and all on the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from fmnist_core.architecture import layers as described
from fmnist_core.architecture.layers import Placed
from fmnist_core.nets.models import layers
from fmnist_core.nets.models.convolutions import Convolution, transposed_convolution
from fmnist_core.nets.models.layers import Layer, Surroundings


class Network:
    """The layers of a description. Their memory is made once, but for what PyTorch's convolutions return."""

    def __init__(self, description: Sequence[Placed], around: Surroundings) -> None:
        self.layers = [LAYERS[type(placed.layer)](placed, around) for placed in description]
        learning = [i for i, placed in enumerate(description) if f"{placed.name}.weight" in around.gradients]
        self.learns = bool(learning)
        self.first = min(learning, default=0)  # ahead of it nothing learns

    def forward(self, x: Tensor) -> Tensor:
        """The outputs for images (count, 1, 28, 28) scaled as they were for training."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def activations(self) -> list[Tensor]:
        """What came out of each ReLU, after pooling, for the images that went forward last."""
        relus = (layers.ReLUDropout, layers.PooledReLUDropout)
        return [layer.activated for layer in self.layers if isinstance(layer, relus)]

    def backward(self, dy: Tensor) -> None:
        """Writes every gradient; dy is that of the loss with respect to the outputs."""
        for layer in reversed(self.layers[self.first + 1 :]):
            layer.gradients(dy)
            dy = layer.backward(dy)
        self.layers[self.first].gradients(dy)


def _activation(placed: Placed, around: Surroundings) -> Layer:
    assert isinstance(placed.layer, described.ReLUDropout)
    return (layers.PooledReLUDropout if placed.layer.pool else layers.ReLUDropout)(placed, around)


# The layer that computes, for each of a description.
LAYERS: dict[type[described.Layer], Callable[[Placed, Surroundings], Layer]] = {
    described.Linear: layers.Linear,
    described.Conv2d: Convolution,
    described.ConvTranspose2d: transposed_convolution,
    described.ReLUDropout: _activation,
    described.Dropout: layers.Dropout,
    described.Sigmoid: layers.Sigmoid,
    described.Flatten: layers.Flatten,
    described.Unflatten: layers.Flatten,
}
