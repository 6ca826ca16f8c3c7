"""Convolutions and transposed convolutions, forward and backward, by PyTorch's own operators.

Images lie pixel by pixel, all channels of one together, which is the quick way for them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fmnist_core.architecture import layers as described
from fmnist_core.architecture.layers import Placed
from fmnist_core.nets.models.layers import Surroundings, aten, parameters, sum_of_rows


class Convolution:
    """y[o] = b[o] + Σ over channels i of x[i], over which W[o, i] slides.

    Back: dW[o, i] is what x[i] makes of dy[o] sliding over it, db = Σ dy over batch and pixels, and dx is
    the transposed convolution of dy with W. Transposed, each pixel of x paints W on y, and dx is the plain
    convolution.
    """

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        layer = placed.layer
        assert isinstance(layer, described.Conv2d | described.ConvTranspose2d)
        self.weight, self.bias = parameters(placed, around.weights)
        self.weight_gradient, self.bias_gradient = parameters(placed, around.gradients)
        self.transposed = isinstance(layer, described.ConvTranspose2d)
        self.stride, self.dilation, self.padding = 1, 1, layer.padding
        if isinstance(layer, described.ConvTranspose2d):
            self.stride, self.dilation = layer.stride, layer.dilation

    @property
    def geometry(self) -> tuple[list[int], list[int], list[int], bool, list[int], int]:
        return [self.stride] * 2, [self.padding] * 2, [self.dilation] * 2, self.transposed, [0, 0], 1

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] == 1:  # lies pixel by pixel already, and says so now
            x = x.view(*x.shape[::2], x.shape[3], 1).permute(0, 3, 1, 2)
        self.x = x
        y: Tensor = aten.convolution(x, self.weight, self.bias, *self.geometry)
        return y

    def gradients(self, dy: Tensor) -> None:
        size, on_cpu = [len(self.bias)], dy.device.type == "cpu"
        wanted = [False, True, on_cpu]  # a processor has the bias's gradient at hand
        _, weight, bias = aten.convolution_backward(dy, self.x, self.weight, size, *self.geometry, wanted)
        self.weight_gradient.copy_(weight)
        if on_cpu:
            self.bias_gradient.copy_(bias)
        else:
            sum_of_rows(dy.permute(0, 2, 3, 1).reshape(-1, *size), self.bias_gradient)

    def backward(self, dy: Tensor) -> Tensor:
        dx: Tensor
        wanted = [True, False, False]
        dx, _, _ = aten.convolution_backward(dy, self.x, self.weight, None, *self.geometry, wanted)
        return dx


class DottedConvolution(Convolution):
    """A transposed convolution whose dilation is its stride s, its padding a multiple of s.

    It reaches only every s-th pixel of y, and there it is one without stride and dilation; between them
    lies the bare bias.
    """

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        super().__init__(placed, around)
        self.apart, self.y = self.stride, around.rows(placed.behind)
        self.stride, self.dilation, self.padding = 1, 1, self.padding // self.stride

    def forward(self, x: Tensor) -> Tensor:
        reached, y = super().forward(x), self.y(len(x))
        y.copy_(self.bias.view(-1, 1, 1))
        self._dots(y).copy_(reached)
        return y

    def gradients(self, dy: Tensor) -> None:
        super().gradients(self._dots(dy).contiguous(memory_format=torch.channels_last))
        torch.sum(dy, (0, 2, 3), out=self.bias_gradient)

    def backward(self, dy: Tensor) -> Tensor:
        return super().backward(self._dots(dy).contiguous(memory_format=torch.channels_last))

    def _dots(self, images: Tensor) -> Tensor:
        return images[:, :, :: self.apart, :: self.apart]


class PaintedConvolution(Convolution):
    """A transposed convolution to one channel whose stride s divides its kernel's k.

    One matrix product makes every pixel's k × k patch, and patches add up: pixels of y are held apart by
    their place among s × s, so that whole images are added, of all places at once.
    """

    def __init__(self, placed: Placed, around: Surroundings) -> None:
        super().__init__(placed, around)
        _, height, width = placed.before
        self.k, self.reach = self.weight.shape[2], self.weight.shape[2] // self.stride
        self.patches = around.rows((height * width * self.k**2,))
        exact = torch.promote_types(around.dtype, torch.float32)
        places = (height + self.reach - 1) * (width + self.reach - 1)
        self.grid = around.rows((self.stride**2 * places,), exact)
        self.y = around.rows(placed.behind)

    def forward(self, x: Tensor) -> Tensor:
        self.x, s, reach = x, self.stride, self.reach
        count, channels, height, width = x.shape
        pixels = x.permute(0, 2, 3, 1).reshape(-1, channels)
        kernel = self.weight.view(channels, reach, s, reach, s).permute(1, 3, 2, 4, 0).reshape(-1, channels)
        patches = self.patches(count).view(self.k**2, -1)
        torch.mm(kernel, pixels.t(), out=patches)

        grid = self.grid(count).view(s, s, count, height + reach - 1, width + reach - 1)
        grid.zero_()
        for i in range(reach):
            for j in range(reach):
                part = patches[(i * reach + j) * s**2 :][: s**2].view(s, s, count, height, width)
                grid[..., i : i + height, j : j + width] += part
        whole = grid.permute(2, 3, 0, 4, 1).reshape(count, 1, s * grid.shape[3], s * grid.shape[4])
        y, p = self.y(count), self.padding
        return torch.add(whole[:, :, p : p + y.shape[2], p : p + y.shape[3]], self.bias, out=y)


def transposed_convolution(placed: Placed, around: Surroundings) -> Convolution:
    """The quickest way for this one. Painting takes many small operations, which a GPU is slow to launch."""
    layer = placed.layer
    assert isinstance(layer, described.ConvTranspose2d)
    paints = layer.dilation == 1 and layer.channels == 1 and layer.kernel % layer.stride == 0
    if paints and around.device.type == "cpu":
        return PaintedConvolution(placed, around)
    if layer.dilation == layer.stride > 1 and layer.padding % layer.stride == 0:
        return DottedConvolution(placed, around)
    return Convolution(placed, around)
