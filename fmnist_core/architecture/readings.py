"""Networks as a report's words may also be read: where dropout stands, which kernels, which activations.

Each changes the layers of a family. Forms do not offer them; they are trained to test why figures differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Layer,
    Layers,
    Linear,
    ReLUDropout,
    Sigmoid,
    Unflatten,
)
from fmnist_core.sentences import Sentence


@dataclass(frozen=True)
class Reading:
    """`layers` makes the network from those of the family `of`, and its dropout."""

    of: str
    label: Sentence
    in_sentence: Sentence
    layers: Callable[[Layers, float], Layers]


def output_dropout(layers: Layers, p: float) -> Layers:
    """Pixels are dropped, too, behind the last sigmoid."""
    return {**layers, "decoder": {**_part(layers, "decoder"), "drop": Dropout(p)}}


def two_sigmoids(layers: Layers, p: float) -> Layers:
    """A sigmoid, and no ReLU, behind the first transposed convolution."""
    return {
        **layers,
        "decoder": _with(
            _part(layers, "decoder"), "activate2", {"activate2": Sigmoid(), "drop2": Dropout(p)}
        ),
    }


def padded(layers: Layers, p: float) -> Layers:
    """Convolutions that keep the size, 28 → 14 → 7 by pooling, and back by kernels of 2 in steps of 2."""
    encoder = {
        **_part(layers, "encoder"),
        "conv1": Conv2d(16, 3, padding=1),
        "conv2": Conv2d(32, 3, padding=1),
    }
    decoder = {
        **_part(layers, "decoder"),
        "hidden": Linear(32 * 7 * 7),
        "unflatten": Unflatten((32, 7, 7)),
        "up1": ConvTranspose2d(16, 2, stride=2),
        "up2": ConvTranspose2d(1, 2, stride=2),
    }
    return {"encoder": encoder, "decoder": decoder}


def encoder_unpooled(layers: Layers, p: float) -> Layers:
    """Without pooling in the encoder, and with the decoder that it has with pooling."""
    encoder = {**_part(layers, "encoder"), "activate1": ReLUDropout(p), "activate2": ReLUDropout(p)}
    return {**layers, "encoder": encoder}


def dropout_behind_pooling(layers: Layers, p: float) -> Layers:
    """Pooling chooses among all values, and dropout comes after it."""
    if "encoder" in layers:
        return {**layers, "encoder": dropout_behind_pooling(_part(layers, "encoder"), p)}
    changed: dict[str, Layer | Layers] = {}
    for name, layer in layers.items():
        if isinstance(layer, ReLUDropout) and layer.pool:
            changed |= {name: replace(layer, p=0.0), f"{name}_drop": Dropout(p)}
        else:
            changed[name] = layer
    return changed


def one_dropout(layers: Layers, p: float) -> Layers:
    """Dropout behind the first hidden layer only."""
    convolutions = {
        name: replace(layer, p=0.0) if isinstance(layer, ReLUDropout) else layer
        for name, layer in layers.items()
    }
    hidden = {
        name: replace(layer, p=0.0) if isinstance(layer, ReLUDropout) and name != "1" else layer
        for name, layer in _part(layers, "hidden").items()
    }
    return {**convolutions, "hidden": hidden}


def linear_hidden(layers: Layers, p: float) -> Layers:
    """`one_dropout`, and no ReLU behind a hidden layer."""
    hidden = [layer for layer in _part(layers, "hidden").values() if not isinstance(layer, ReLUDropout)]
    hidden.insert(1, Dropout(p))
    numbered = {str(place): layer for place, layer in enumerate(hidden)}
    return {**one_dropout(layers, p), "hidden": numbered}


def _part(layers: Layers, name: str) -> Mapping[str, Layer | Layers]:
    part = layers[name]
    assert isinstance(part, Mapping)
    return part


def _with(layers: Layers, name: str, instead: Layers) -> Layers:
    """The layers with others in the place of one."""
    changed: dict[str, Layer | Layers] = {}
    for each, layer in layers.items():
        changed |= instead if each == name else {each: layer}
    return changed


READINGS: dict[str, Reading] = {
    "conv_autoencoder_output_dropout": Reading(
        "conv_autoencoder",
        Sentence("Convolutional autoencoder, dropout at the output too"),
        Sentence("convolutional autoencoder with dropout at the output, too"),
        output_dropout,
    ),
    "conv_autoencoder_two_sigmoids": Reading(
        "conv_autoencoder",
        Sentence("Convolutional autoencoder with two sigmoids"),
        Sentence("convolutional autoencoder with a sigmoid behind its first transposed convolution"),
        two_sigmoids,
    ),
    "conv_autoencoder_padded": Reading(
        "conv_autoencoder",
        Sentence("Convolutional autoencoder, padded"),
        Sentence("convolutional autoencoder with padding, and with kernels of 2 on the way back"),
        padded,
    ),
    "conv_autoencoder_encoder_unpooled": Reading(
        "conv_autoencoder",
        Sentence("Convolutional autoencoder, encoder without pooling"),
        Sentence("convolutional autoencoder without pooling in its encoder, its decoder unchanged"),
        encoder_unpooled,
    ),
    "conv_autoencoder_pool_dropout": Reading(
        "conv_autoencoder",
        Sentence("Convolutional autoencoder, dropout behind pooling"),
        Sentence("convolutional autoencoder with dropout behind pooling"),
        dropout_behind_pooling,
    ),
    "conv_classifier_pool_dropout": Reading(
        "conv_classifier",
        Sentence("Convolutional classifier, dropout behind pooling"),
        Sentence("convolutional classifier with dropout behind pooling"),
        dropout_behind_pooling,
    ),
    "conv_classifier_one_dropout": Reading(
        "conv_classifier",
        Sentence("Convolutional classifier, one dropout"),
        Sentence("convolutional classifier with dropout behind its first hidden layer only"),
        one_dropout,
    ),
    "conv_classifier_linear_hidden": Reading(
        "conv_classifier",
        Sentence("Convolutional classifier, linear hidden layers"),
        Sentence("convolutional classifier with one dropout, and without ReLU between its hidden layers"),
        linear_hidden,
    ),
}
