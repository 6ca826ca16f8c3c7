"""What a network makes of an image, layer by layer, in PyTorch's own operations, float32, dropout off.

The queries of the pages that look inside. Each names a run (`run_id`, with `store_url`; `step`, or now) or a
shipped `model`. A layer goes by its name in the network's description, such as "encoder.conv1". An `image` is
a test image's number, or a learner's own, a byte a pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    Placed,
    ReLUDropout,
    Sigmoid,
    Unflatten,
)
from fmnist_core.architecture.networks import network_layers
from fmnist_core.data.disturbance import SIDE
from fmnist_core.messages import BEFORE_POOLING, INPUT, KEPT
from fmnist_core.nets.training import evaluation
from fmnist_core.nets.worker import network_at
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.sentences import LabError, Sentence

PROBABILITIES = "probabilities"
USE_IMAGES, CHUNK = 1000, 250
DRAWS = 3


class NoSuchPart(LabError):
    """The network has no such layer, or the data no such image."""


def about_a_network(query: Callable[..., Any]) -> Callable[..., Any]:
    """The query is asked of a run or of a shipped model, and gets the `Network`."""

    @wraps(query)
    @torch.inference_mode()
    def asked(
        *, store_url: str = "", run_id: str = "", step: int | None = None, model: str = "", **arguments: Any
    ) -> Any:
        network = network_at.of_run(store_url, run_id, step) if run_id else network_at.of_shipped_model(model)
        return query(network, **arguments)

    return asked


def still(store_url: str, run_id: str) -> int:
    """The batches behind a run that may be training: queries about that step see one and the same network."""
    return network_at.still(store_url, run_id).step


@about_a_network
def activations(network: Network, image: int | bytes) -> dict[str, np.ndarray]:
    """What comes out of every layer for an image, float32, each of the shape behind it.

    "input" is the image as the network gets it; where there is pooling, "….before_pooling" are the values
    that it chooses from; of a classifier, "probabilities" (10,).
    """
    x = one_image(network, image)
    values = {INPUT: x, **dict(forward(network, x))}
    if network.spec.task == "classifier":
        *_, outputs = values.values()
        values[PROBABILITIES] = evaluation.probabilities(network.spec, outputs)
    return {name: value[0].numpy() for name, value in values.items()}


@about_a_network
def layer_weights(network: Network, layer: str, first: int = 0, count: int = 64) -> dict[str, np.ndarray]:
    """Those that make `count` outputs from the `first` on, float32: "weight" and "bias".

    A linear layer's weight is (count, inputs), a convolution's (count, channels, kernel, kernel), also that
    of a transposed one. "into" are the weights of a linear layer that follows with no other in between,
    which say what its units do with each of these: (units, count).
    """
    layers = network_layers(network.spec)
    place = _place(layers, layer)
    weight = network.weights[f"{layer}.weight"].float()
    if isinstance(layers[place].layer, ConvTranspose2d):
        weight = weight.transpose(0, 1)
    chosen = slice(max(0, first), max(0, first) + count)
    answer = {
        "weight": weight[chosen].contiguous().numpy(),
        "bias": network.weights[f"{layer}.bias"].float()[chosen].numpy(),
    }
    following = next((placed for placed in layers[place + 1 :] if placed.parameters), None)
    if following is not None and isinstance(following.layer, Linear) and len(layers[place].behind) == 1:
        answer["into"] = network.weights[f"{following.name}.weight"].float()[:, chosen].contiguous().numpy()
    return answer


@about_a_network
def use_of_units(network: Network, layer: str) -> dict[str, np.ndarray]:
    """How the units, or feature maps, of a layer react to the first 1,000 test images, float32 each (units,).

    "active": the share of images at which any value is above zero; "mean": the mean value.
    """
    if layer not in {placed.name for placed in network_layers(network.spec)}:
        raise NoSuchPart(Sentence("This network has no layer “{name}” with weights.", name=layer[:40]))
    count = min(USE_IMAGES, len(network.parts.test))
    active, mean = torch.zeros(()), torch.zeros(())
    for start in range(0, count, CHUNK):
        values = dict(forward(network, test_images(network, slice(start, min(count, start + CHUNK)))))[layer]
        by_unit = values.flatten(2) if values.dim() == 4 else values.unsqueeze(2)
        active = active + (by_unit > 0).any(2).sum(0)
        mean = mean + by_unit.mean(2).sum(0)
    return {"active": (active / count).float().numpy(), "mean": (mean / count).float().numpy()}


@about_a_network
def surgery(
    network: Network, image: int | bytes, layer: str, unit: int, factor: float
) -> dict[str, np.ndarray]:
    """The network as it is, and with a unit's, or feature map's, values times `factor`; float32.

    `layer` is the activation that they come out of, or a layer without one. "output" (2, …) are both
    reconstructions of the image, (2, 28, 28), or probabilities, (2, 10); "loss" (2,) is the mean over
    the first 1,000 test images; of a classifier, "confusion" (2, 10, 10) counts those.
    """
    placed = {other.name: other for other in network_layers(network.spec)}
    if layer not in placed or not 0 <= unit < placed[layer].behind[0]:
        raise NoSuchPart(Sentence("This network has no unit {unit} in “{name}”.", unit=unit, name=layer[:40]))
    factors = torch.ones(placed[layer].behind[0])
    factors[unit] = factor
    results = [_tested(network, image, {}), _tested(network, image, {layer: factors})]
    return {name: np.stack([result[name] for result in results]) for name in results[0]}


@about_a_network
def dropout_draws(network: Network, image: int | bytes, seed: int) -> dict[str, np.ndarray]:
    """An image through the network as in training, three draws of dropout.

    "outputs", float32: reconstructions (3, 28, 28) of an autoencoder, probabilities (3, 10) of a classifier.
    "….kept", by layer with dropout, bool (3, …): the values of it that are let through.
    """
    generator = torch.Generator().manual_seed(seed)
    values = dict(forward(network, one_image(network, image).expand(DRAWS, -1, -1, -1), generator))
    *_, outputs = values.values()
    answer = {name: kept.numpy() for name, kept in values.items() if name.endswith(KEPT)}
    if network.spec.task == "classifier":
        return answer | {"outputs": evaluation.probabilities(network.spec, outputs).numpy()}
    return answer | {"outputs": outputs[:, 0].numpy()}


def one_image(network: Network, image: int | bytes) -> Tensor:
    """As the network gets it, (1, 1, 28, 28). Raises `NoSuchPart`."""
    if isinstance(image, bytes):
        return network.parts.scaled(own_pixels(image))
    return test_images(network, slice(image, image + 1))


def own_pixels(image: bytes) -> Tensor:
    """A learner's own image, (1, 1, 28, 28) in [0, 1]. Raises `NoSuchPart` if it is of another size."""
    if len(image) != SIDE**2:
        raise NoSuchPart(
            Sentence(
                "An image has {n:,} pixels, a byte each; this one has {other:,}.",
                n=SIDE**2,
                other=len(image),
            )
        )
    return torch.frombuffer(bytearray(image), dtype=torch.uint8).view(1, 1, SIDE, SIDE).float().div_(255)


