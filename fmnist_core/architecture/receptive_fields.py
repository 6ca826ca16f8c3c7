"""Which values of a layer's input an output value is made of, and which pixels of the image in the end.

Dumoulin and Visin (2016), "A guide to convolution arithmetic for deep learning", has the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Placed,
    ReLUDropout,
    Shape,
    Sigmoid,
)


@dataclass(frozen=True)
class Tap:
    """A place of the input, beside the place of the kernel that it is multiplied with."""

    row: int
    column: int
    kernel_row: int
    kernel_column: int


@dataclass(frozen=True)
class Field:
    """Rows `top` to `bottom` and columns `left` to `right`, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> Shape:
        return (self.bottom - self.top + 1, self.right - self.left + 1)


def taps(layer: Conv2d | ConvTranspose2d, before: Shape, row: int, column: int) -> list[Tap]:
    """What the output at (row, column) adds up, for each input channel alike; padding adds nothing.

    `before` is the shape of the input, (channels, rows, columns).
    """
    _channels, rows, columns = before
    return [
        Tap(input_row, input_column, kernel_row, kernel_column)
        for input_row, kernel_row in _along(layer, rows, row)
        for input_column, kernel_column in _along(layer, columns, column)
    ]


def receptive_field(layers: Sequence[Placed], row: int, column: int) -> Field:
    """The pixels of the image that reach (row, column) behind the last of `layers`, which begin at the image.

    A layer that joins every value to every other, as a linear one does, makes it the whole image.
    """
    _channels, rows, columns = layers[0].before
    field = Field(row, column, row, column)
    for placed in reversed(layers):
        match placed.layer:
            case ReLUDropout(pool=True):
                field = Field(2 * field.top, 2 * field.left, 2 * field.bottom + 1, 2 * field.right + 1)
            case Conv2d() as layer:
                first = taps(layer, placed.before, field.top, field.left)[0]
                last = taps(layer, placed.before, field.bottom, field.right)[-1]
                field = Field(first.row, first.column, last.row, last.column)
            case ReLUDropout() | Dropout() | Sigmoid():
                continue
            case _:
                return Field(0, 0, rows - 1, columns - 1)
    return field


def _along(layer: Conv2d | ConvTranspose2d, side: int, place: int) -> Iterable[tuple[int, int]]:
    """Input and kernel places along one direction, of an input of so many."""
    for kernel_place in range(layer.kernel):
        match layer:
            case Conv2d(padding=padding):
                input_place, rest = place - padding + kernel_place, 0
            case ConvTranspose2d(stride=stride, padding=padding, dilation=dilation):
                input_place, rest = divmod(place + padding - dilation * kernel_place, stride)
        if rest == 0 and 0 <= input_place < side:
            yield input_place, kernel_place
