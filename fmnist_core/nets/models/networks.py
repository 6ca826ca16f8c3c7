"""The five families of networks, with the shapes of the course reports.

Images go in as (count, 1, 28, 28); out come reconstructions of that shape in [0, 1], or logits (count, 10).
Every hidden layer is followed by ReLU and dropout, in a convolutional encoder ahead of max pooling; outputs
are not. A model knows nothing of data, losses or optimizers.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from fmnist_core.nets.models.layers import GridConvTranspose2d, PatchConv2d, PatchConvTranspose2d, ReLUDropout
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import CLASSES, PIXELS, RunSpec


class EncoderError(LabError):
    """The weights that were to start an encoder are missing, or belong to another network."""


class FFEncoder(nn.Module):
    """784 → n (R1)."""

    def __init__(self, spec: RunSpec) -> None:
        super().__init__()
        self.latent = nn.Linear(PIXELS, spec.hidden_sizes[0])
        self.activate = ReLUDropout(spec.dropout)

    def forward(self, images: Tensor) -> Tensor:
        return self.activate(self.latent(images.flatten(1)))


class FFDecoder(nn.Module):
    """n → 784, sigmoid (R1)."""

    def __init__(self, spec: RunSpec) -> None:
        super().__init__()
        self.output = nn.Linear(spec.hidden_sizes[0], PIXELS)

    def forward(self, latent: Tensor) -> Tensor:
        return torch.sigmoid(self.output(latent)).view(-1, 1, 28, 28)


class ConvEncoder(nn.Module):
    """Convolutions to 16 and 32 channels, 3 × 3, then linear to n; with pooling, each halved (R2, R4).

    With pooling 28 → 26 → 13 → 11 → 5 pixels a side, without 28 → 26 → 24.
    """

    def __init__(self, spec: RunSpec) -> None:
        super().__init__()
        self.conv1 = PatchConv2d(1, 16, 3)
        self.activate1 = ReLUDropout(spec.dropout, pool=spec.pooling)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.activate2 = ReLUDropout(spec.dropout, pool=spec.pooling)
        self.latent = nn.Linear(32 * _side(spec) ** 2, spec.hidden_sizes[0])
        self.activate = ReLUDropout(spec.dropout)

    def forward(self, images: Tensor) -> Tensor:
        x = self.activate1(self.conv1(images))
        x = self.activate2(self.conv2(x))
        return self.activate(self.latent(x.flatten(1)))


class ConvDecoder(nn.Module):
    """Linear from n, two transposed convolutions, sigmoid (R4; without pooling, the encoder mirrored)."""

    def __init__(self, spec: RunSpec) -> None:
        super().__init__()
        self.side = _side(spec)
        self.hidden = nn.Linear(spec.hidden_sizes[0], 32 * self.side**2)
        self.activate1 = ReLUDropout(spec.dropout)
        if spec.pooling:
            self.up1 = GridConvTranspose2d(32, 16, 5, stride=2, padding=2, dilation=2)
            self.up2 = PatchConvTranspose2d(16, 1, 6, stride=2, padding=1)
        else:
            self.up1 = GridConvTranspose2d(32, 16, 3)
            self.up2 = PatchConvTranspose2d(16, 1, 3)
        self.activate2 = ReLUDropout(spec.dropout)

    def forward(self, latent: Tensor) -> Tensor:
        x = self.activate1(self.hidden(latent)).view(-1, 32, self.side, self.side)
        x = self.activate2(self.up1(x))
        return torch.sigmoid(self.up2(x))


class Autoencoder(nn.Module):
    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, images: Tensor) -> Tensor:
        return self.decoder(self.encoder(images))


class FFClassifier(nn.Module):
    """784 → hidden sizes → 10 (R3; with one hidden layer, R5's plain network)."""

    def __init__(self, spec: RunSpec) -> None:
        super().__init__()
        self.hidden = _hidden_layers(PIXELS, spec)
        self.output = nn.Linear(spec.hidden_sizes[-1], CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        return self.output(self.hidden(images.flatten(1)))


class ConvClassifier(nn.Module):
    """Convolutions to 32 and 64 channels, 3 × 3, the first padded; hidden layers; 10 outputs (R5).

    With pooling 28 → 14 → 12 → 6 pixels a side, without 28 → 26.
    """

    def __init__(self, spec: RunSpec) -> None:
        super().__init__()
        side = 6 if spec.pooling else 26
        self.conv1 = PatchConv2d(1, 32, 3, padding=1)
        self.activate1 = ReLUDropout(spec.dropout, pool=spec.pooling)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.activate2 = ReLUDropout(spec.dropout, pool=spec.pooling)
        self.hidden = _hidden_layers(64 * side**2, spec)
        self.output = nn.Linear(spec.hidden_sizes[-1], CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        x = self.activate1(self.conv1(images))
        x = self.activate2(self.conv2(x))
        return self.output(self.hidden(x.flatten(1)))


class EncoderClassifier(nn.Module):
    """An autoencoder's encoder and one linear layer, n → 10 (R2, R4).

    A frozen encoder no longer learns; its dropout goes on, as it does for everything under `train()`.
    """

    def __init__(self, spec: RunSpec) -> None:
        super().__init__()
        self.encoder = ENCODERS[spec.encoder.architecture](spec)
        self.encoder.requires_grad_(not spec.encoder.frozen)
        self.output = nn.Linear(spec.hidden_sizes[0], CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        return self.output(self.encoder(images))


ENCODERS = {"ff_autoencoder": FFEncoder, "conv_autoencoder": ConvEncoder}
ARCHITECTURES = {
    "ff_autoencoder": lambda spec: Autoencoder(FFEncoder(spec), FFDecoder(spec)),
    "conv_autoencoder": lambda spec: Autoencoder(ConvEncoder(spec), ConvDecoder(spec)),
    "ff_classifier": FFClassifier,
    "conv_classifier": ConvClassifier,
    "encoder_classifier": EncoderClassifier,
}
GLOBAL_GENERATOR = threading.Lock()  # a worker builds networks on two threads


def build(spec: RunSpec, encoder_weights: Mapping[str, Tensor] | None = None) -> nn.Module:
    """The spec's network on the CPU, with PyTorch's default initial values, drawn from the spec's seed.

    `encoder_weights` are an autoencoder's, by name; those of its decoder are left aside. Raises
    `EncoderError` if they are needed and missing, or do not fit.
    """
    with GLOBAL_GENERATOR, torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        model = ARCHITECTURES[spec.architecture](spec)
    if encoder_weights is not None:
        _load_encoder(model, encoder_weights)
    return model


def encoder_of(model: nn.Module) -> nn.Module:
    """The part of an autoencoder, or of a classifier on an encoder, that makes latent vectors (count, n)."""
    return model.get_submodule("encoder")


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


def _hidden_layers(inputs: int, spec: RunSpec) -> nn.Sequential:
    layers = []
    for size in spec.hidden_sizes:
        layers += [nn.Linear(inputs, size), ReLUDropout(spec.dropout)]
        inputs = size
    return nn.Sequential(*layers)


def _side(spec: RunSpec) -> int:
    return 5 if spec.pooling else 24
