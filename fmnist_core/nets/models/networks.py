"""The networks as PyTorch modules, made from their description in `fmnist_core.architecture.networks`.

Images go in as (count, 1, 28, 28); out come reconstructions of that shape in [0, 1], or logits (count, 10).
A model knows nothing of data, losses or optimizers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from fmnist_core.architecture import layers as described
from fmnist_core.architecture.layers import Shape
from fmnist_core.architecture.networks import network_layers
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec

GLOBAL_GENERATOR = threading.Lock()  # a worker builds networks on two threads


class EncoderError(LabError):
    """The weights that were to start an encoder are missing, or belong to another network."""


def build(spec: RunSpec, encoder_weights: Mapping[str, Tensor] | None = None) -> nn.Sequential:
    """The spec's network on the CPU, with PyTorch's default initial values, drawn from the spec's seed.

    It names the weights and says what is computed; `network.Network` computes it, and faster.

    `encoder_weights` are an autoencoder's, by name; those of its decoder are left aside. Raises
    `EncoderError` if they are needed and missing, or do not fit.
    """
    with GLOBAL_GENERATOR, torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        model = _sequential(spec)
    if spec.encoder is not None and spec.encoder.frozen:
        encoder_of(model).requires_grad_(False)
    if encoder_weights is not None:
        _load_encoder(model, encoder_weights)
    return model


def encoder_of(model: nn.Module) -> nn.Module:
    """The part of an autoencoder, or of a classifier on an encoder, that makes latent vectors (count, n)."""
    return model.get_submodule("encoder")


def _sequential(spec: RunSpec) -> nn.Sequential:
    """Modules are made, and so initial weights drawn, in the order of the description."""
    model = nn.Sequential()
    for placed in network_layers(spec):
        kind = type(placed.layer)
        if kind not in MODULES:
            raise NotImplementedError(
                f"the layer {placed.name} of {spec.architecture} is a {kind.__name__}: "
                f"say in MODULES of {__name__} which PyTorch module that is"
            )
        part: nn.Module = model
        *groups, name = placed.name.split(".")
        for group in groups:
            if group not in dict(part.named_children()):
                part.add_module(group, nn.Sequential())
            part = part.get_submodule(group)
        part.add_module(name, MODULES[kind](placed.layer, placed.before))
    return model


class ReLUDropout(nn.Sequential):
    """ReLU, then dropout with probability p; with `pool`, then max pooling 2 × 2."""

    def __init__(self, p: float, pool: bool = False) -> None:
        super().__init__(nn.ReLU(), nn.Dropout(p), *([nn.MaxPool2d(2)] if pool else []))


def _transposed_convolution(layer: described.ConvTranspose2d, shape: Shape) -> nn.Module:
    return nn.ConvTranspose2d(
        shape[0],
        layer.channels,
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
    )


# The module for each layer of a description, which images of the shape given go into.
MODULES: dict[type[described.Layer], Callable[[Any, Shape], nn.Module]] = {
    described.Linear: lambda layer, shape: nn.Linear(shape[0], layer.units),
    described.Conv2d: lambda layer, shape: nn.Conv2d(
        shape[0], layer.channels, layer.kernel, padding=layer.padding
    ),
    described.ConvTranspose2d: _transposed_convolution,
    described.ReLUDropout: lambda layer, shape: ReLUDropout(layer.p, layer.pool),
    described.Dropout: lambda layer, shape: nn.Dropout(layer.p),
    described.Sigmoid: lambda layer, shape: nn.Sigmoid(),
    described.Flatten: lambda layer, shape: nn.Flatten(),
    described.Unflatten: lambda layer, shape: nn.Unflatten(1, layer.shape),
}


def _load_encoder(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    given = {
        name.removeprefix("encoder."): w for name, w in weights.items() if not name.startswith("decoder.")
    }
    for name, parameter in encoder_of(model).state_dict().items():
        if name not in given or given[name].shape != parameter.shape:
            raise EncoderError(
                Sentence(
                    "The chosen encoder does not fit this network. "
                    "Use the hidden size, pooling and kind of network that it was trained with."
                )
            )
        parameter.copy_(given[name])