def test_images(network: Network, which: slice) -> Tensor:
    indices = network.parts.test[which]
    if which.start < 0 or not len(indices):
        raise NoSuchPart(
            Sentence(
                "There is no test image {index:,}; the data in use has {count:,}.",
                index=which.start,
                count=len(network.parts.test),
            )
        )
    images, _labels = network.parts.test_images.take(indices)
    return network.parts.scaled(images)


def _tested(network: Network, image: int | bytes, factors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """One image's output, and what evaluation says of the first 1,000."""
    spec = network.spec

    def predict(x: Tensor) -> Tensor:
        *_, (_name, outputs) = forward(network, x, factors=factors)
        return outputs

    output = predict(one_image(network, image))
    some = replace(network.parts, test=network.parts.test[:USE_IMAGES])
    tally = evaluation.Tally()
    while tally.seen < len(some.test):
        evaluation.add_chunk(tally, spec, predict, some, "test")
    answer = {"loss": np.asarray(tally.loss, np.float32)}
    if spec.task == "autoencoder":
        return answer | {"output": output[0, 0].numpy()}
    return answer | {"output": evaluation.probabilities(spec, output)[0].numpy(), "confusion": tally.counts}


def forward(
    network: Network,
    x: Tensor,
    generator: torch.Generator | None = None,
    factors: Mapping[str, Tensor] | None = None,
    behind: Placed | None = None,
) -> Iterator[tuple[str, Tensor]]:
    """What comes out of each layer; with a generator, dropout is on as in training, and what it keeps comes
    ahead of its layer.

    `factors`, by layer, scale each of its units or feature maps. `x` are images, or what comes out of the
    layer `behind` which to begin.
    """
    layers = network_layers(network.spec)
    for placed in layers[layers.index(behind) + 1 :] if behind else layers:
        layer = placed.layer
        if isinstance(layer, ReLUDropout | Dropout):
            if isinstance(layer, ReLUDropout):
                x = F.relu(x)
            if generator is not None and layer.p:
                kept = torch.rand(x.shape, generator=generator) >= layer.p
                x = x * kept / (1 - layer.p)
                yield placed.name + KEPT, kept
            if isinstance(layer, ReLUDropout) and layer.pool:
                yield placed.name + BEFORE_POOLING, x
                x = F.max_pool2d(x, 2)
        else:
            x = applied(layer, x, _own(network.weights, placed.name))
        if factors and placed.name in factors:
            x = x * factors[placed.name].view(-1, *[1] * (x.dim() - 2))
        yield placed.name, x


def applied(layer: Layer, x: Tensor, own: Mapping[str, Tensor]) -> Tensor:
    """`own` are the layer's weight and bias, if it has them; without a bias none is added."""
    match layer:
        case Linear():
            return F.linear(x, own["weight"], own.get("bias"))
        case Conv2d():
            return F.conv2d(x, own["weight"], own.get("bias"), padding=layer.padding)
        case ConvTranspose2d():
            return F.conv_transpose2d(
                x,
                own["weight"],
                own.get("bias"),
                stride=layer.stride,
                padding=layer.padding,
                dilation=layer.dilation,
            )
        case Sigmoid():
            return x.sigmoid()
        case Dropout():
            return x
        case Flatten():
            return x.flatten(1)
        case Unflatten():
            return x.reshape(-1, *layer.shape)
        case _:
            raise NotImplementedError(f"say in applied what a {type(layer).__name__} does")


def _own(weights: Mapping[str, Tensor], layer: str) -> dict[str, Tensor]:
    names = ((what, f"{layer}.{what}") for what in ("weight", "bias"))
    return {what: weights[name].float() for what, name in names if name in weights}


def _place(layers: tuple[Placed, ...], name: str) -> int:
    for place, placed in enumerate(layers):
        if placed.name == name and placed.parameters:
            return place
    raise NoSuchPart(Sentence("This network has no layer “{name}” with weights.", name=name[:40]))
