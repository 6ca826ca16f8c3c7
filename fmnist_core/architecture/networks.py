"""The five families of networks, layer by layer, with the shapes of the course reports.

`ARCHITECTURES` is all that the lab knows of them: forms, drawings, costs and the networks that train are made
from it. Behind the families stand the same networks as reports may also be read, which forms do not offer.
Images go in as (1, 28, 28); out come reconstructions of that shape in [0, 1], or ten scores. In the families
every hidden layer is followed by ReLU and dropout, in a convolutional encoder ahead of max pooling.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, Protocol

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Layers,
    Linear,
    Placed,
    ReLUDropout,
    Shape,
    Sigmoid,
    Unflatten,
    placed,
    without_dropout,
)
from fmnist_core.architecture.readings import READINGS, Reading
from fmnist_core.sentences import Sentence

Task = Literal["autoencoder", "classifier"]

IMAGE: Shape = (1, 28, 28)
PIXELS = 28 * 28
CLASSES = 10


class EncoderChoice(Protocol):
    """What decides an encoder's layers, beside sizes and pooling; an `EncoderSource` of a spec is one."""

    @property
    def architecture(self) -> str: ...
    @property
    def dropout(self) -> bool: ...
    @property
    def frozen(self) -> bool: ...


class Settings(Hashable, Protocol):
    """What decides a network's layers; a `RunSpec` is one. Hashable, since the same is asked for often."""

    @property
    def architecture(self) -> str: ...
    @property
    def hidden_sizes(self) -> tuple[int, ...]: ...
    @property
    def dropout(self) -> float: ...
    @property
    def pooling(self) -> bool: ...
    @property
    def encoder(self) -> EncoderChoice | None: ...


@dataclass(frozen=True)
class Architecture:
    """A family of networks. `label` is its name, `short` among those of its task.

    `layers` describes the network that settings make. An autoencoder has the parts "encoder", whose last
    layer with weights is called "latent", and "decoder". One that `takes_encoder` has an autoencoder's.
    Forms have those that are `offered`.
    """

    task: Task
    label: Sentence
    in_sentence: Sentence
    short: Sentence
    default_hidden_sizes: tuple[int, ...]
    most_hidden_sizes: int
    layers: Callable[[Settings], Layers]
    takes_encoder: bool = False
    offered: bool = True


def ff_autoencoder(settings: Settings) -> Layers:
    """784 → n → 784 (R1)."""
    encoder: Layers = {"flatten": Flatten(), **_latent(settings)}
    decoder: Layers = {"output": Linear(PIXELS), "sigmoid": Sigmoid(), "unflatten": Unflatten(IMAGE)}
    return {"encoder": encoder, "decoder": decoder}


def conv_autoencoder(settings: Settings) -> Layers:
    """Convolutions to 16 and 32 channels, then linear to n; back by two transposed convolutions (R2, R4).

    With pooling 28 → 26 → 13 → 11 → 5 pixels a side, without 28 → 26 → 24, which the decoder mirrors.
    """
    convolutions: Layers = {
        "conv1": Conv2d(16, 3),
        "activate1": ReLUDropout(settings.dropout, settings.pooling),
        "conv2": Conv2d(32, 3),
        "activate2": ReLUDropout(settings.dropout, settings.pooling),
    }
    *_, last = placed(convolutions, IMAGE)
    up: tuple[ConvTranspose2d, ConvTranspose2d] = (ConvTranspose2d(16, 3), ConvTranspose2d(1, 3))
    if settings.pooling:
        up = (
            ConvTranspose2d(16, 5, stride=2, padding=2, dilation=2),
            ConvTranspose2d(1, 6, stride=2, padding=1),
        )
    decoder: Layers = {
        "hidden": Linear(Flatten().output(last.behind)[0]),
        "activate1": ReLUDropout(settings.dropout),
        "unflatten": Unflatten(last.behind),
        "up1": up[0],
        "activate2": ReLUDropout(settings.dropout),
        "up2": up[1],
        "sigmoid": Sigmoid(),
    }
    return {"encoder": {**convolutions, "flatten": Flatten(), **_latent(settings)}, "decoder": decoder}


def ff_classifier(settings: Settings) -> Layers:
    """784 → hidden sizes → 10 (R3; with one hidden layer, R5's plain network)."""
    return {"flatten": Flatten(), "hidden": _hidden(settings), "output": Linear(CLASSES)}


def conv_classifier(settings: Settings) -> Layers:
    """Convolutions to 32 and 64 channels, 3 × 3, the first padded; hidden layers; 10 outputs (R5).

    With pooling 28 → 14 → 12 → 6 pixels a side, without 28 → 26.
    """
    return {
        "conv1": Conv2d(32, 3, padding=1),
        "activate1": ReLUDropout(settings.dropout, settings.pooling),
        "conv2": Conv2d(64, 3),
        "activate2": ReLUDropout(settings.dropout, settings.pooling),
        "flatten": Flatten(),
        "hidden": _hidden(settings),
        "output": Linear(CLASSES),
    }


def encoder_classifier(settings: Settings) -> Layers:
    """An autoencoder's encoder, which may go without dropout, and one linear layer, n → 10 (R2, R4)."""
    assert settings.encoder is not None
    encoder = ARCHITECTURES[settings.encoder.architecture].layers(settings)["encoder"]
    return {
        "encoder": encoder if settings.encoder.dropout else without_dropout(encoder),
        "output": Linear(CLASSES),
    }


