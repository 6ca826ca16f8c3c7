"""A step of the lab's own layers, loss and backward pass in float64, with all that goes through them kept.

Of a run it is the next one, on the first images of its next batch, with dropout drawn anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from fmnist_core.architecture.layers import Placed
from fmnist_core.architecture.networks import learning_layers, network_layers
from fmnist_core.nets.models.flat import Flat
from fmnist_core.nets.models.layers import Layer, PooledReLUDropout, ReLUDropout, Surroundings
from fmnist_core.nets.models.network import Network as Layers
from fmnist_core.nets.training.batches import shuffled, stream_seed
from fmnist_core.nets.training.losses import LOSSES
from fmnist_core.nets.worker.inspection import NoSuchPart
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.sentences import Sentence

MOST_IMAGES = 512
CPU = torch.device("cpu")


@dataclass
class Recorded:
    """A layer, and what went through it last: `x` in, `y` out, `dy` back.

    `kept`, of a layer with dropout, is 0 where a value rests and 1 elsewhere, as large as `x`.
    """

    layer: Layer
    generator: torch.Generator
    x: Tensor = field(init=False)
    y: Tensor = field(init=False)
    dy: Tensor = field(init=False)
    kept: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        self.x = x.clone()
        if isinstance(self.layer, ReLUDropout | PooledReLUDropout) and self.layer.mask is not None:
            before = self.generator.get_state()
            self.kept = torch.ones_like(x)
            self.layer.mask.drop(self.kept)
            self.generator.set_state(before)  # the layer draws the same once more
        y = self.layer.forward(x)
        self.y = y.clone()
        return y

    @property
    def scale(self) -> float:
        """By what an activation multiplies what is kept."""
        activation = self.layer.activation if isinstance(self.layer, PooledReLUDropout) else self.layer
        return activation.scale if isinstance(activation, ReLUDropout) else 1.0

    def gradients(self, dy: Tensor) -> None:
        self.dy = dy.clone()
        self.layer.gradients(dy)

    def backward(self, dy: Tensor) -> Tensor:
        self.dy = dy.clone()
        return self.layer.backward(dy)


class RecordedStep:
    """Forward, loss and backward, as often as wanted, always on the same images with the same dropout.

    `weights` are those that learn, to be changed by whoever tries something; `gradients` belong to them;
    `every` are all weights, by name. `layers` go by their names in the network's description.
    """

    def __init__(self, network: Network, count: int, draw: int) -> None:
        self.of, self.spec, self.draw = network, network.spec, draw
        self.count = min(count, MOST_IMAGES, len(network.parts.train))
        self.description = network_layers(self.spec)
        learning = learning_layers(self.spec)
        names = [f"{placed.name}.{what}" for placed in learning for what in ("weight", "bias")]
        self.weights = Flat.zeros({name: network.weights[name] for name in names}, torch.float64, CPU)
        for name, view in self.weights.views.items():
            view.copy_(network.weights[name])
        frozen = {name: weight.double() for name, weight in network.weights.items() if name not in names}
        self.every = {**frozen, **self.weights.views}
        self.gradients = self.weights.alike()
        self.generator = torch.Generator()
        around = Surroundings(
            count=self.count,
            weights=self.every,
            gradients=self.gradients.views,
            dtype=torch.float64,
            device=CPU,
            generator=self.generator,
        )
        self.network = Layers(self.description, around)
        self.layers = {
            placed.name: Recorded(layer, self.generator)
            for placed, layer in zip(self.description, self.network.layers, strict=True)
        }
        self.network.layers[:] = self.layers.values()
        self.loss = LOSSES[self.spec.task, self.spec.loss]()
        self.take(0)

    def take(self, back: int) -> None:
        """The images of this step, or those `back` so many steps of as many images; each with its dropout."""
        indices = batch(self.of, self.count, -back * self.count)
        self.images, self.labels = self.of.parts.train_images.take(indices)
        self.inputs = self.of.parts.scaled(self.images).double()
        self.target = self.images.double() if self.spec.task == "autoencoder" else self.labels
        self.seed = stream_seed(self.spec.seed, f"dropout of one step, {back} back", self.draw)

    def forward(self) -> float:
        """The loss."""
        self.generator.manual_seed(self.seed)
        outputs = self.network.forward(self.inputs.clone())
        return self.loss.forward(outputs, self.target).item()

    def backward(self) -> None:
        """Writes the gradients, for what went forward last."""
        self.network.backward(self.loss.backward())

    def learning(self, name: str) -> Placed:
        """The layer of this name whose weights learn. Raises `NoSuchPart`."""
        for placed in learning_layers(self.spec):
            if placed.name == name:
                return placed
        raise NoSuchPart(Sentence("This network has no layer “{name}” that learns.", name=name[:40]))


def batch(network: Network, count: int, first: int = 0) -> Tensor:
    """Which training images: `count` from the next batch's beginning on, or from `first` images after it.

    At the end of an epoch's order it begins anew, as it does ahead of its beginning.
    """
    epoch, number = divmod(network.step, network.spec.steps_per_epoch)
    order = shuffled(network.parts.train, network.spec.seed, epoch)
    start = number * network.spec.batch_size + first
    return order[(start + torch.arange(count)) % len(order)]
