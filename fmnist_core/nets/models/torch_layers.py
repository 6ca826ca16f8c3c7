"""The networks in PyTorch's own layers, which a GPU has fast versions of.

Parameters, their names and the mathematics are those of `layers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fmnist_core.nets.models.layers import (
    GridConvTranspose2d,
    PatchConv2d,
    PatchConvTranspose2d,
    ReLUDropout,
    dropout_mask,
)


class PlainReLUDropout(nn.Module):
    """`ReLUDropout` in plain operations."""

    def __init__(self, p: float, pool: bool, generator: torch.Generator | None) -> None:
        super().__init__()
        self.p, self.pool, self.generator = p, pool, generator

    def forward(self, x: Tensor) -> Tensor:
        if self.training and self.p > 0:
            x = x * draw_mask(x, self.p, self.generator)
        return F.relu(F.max_pool2d(x, 2) if self.pool else x)


class SpreadConvTranspose2d(nn.ConvTranspose2d):
    """`GridConvTranspose2d` in plain operations, none in place: a convolution, its pixels spread apart.

    What libraries have for a stride and a dilation at once is slow.
    """

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        s, k, padding = self.stride[0], self.kernel_size[0], int(self.padding[0])
        assert self.bias is not None
        mirrored = self.weight.flip(2, 3).transpose(0, 1)
        y = F.conv2d(x, mirrored, padding=k - 1 - padding // s)
        if s > 1:
            count, channels, height, width = y.shape
            apart = F.pad(y[:, :, :, None, :, None], (0, s - 1, 0, 0, 0, s - 1))
            whole = apart.reshape(count, channels, s * height, s * width)
            y = whole[:, :, : s * (height - 1) + 1, : s * (width - 1) + 1]
        return y + self.bias.view(-1, 1, 1)


def draw_mask(like: Tensor, p: float, generator: torch.Generator | None) -> Tensor:
    """As `layers.dropout_mask` draws it; on a GPU in other, and fewer, kernels."""
    return (dropout_mask if like.device.type == "cpu" else bernoulli_mask)(like, p, generator)


def bernoulli_mask(like: Tensor, p: float, generator: torch.Generator | None) -> Tensor:
    """0 with probability p, else 1 / (1 - p), in two kernels: to launch one is what takes a GPU's time.

    p is rounded so that numbers of `like`'s kind hold 1 / (1 - p), and the mean is exact.
    """
    scale = torch.tensor(1 / (1 - p), dtype=like.dtype).item()
    return torch.empty_like(like).bernoulli_(1 / scale, generator=generator).mul_(scale)


def standard(model: nn.Module) -> nn.Module:
    """The same model, changed in place: the same parameters, in layers of PyTorch's own."""
    for name, layer in list(model.named_modules()):
        if type(layer) in PLAIN:
            model.set_submodule(name, PLAIN[type(layer)](layer))
    return model


def _relu(layer: ReLUDropout) -> PlainReLUDropout:
    return PlainReLUDropout(layer.p, layer.pool, layer.generator)


def _convolution(
    kind: type[nn.Conv2d] | type[nn.ConvTranspose2d],
) -> Callable[[nn.Conv2d | nn.ConvTranspose2d], nn.Module]:
    def plain(layer: nn.Conv2d | nn.ConvTranspose2d) -> nn.Module:
        made = kind(
            layer.in_channels,
            layer.out_channels,
            layer.kernel_size[0],
            stride=layer.stride[0],
            padding=int(layer.padding[0]),
            dilation=layer.dilation[0],
            device="meta",  # no memory, and nothing drawn: the weights are there already
        )
        made.weight, made.bias = layer.weight, layer.bias
        return made

    return plain


PLAIN: dict[type[nn.Module], Callable[[Any], nn.Module]] = {
    ReLUDropout: _relu,
    PatchConv2d: _convolution(nn.Conv2d),
    PatchConvTranspose2d: _convolution(nn.ConvTranspose2d),
    GridConvTranspose2d: _convolution(SpreadConvTranspose2d),
}