ARCHITECTURES: dict[str, Architecture] = {
    "ff_autoencoder": Architecture(
        task="autoencoder",
        label=Sentence("Feed-forward autoencoder"),
        in_sentence=Sentence("feed-forward autoencoder"),
        short=Sentence("Feed-forward"),
        default_hidden_sizes=(64,),
        most_hidden_sizes=1,
        layers=ff_autoencoder,
    ),
    "conv_autoencoder": Architecture(
        task="autoencoder",
        label=Sentence("Convolutional autoencoder"),
        in_sentence=Sentence("convolutional autoencoder"),
        short=Sentence("Convolutional"),
        default_hidden_sizes=(64,),
        most_hidden_sizes=1,
        layers=conv_autoencoder,
    ),
    "ff_classifier": Architecture(
        task="classifier",
        label=Sentence("Feed-forward classifier"),
        in_sentence=Sentence("feed-forward classifier"),
        short=Sentence("Feed-forward"),
        default_hidden_sizes=(128, 64),
        most_hidden_sizes=4,
        layers=ff_classifier,
    ),
    "conv_classifier": Architecture(
        task="classifier",
        label=Sentence("Convolutional classifier"),
        in_sentence=Sentence("convolutional classifier"),
        short=Sentence("Convolutional"),
        default_hidden_sizes=(600, 120),
        most_hidden_sizes=4,
        layers=conv_classifier,
    ),
    "encoder_classifier": Architecture(
        task="classifier",
        label=Sentence("Classifier on an encoder"),
        in_sentence=Sentence("classifier on an encoder"),
        short=Sentence("Encoder"),
        default_hidden_sizes=(64,),
        most_hidden_sizes=1,
        layers=encoder_classifier,
        takes_encoder=True,
    ),
}


def _read_otherwise(reading: Reading) -> Architecture:
    usual = ARCHITECTURES[reading.of]
    return replace(
        usual,
        label=reading.label,
        in_sentence=reading.in_sentence,
        short=reading.label,
        layers=lambda settings: reading.layers(usual.layers(settings), settings.dropout),
        offered=False,
    )


ARCHITECTURES |= {name: _read_otherwise(reading) for name, reading in READINGS.items()}


@lru_cache(maxsize=256)
def network_layers(settings: Settings) -> tuple[Placed, ...]:
    """Every layer of the network that these settings make, in order, with the shapes around it."""
    return tuple(placed(ARCHITECTURES[settings.architecture].layers(settings), IMAGE))


def learning_layers(settings: Settings) -> tuple[Placed, ...]:
    """Those whose weights training changes: all that have any, but for those of a frozen encoder."""
    frozen = settings.encoder is not None and settings.encoder.frozen
    return tuple(
        placed
        for placed in network_layers(settings)
        if placed.parameters and not (frozen and placed.name.startswith("encoder."))
    )


def latent_layer(settings: Settings) -> Placed:
    """Where an image has become few numbers, (n,): an encoder's end, or a classifier's last hidden layer."""
    *earlier, _output = network_layers(settings)
    encoder = [placed for placed in earlier if placed.name.startswith("encoder.")]
    return (encoder or earlier)[-1]


def with_weights(layers: Sequence[Placed], name: str) -> Placed | None:
    """The layer with weights whose values come out at `name`: itself, or the one ahead of a ReLU so named.

    Since ReLU, pooling and dropout keep a factor, its weights times one are those values times it.
    """
    for before, here in zip((None, *layers), layers, strict=False):
        if here.name == name and here.parameters:
            return here
        if here.name == name and before is not None and isinstance(here.layer, ReLUDropout):
            return before if before.parameters else None
    return None


def made_by(layers: Sequence[Placed], name: str) -> Placed:
    """The last layer with weights up to the layer of this name."""
    until = next(place for place, layer in enumerate(layers) if layer.name == name)
    return next(layer for layer in reversed(layers[: until + 1]) if layer.parameters)


@lru_cache(maxsize=256)
def parameter_count(settings: Settings) -> int:
    """Weights and biases."""
    return sum(layer.parameters for layer in network_layers(settings))


@lru_cache(maxsize=256)
def multiplications(settings: Settings) -> int:
    """For one image on the way forward."""
    return sum(layer.multiplications for layer in network_layers(settings))


def of_task(task: str) -> tuple[str, ...]:
    """The names of the architectures for a task, in the order in which forms offer them, then the others."""
    return tuple(name for name, architecture in ARCHITECTURES.items() if architecture.task == task)


def offered(task: str) -> tuple[str, ...]:
    """Those of a task that forms offer."""
    return tuple(name for name in of_task(task) if ARCHITECTURES[name].offered)


def _latent(settings: Settings) -> Layers:
    return {"latent": Linear(settings.hidden_sizes[0]), "activate": ReLUDropout(settings.dropout)}


def _hidden(settings: Settings) -> Layers:
    layers = [
        layer for units in settings.hidden_sizes for layer in (Linear(units), ReLUDropout(settings.dropout))
    ]
    return {str(place): layer for place, layer in enumerate(layers)}
