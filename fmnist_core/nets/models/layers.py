"""The layers of the networks, computed faster than torch.nn computes them and otherwise the same.

Each promises the mathematics of the plain layers named in its docstring, and tests hold it to that. Their
parameters, names and initial values are PyTorch's own, so weights move freely between the two.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from torch import Tensor, nn
from torch.nn.grad import conv2d_weight

BITS = 2**16
SMALL = 2**16  # values; for fewer, calls cost more than sweeps over memory
WHOLE = {torch.bfloat16: torch.int16, torch.float32: torch.int32, torch.float64: torch.int64}


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
            if not self.pool and x.numel() < SMALL:
                return F.relu(x * dropout_mask(x, self.p, self.generator))
            bits, dropped = random_bits(x, self.generator), drop_count(self.p)
            return _activate(x, _mask(bits, dropped), BITS / (BITS - dropped), self.pool)
        return _activate(x, None, 1.0, True) if self.pool else F.relu(x)

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
    dropped = drop_count(p)
    exact = torch.promote_types(like.dtype, torch.float32)
    return _mask(random_bits(like, generator), dropped).to(exact).mul_(BITS / (BITS - dropped))


def drop_count(p: float) -> int:
    """How many of 2¹⁶ equally likely numbers stand for a value that is dropped."""
    return max(1, round(p * BITS))


def random_bits(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Independent int16 numbers, uniform over all 2¹⁶, in the shape and memory layout of `like`, on a CPU.

    Where many are asked for, the generator draws the key of a cipher, AES in counter mode, and that makes the
    bits: processors have instructions for it, and it takes a quarter of the generator's own time.
    """
    if like.numel() < SMALL:  # one 64-bit draw makes four of them
        words = torch.empty(-(-like.numel() // 4), dtype=torch.int64)
        bits = words.random_(-(2**63), None, generator=generator).view(torch.int16)
        return bits[: like.numel()].as_strided(like.size(), like.stride())
    key = torch.empty(2, dtype=torch.int64).random_(-(2**63), None, generator=generator)
    encryptor = Cipher(AES(key.numpy().tobytes()), CTR(bytes(16))).encryptor()
    bits = torch.empty(like.numel(), dtype=torch.int16)
    encryptor.update_into(_zeros(2 * like.numel()), bits.numpy().data.cast("B"))
    return bits.as_strided(like.size(), like.stride())


@lru_cache(maxsize=16)
def _zeros(count: int) -> bytes:
    return bytes(count)


def _mask(bits: Tensor, dropped: int) -> Tensor:
    """0 for the `dropped` lowest of all 2¹⁶ numbers, else 1; in place, ten times as fast as into booleans."""
    return bits.ge_(dropped - BITS // 2)


def _activate(x: Tensor, mask: Tensor | None, scale: float, pool: bool) -> Tensor:
    activated: Tensor = _Activate.apply(x, mask, scale, pool)  # type: ignore[no-untyped-call]
    return activated


class _Activate(torch.autograd.Function):
    """What the mask keeps, pooled if asked, then ReLU and the scale, which may wait until a quarter is left.

    Works on the floats' bits as whole numbers, whose operations are the quickest: those of positive floats
    are in the same order, a mask of 0 and 1 selects by multiplication, and what is negative ReLU will drop.
    The backward pass works in the memory of the forward one, and so only once.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, mask: Tensor | None, scale: float, pool: bool) -> Tensor:
        whole = WHOLE[x.dtype]
        y = x.clone().view(whole) if mask is None else mask.to(whole).mul_(x.view(whole))
        ctx.scale, ctx.pooled = scale, []
        # Rows first: so, of equals, the first in reading order is the larger, as in PyTorch.
        for axis in (3, 2) if pool else ():
            ctx.pooled.append((y, axis))
            y = torch.maximum(*_pairs(y, axis))
        y = y.clamp_min_(0).view(x.dtype).mul_(scale)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        (y,) = ctx.saved_tensors
        whole = WHOLE[y.dtype]
        slope = (gradient * ctx.scale).view(whole).mul_(y.view(whole).clamp_max(1))
        for before, axis in reversed(ctx.pooled):  # of each pair, the gradient goes to the larger
            first, second = _pairs(before, axis)
            first.ge_(second).mul_(slope)
            torch.sub(slope, first, out=second)
            before.narrow(axis, 2 * first.shape[axis], before.shape[axis] % 2).zero_()
            slope = before
        return slope.view(y.dtype), None, None, None


def _pairs(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Neighbours along the axis: the first ones and the second ones; an odd one out is left aside."""
    whole = x.narrow(axis, 0, x.shape[axis] // 2 * 2).unflatten(axis, (-1, 2))
    return whole.select(axis + 1, 0), whole.select(axis + 1, 1)


class PatchConv2d(nn.Conv2d):
    """nn.Conv2d for images of one channel (stride 1): a linear layer on every patch of k × k pixels.

    As one matrix product its weight gradient costs a quarter. The output is channels_last.
    """

    def forward(self, images: Tensor) -> Tensor:
        k, p = self.kernel_size[0], int(self.padding[0])
        assert self.bias is not None
        if torch.is_autocast_enabled("cpu"):
            images = images.to(torch.get_autocast_dtype("cpu"))  # before they become nine times as many
        images = images.squeeze(1)
        patches = gather_patches(F.pad(images, (p, p, p, p)) if p else images, k)
        _, _, count, height, width = patches.shape
        weight = self.weight.view(self.out_channels, k * k).t().contiguous()  # this order is the fast one
        y = torch.addmm(self.bias, patches.view(k * k, -1).t(), weight)
        return y.view(count, height, width, self.out_channels).permute(0, 3, 1, 2)


class PatchConvTranspose2d(nn.ConvTranspose2d):
    """nn.ConvTranspose2d to images of one channel: each input pixel paints a k × k patch; patches add up."""

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        assert self.bias is not None
        images: Tensor = _PaintPatches.apply(  # type: ignore[no-untyped-call]
            x, self.weight, self.stride[0], self.padding[0]
        )
        return images + self.bias


class GridConvTranspose2d(nn.ConvTranspose2d):
    """nn.ConvTranspose2d whose dilation is its stride s, and whose padding is a multiple of s.

    Such a kernel reaches only every s-th output pixel; between them lies the bare bias. On those pixels it
    is a transposed convolution without stride or dilation.
    """

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        s, padding = self.stride[0], int(self.padding[0])
        x = x.contiguous(memory_format=torch.channels_last)
        if s == 1:
            return F.conv_transpose2d(x, self.weight, self.bias, padding=padding)
        reached = F.conv_transpose2d(x, self.weight, padding=padding // s)
        images: Tensor = _SpreadPixels.apply(reached, self.bias, s)  # type: ignore[no-untyped-call]
        return images


def gather_patches(images: Tensor, k: int) -> Tensor:
    """All k × k patches of images (count, H, W), one pixel of the patch at a time: (k, k, count, h, w)."""
    return images.unfold(1, k, 1).unfold(2, k, 1).permute(3, 4, 0, 1, 2).contiguous()


def scatter_patches(patches: Tensor, stride: int) -> Tensor:
    """Images (count, H, W) onto which patches (k, k, count, h, w), `stride` pixels apart, are added.

    k is a multiple of the stride; for a stride of 1 it is `gather_patches` transposed.
    """
    k, _, count, height, width = patches.shape
    reach = k // stride
    patches = patches.to(torch.promote_types(patches.dtype, torch.float32))  # sums stay exact
    # Pixels are held apart by their place in the stride's grid: whole rows are added, all places at once.
    split = patches.view(reach, stride, reach, stride, count, height, width).transpose(1, 2)
    size = (stride, stride, count, height + reach - 1, width + reach - 1)
    grid = patches.new_zeros(size)
    for i in range(reach):
        for j in range(reach):
            grid[..., i : i + height, j : j + width] += split[i, j]
    return grid.permute(2, 3, 0, 4, 1).reshape(count, grid.shape[3] * stride, grid.shape[4] * stride)


class _PaintPatches(torch.autograd.Function):
    """A transposed convolution as patches that are scattered; its gradients are plain convolutions'."""

    @staticmethod
    @torch.amp.custom_fwd(device_type="cpu")  # type: ignore[untyped-decorator]
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.padding = stride, padding
        count, channels, height, width = x.shape
        k = weight.shape[2]
        pixels = x.permute(0, 2, 3, 1).reshape(-1, channels)
        weight = weight.view(channels, k * k).t().contiguous()  # this order is the fast one
        patches = torch.mm(weight, pixels.t())
        images = scatter_patches(patches.view(k, k, count, height, width), stride)
        crop = slice(padding, -padding or None)
        return images[:, crop, crop].unsqueeze(1)

    @staticmethod
    @torch.amp.custom_bwd(device_type="cpu")  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None, None]:
        (x, weight), how = ctx.saved_tensors, {"stride": ctx.stride, "padding": ctx.padding}
        gradient = gradient.to(x.dtype)
        weight_gradient = conv2d_weight(gradient, weight.shape, x, **how)
        return F.conv2d(gradient, weight, **how), weight_gradient, None, None


class _SpreadPixels(torch.autograd.Function):
    """Pixels s apart, with nothing but the bias between them."""

    @staticmethod
    def forward(ctx: Any, pixels: Tensor, bias: Tensor, s: int) -> Tensor:
        ctx.s = s
        count, channels, height, width = pixels.shape
        size = (count, s * (height - 1) + 1, s * (width - 1) + 1, channels)
        y = pixels.new_empty(size).permute(0, 3, 1, 2)
        y[:] = bias.view(-1, 1, 1)
        y[:, :, ::s, ::s] += pixels
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        pixels = gradient[:, :, :: ctx.s, :: ctx.s].contiguous(memory_format=torch.channels_last)
        exact = torch.promote_types(gradient.dtype, torch.float32)
        return pixels, gradient.sum((0, 2, 3), dtype=exact), None
