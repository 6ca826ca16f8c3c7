"""The layers of the five networks, computed faster than torch.nn computes them and otherwise the same.

Each promises the mathematics of the plain layers named in its docstring, and tests hold it to that. Their
parameters, names and initial values are PyTorch's own, so weights move freely between the two.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BITS = 2**16


class ReLUDropout(nn.Module):
    """nn.ReLU, then nn.Dropout(p); with `pool`, then nn.MaxPool2d(2).

    p is rounded to a multiple of 2⁻¹⁶, and what is kept is scaled by that same p, so the mean is exact.
    Random bits come from `generator`, or from PyTorch's global one if there is none.
    """

    def __init__(self, p: float, pool: bool = False) -> None:
        super().__init__()
        self.p, self.pool = p, pool
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.training and self.p > 0:
            x = x * dropout_mask(x, self.p, self.generator)
        # A mask is never negative, so ReLU may come last, when pooling has left a quarter of the values.
        return F.relu(F.max_pool2d(x, 2) if self.pool else x)

    def extra_repr(self) -> str:
        return f"p={self.p}, pool={self.pool}"


def use_generator(model: nn.Module, generator: torch.Generator) -> None:
    """From now on, every dropout of the model draws from this generator."""
    for module in model.modules():
        if isinstance(module, ReLUDropout):
            module.generator = generator


def dropout_mask(like: Tensor, p: float, generator: torch.Generator | None) -> Tensor:
    """0 with probability p, else 1 / (1 - p), in the shape and memory layout of `like`.

    At least float32: rounded to bfloat16, 1 / (1 - p) would be off by up to 0.2 %, always the same way.
    """
    dropped = max(1, round(p * BITS))
    exact = torch.promote_types(like.dtype, torch.float32)
    return _mask(random_bits(like, generator), dropped).to(exact).mul_(BITS / (BITS - dropped))


def random_bits(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Independent int16 numbers, uniform over all 2¹⁶, in the shape and memory layout of `like`.

    One 64-bit draw makes four of them: on a CPU, an eighth of the time of `bernoulli_`.
    """
    words = torch.empty(-(-like.numel() // 4), dtype=torch.int64, device=like.device)
    bits = words.random_(-(2**63), None, generator=generator).view(torch.int16)
    return bits[: like.numel()].as_strided(like.size(), like.stride())


def _mask(bits: Tensor, dropped: int) -> Tensor:
    """0 for the `dropped` lowest of all 2¹⁶ numbers, else 1; in place, and faster than a comparison."""
    highest = dropped - BITS // 2 - 1
    return bits.clamp_(highest, highest + 1).sub_(highest)


class PatchConv2d(nn.Conv2d):
    """nn.Conv2d for images of one channel (stride 1): a linear layer on every patch of k × k pixels.

    As one matrix product its weight gradient costs a quarter. The output is channels_last.
    """

    def forward(self, images: Tensor) -> Tensor:
        k, p = self.kernel_size[0], self.padding[0]
        patches = gather_patches(F.pad(images.squeeze(1), (p, p, p, p)), k)
        _, _, count, height, width = patches.shape
        weight = self.weight.view(self.out_channels, k * k).t().contiguous()  # this order is the fast one
        y = torch.addmm(self.bias, patches.view(k * k, -1).t(), weight)
        return y.view(count, height, width, self.out_channels).permute(0, 3, 1, 2)


class PatchConvTranspose2d(nn.ConvTranspose2d):
    """nn.ConvTranspose2d to images of one channel: each input pixel paints a k × k patch; patches add up."""

    def forward(self, x: Tensor) -> Tensor:
        k, s, p = self.kernel_size[0], self.stride[0], self.padding[0]
        count, channels, height, width = x.shape
        pixels = x.permute(0, 2, 3, 1).reshape(-1, channels)
        weight = self.weight.view(channels, k * k).t().contiguous()  # this order is the fast one
        patches = torch.mm(weight, pixels.t()).view(k, k, count, height, width)
        images = _ScatterPatches.apply(patches, s)
        crop = slice(p, -p if p else None)
        return (images[:, crop, crop] + self.bias).unsqueeze(1)


class GridConvTranspose2d(nn.ConvTranspose2d):
    """nn.ConvTranspose2d whose dilation is its stride s, and whose padding is a multiple of s.

    Such a kernel reaches only every s-th output pixel; between them lies the bare bias. On those pixels it
    is an ordinary convolution with the kernel mirrored.
    """

    def forward(self, x: Tensor) -> Tensor:
        s, k = self.stride[0], self.kernel_size[0]
        mirrored = self.weight.flip(2, 3).transpose(0, 1)
        x = x.contiguous(memory_format=torch.channels_last)
        reached = F.conv2d(x, mirrored, self.bias, padding=k - 1 - self.padding[0] // s)
        if s == 1:
            return reached
        count, channels, height, width = reached.shape
        size = (count, s * (height - 1) + 1, s * (width - 1) + 1, channels)
        y = self.bias.to(reached.dtype).expand(size).clone().permute(0, 3, 1, 2)
        y[:, :, ::s, ::s] = reached
        return y


def gather_patches(images: Tensor, k: int, stride: int = 1) -> Tensor:
    """All k × k patches of images (count, H, W), one pixel of the patch at a time: (k, k, count, h, w)."""
    return images.unfold(1, k, stride).unfold(2, k, stride).permute(3, 4, 0, 1, 2).contiguous()


def scatter_patches(patches: Tensor, stride: int = 1) -> Tensor:
    """Images (count, H, W) onto which patches (k, k, count, h, w) are added: `gather_patches` transposed.

    k is a multiple of the stride.
    """
    k, _, count, height, width = patches.shape
    reach = k // stride
    # Pixels are held apart by their place in the stride's grid: whole rows are added, all places at once.
    split = patches.view(reach, stride, reach, stride, count, height, width).transpose(1, 2)
    size = (stride, stride, count, height + reach - 1, width + reach - 1)
    grid = patches.new_zeros(size, dtype=torch.promote_types(patches.dtype, torch.float32))  # sums stay exact
    for i in range(reach):
        for j in range(reach):
            grid[..., i : i + height, j : j + width] += split[i, j]
    return grid.permute(2, 3, 0, 4, 1).reshape(count, grid.shape[3] * stride, grid.shape[4] * stride)


class _ScatterPatches(torch.autograd.Function):
    @staticmethod
    def forward(ctx, patches: Tensor, stride: int) -> Tensor:
        ctx.k, ctx.stride = patches.shape[0], stride
        return scatter_patches(patches, stride)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return gather_patches(gradient, ctx.k, ctx.stride), None
