"""The layers of the networks, forward and backward, as they stand on the board.

x goes into a layer and y comes out; dy is the gradient of the loss with respect to y, and so on. Each layer
writes into memory that is made once, and keeps what its way back needs. The oracle is autograd on torch.nn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Protocol

import torch
from torch import Tensor

from fmnist_core.architecture import layers as described
from fmnist_core.architecture.layers import Placed, Shape
from fmnist_core.nets.models.random_bits import BITS, PIECE, drop_count, pieces

aten = torch.ops.aten
WHOLE = {torch.bfloat16: torch.int16, torch.float32: torch.int32, torch.float64: torch.int64}  # as wide


class Layer(Protocol):
    def forward(self, x: Tensor) -> Tensor:
        """y, for a batch of images."""

    def gradients(self, dy: Tensor) -> None:
        """Writes the gradients of the weights, for the batch that went forward last."""

    def backward(self, dy: Tensor) -> Tensor:
        """dx, for the batch that went forward last; dy may be overwritten."""


@dataclass
class Rows:
    """Memory for a batch, made when it is first asked for; a smaller batch gets its first rows.

    Images with channels lie pixel by pixel, all channels of one together ("channels last").
    """

    count: int
    shape: Shape
    dtype: torch.dtype
    device: torch.device
    views: dict[int, Tensor] = field(default_factory=dict)

    def __call__(self, count: int) -> Tensor:
        if count not in self.views:
            if self.count not in self.views:
                self.views[self.count] = self._made()
            self.views[count] = self.views[self.count][:count]
        return self.views[count]

    def _made(self) -> Tensor:
        by_pixel = torch.channels_last if len(self.shape) == 3 else torch.contiguous_format
        size = (self.count, *self.shape)
        return torch.empty(size, dtype=self.dtype, device=self.device, memory_format=by_pixel)


@dataclass(frozen=True)
class Surroundings:
    """What a layer works with: batches of up to `count` images, weights and their gradients by name.

    Without a generator nothing is dropped.
    """

    count: int
    weights: Mapping[str, Tensor]
    gradients: Mapping[str, Tensor]
    dtype: torch.dtype
    device: torch.device
    generator: torch.Generator | None = None

    def rows(self, shape: Shape, dtype: torch.dtype | None = None) -> Rows:
        return Rows(self.count, shape, dtype or self.dtype, self.device)


def parameters(placed: Placed, tensors: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """A layer's weight and bias among tensors by name; nothing for gradients of one that does not learn."""
    weight, bias = (tensors.get(f"{placed.name}.{name}", torch.empty(0)) for name in ("weight", "bias"))
    return weight, bias


def sum_of_rows(x: Tensor, out: Tensor) -> None:
    """Of (count, n), into (n,). On a GPU a product with ones takes half the time of a sum."""
    if x.device.type == "cpu":
        torch.sum(x, 0, out=out)
    else:
        torch.mv(x.t(), x.new_ones(len(x)), out=out)


class Linear:
    """y = x Wᵀ + b.

    Back: dW = dyᵀ x, db = Σ dy over the batch, dx = dy W.
    """

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        self.weight, self.bias = parameters(placed, around.weights)
        self.weight_gradient, self.bias_gradient = parameters(placed, around.gradients)
        self.y, self.dx = around.rows(placed.behind), around.rows(placed.before)

    def forward(self, x: Tensor) -> Tensor:
        self.x = x
        return torch.addmm(self.bias, x, self.weight.t(), out=self.y(len(x)))

    def gradients(self, dy: Tensor) -> None:
        torch.mm(dy.t(), self.x, out=self.weight_gradient)
        sum_of_rows(dy, self.bias_gradient)

    def backward(self, dy: Tensor) -> Tensor:
        return torch.mm(dy, self.weight, out=self.dx(len(dy)))


class WithoutWeights:
    def gradients(self, dy: Tensor) -> None:
        pass


class ReLUDropout(WithoutWeights):
    """y = s · m · max(x, 0): m is 0 with probability p, else 1, and s = 1 / (1 − p) keeps the mean.

    Back: dx = s · dy where y > 0, else 0. Works in the memory of x and of dy.
    """

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        assert isinstance(placed.layer, described.ReLUDropout)
        p, self.scale, self.mask = placed.layer.p, 1.0, None
        if p > 0 and around.generator is not None:
            self.mask = Mask(p, around, placed.before)
            self.scale = self.mask.scale

    def forward(self, x: Tensor) -> Tensor:
        if self.mask is not None:
            self.mask.drop(x)
        self.y = x.clamp_min_(0)
        return self.y if self.scale == 1 else self.y.mul_(self.scale)

    def backward(self, dy: Tensor) -> Tensor:
        aten.threshold_backward.grad_input(dy, self.y, 0, grad_input=dy)
        return dy if self.scale == 1 else dy.mul_(self.scale)

    @property
    def activated(self) -> Tensor:
        """y of the batch that went forward last."""
        return self.y


class Dropout(WithoutWeights):
    """y = m · x: m is 0 with probability p, else 1 / (1 − p), which keeps the mean. Back: dx = m · dy."""

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        assert isinstance(placed.layer, described.Dropout)
        self.mask = None
        if placed.layer.p > 0 and around.generator is not None:
            self.mask = Mask(placed.layer.p, around, placed.before)
            self.m, self.y = around.rows(placed.before), around.rows(placed.behind)

    def forward(self, x: Tensor) -> Tensor:
        if self.mask is None:
            return x
        self.drawn = self.m(len(x)).fill_(self.mask.scale)
        self.mask.drop(self.drawn)
        return torch.mul(x, self.drawn, out=self.y(len(x)))

    def backward(self, dy: Tensor) -> Tensor:
        return dy if self.mask is None else dy.mul_(self.drawn)


class PooledReLUDropout(WithoutWeights):
    """`ReLUDropout`, then y = the largest of each 2 × 2 pixels.

    Back: dy goes to the pixel that was the largest, of equals to the first in reading order. The largest is
    chosen first, since ReLU and a scale keep the order: so they have a quarter of the work.
    """

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        self.activation = ReLUDropout(placed, around)
        self.mask, self.activation.mask = self.activation.mask, None
        self.y, self.dx = around.rows(placed.behind), around.rows(placed.before)
        self.largest = around.rows(placed.behind, torch.int64)

    def forward(self, x: Tensor) -> Tensor:
        self.x, y, largest = x, self.y(len(x)), self.largest(len(x))
        if self.mask is not None:
            self.mask.drop(x)
        aten.max_pool2d_with_indices.out(x, [2, 2], out=y, indices=largest)
        return self.activation.forward(y)

    def backward(self, dy: Tensor) -> Tensor:
        dx, largest = self.dx(len(dy)), self.largest(len(dy))
        dy = self.activation.backward(dy)
        aten.max_pool2d_with_indices_backward.grad_input(
            dy, self.x, [2, 2], [2, 2], [0, 0], [1, 1], False, largest, grad_input=dx
        )
        return dx

    @property
    def activated(self) -> Tensor:
        """y of the batch that went forward last."""
        return self.activation.y


class Mask:
    """Drops values with probability p, rounded to a multiple of 2⁻¹⁶, independently and anew each time."""

    def __init__(self, p: float, around: Surroundings, shape: Shape) -> None:
        self.dropped, self.generator = drop_count(p), around.generator
        self.scale = BITS / (BITS - self.dropped)  # of the p that was rounded, so that the mean is exact
        self.on_cpu, self.whole = around.device.type == "cpu", WHOLE[around.dtype]
        most = min(PIECE, around.count * prod(shape))
        self.bits, self.wide = (torch.empty(most, dtype=kind) for kind in (torch.int16, self.whole))

    def drop(self, x: Tensor) -> None:
        """Sets values of x to 0."""
        if not self.on_cpu:  # one kernel for all of it: to launch one is what takes a GPU's time
            x.mul_(torch.empty_like(x).bernoulli_(1 / self.scale, generator=self.generator))
            return
        # Where the bits, as a number, are no larger than the limit, the value becomes 0: one sweep over both.
        limit = self.dropped - BITS // 2 - 1
        values = x.as_strided((x.numel(),), (1,)).view(self.whole)  # in the order of memory
        drawn = pieces(x.numel(), self.generator, self.bits)
        for part, bits in zip(values.split(PIECE), drawn, strict=True):
            if self.whole != torch.int16:
                bits = self.wide[: len(bits)].copy_(bits)
            aten.threshold_backward.grad_input(part, bits, limit, grad_input=part)


class Sigmoid(WithoutWeights):
    """y = 1 / (1 + e⁻ˣ). Back: dx = dy · y · (1 − y). Works in the memory of x and of dy."""

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        self.y = x.sigmoid_()
        return self.y

    def backward(self, dy: Tensor) -> Tensor:
        aten.sigmoid_backward.grad_input(dy, self.y, grad_input=dy)
        return dy


class Flatten(WithoutWeights):
    """All numbers of an image in one row, channel by channel."""

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        self.before, self.behind = placed.before, placed.behind
        self.y, self.dx = around.rows(placed.behind), around.rows(placed.before)

    def forward(self, x: Tensor) -> Tensor:
        return reshaped(x, self.behind, self.y)

    def backward(self, dy: Tensor) -> Tensor:
        return reshaped(dy, self.before, self.dx)


def reshaped(x: Tensor, shape: Shape, memory: Rows) -> Tensor:
    """x itself where it lies in memory as it is read, as images of one channel do, else a copy."""
    if (x.dim() == 2 and (len(shape) < 3 or shape[0] == 1)) or x.shape[1] == 1:
        return x.view(len(x), *shape)
    y = memory(len(x))
    if len(shape) == 1:
        y.view(x.shape).copy_(x)
    else:
        y.copy_(x.view(y.shape))
    return y
