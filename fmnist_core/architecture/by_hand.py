"""Convolution, pooling and transposed convolution of one grey image, in plain NumPy.

Written to be read, and to show each step; networks compute the same with PyTorch, against which it is tested.
Images and filters are float64 (rows, columns), filters square. As everywhere in deep learning the filter is
not turned round. Dumoulin and Visin (2016), "A guide to convolution arithmetic for deep learning".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fmnist_core.sentences import LabError, Sentence

Image: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]


class WindowError(LabError):
    """A window that cannot slide over the image."""


@dataclass(frozen=True)
class Window:
    """A square of `kernel` × `kernel` cells that slides over an image.

    `stride` is how far it moves at a time, `padding` how many zeros are put around the image, `dilation` how
    far apart its cells lie. Raises `WindowError`.
    """

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    def __post_init__(self) -> None:
        if self.kernel < 1:
            raise WindowError(
                Sentence("The kernel's size must be at least 1: without a cell it sees nothing.")
            )
        if self.stride < 1:
            raise WindowError(Sentence("The stride must be at least 1: with 0 the window would never move."))
        if self.padding < 0:
            raise WindowError(Sentence("The padding must be at least 0, which means that nothing is added."))
        if self.dilation < 1:
            raise WindowError(
                Sentence(
                    "The dilation must be at least 1, which means that the cells are neighbours: with 0 they "
                    "would all lie on one pixel."
                )
            )

    @property
    def extent(self) -> int:
        """From its first cell to its last, the gaps of the dilation included."""
        return self.dilation * (self.kernel - 1) + 1


def output_size(size: int, window: Window) -> int:
    """How many places a window finds along one side of an image. Raises `WindowError`."""
    room = size + 2 * window.padding - window.extent
    if room < 0:
        raise WindowError(
            Sentence(
                "A kernel of size {kernel} with dilation {dilation} is {extent} pixels wide, and the image "
                "with its padding only {wide}: make the kernel or the dilation smaller, or the padding "
                "larger.",
                kernel=window.kernel,
                dilation=window.dilation,
                extent=window.extent,
                wide=size + 2 * window.padding,
            )
        )
    return room // window.stride + 1


def unseen(size: int, window: Window) -> int:
    """How many of the image's own pixels along a side lie behind the last place of the window."""
    return max(0, (size + 2 * window.padding - window.extent) % window.stride - window.padding)


def transposed_size(size: int, window: Window) -> int:
    """The side that a transposed convolution makes of a side. Raises `WindowError`."""
    side = (size - 1) * window.stride + window.extent - 2 * window.padding
    if side < 1:
        raise WindowError(
            Sentence(
                "Padding {padding} cuts off so much at every edge that nothing is left: make it smaller.",
                padding=window.padding,
            )
        )
    return side


def places(size: int, window: Window) -> Places:
    """Along one side, which pixels each place of the window covers: (places, kernel).

    Those below 0, or from `size` on, lie in the padding. Raises `WindowError`.
    """
    starts = window.stride * np.arange(output_size(size, window)) - window.padding
    return starts[:, None] + window.dilation * np.arange(window.kernel)


def patches(image: Image, window: Window, outside: float = 0.0) -> Image:
    """What the window sees at every place: (rows, columns, kernel, kernel); `outside` stands in the padding.

    Raises `WindowError`.
    """
    padded = np.pad(image, window.padding, constant_values=outside)
    rows, columns = (places(size, window) + window.padding for size in image.shape)
    seen: Image = padded[rows[:, None, :, None], columns[None, :, None, :]]
    return seen


def convolve(image: Image, kernel: Image, window: Window) -> Image:
    """At every place, the sum of the products of what the window sees with the filter.

    Raises `WindowError`.
    """
    summed: Image = (patches(image, window) * kernel).sum((2, 3))
    return summed


def max_pool(image: Image, window: Window) -> tuple[Image, Places]:
    """The largest pixel at every place, and where in the image it lies: (rows, columns, 2).

    Of equal ones the first wins. Padding never does. Raises `WindowError`.
    """
    _no_window_of_padding_alone(image, window)
    seen = patches(image, window, outside=-np.inf)
    flat = seen.reshape(*seen.shape[:2], -1)
    row, column = np.divmod(flat.argmax(2), window.kernel)
    rows, columns = (places(size, window) for size in image.shape)
    winners = np.stack(
        [
            np.take_along_axis(rows[:, None], row[..., None], 2)[..., 0],
            np.take_along_axis(columns[None], column[..., None], 2)[..., 0],
        ],
        -1,
    )
    return flat.max(2), winners


def average_pool(image: Image, window: Window) -> Image:
    """The mean of what the window sees at every place; the padding's zeros count. Raises `WindowError`."""
    _no_window_of_padding_alone(image, window)
    mean: Image = patches(image, window).mean((2, 3))
    return mean


def transposed(image: Image, kernel: Image, window: Window) -> Image:
    """Every pixel lays down a copy of the filter times itself, `stride` apart; where copies meet they add up.

    In the end `padding` cells are cut off at every edge. Raises `WindowError`.
    """
    for size in image.shape:
        transposed_size(size, window)
    rows, columns = image.shape
    stride, dilation, cut = window.stride, window.dilation, window.padding
    canvas = np.zeros([(size - 1) * stride + window.extent for size in image.shape])
    for (i, j), weight in np.ndenumerate(kernel):
        top, left = dilation * i, dilation * j
        canvas[top : top + rows * stride : stride, left : left + columns * stride : stride] += weight * image
    return canvas[cut : len(canvas) - cut, cut : canvas.shape[1] - cut]


def shifted(image: Image, down: int, right: int) -> Image:
    """The image moved by whole pixels; what leaves it is lost, and zeros come in."""
    moved = np.zeros_like(image)
    rows, columns = image.shape
    moved[max(down, 0) : rows + min(down, 0), max(right, 0) : columns + min(right, 0)] = image[
        max(-down, 0) : rows - max(down, 0), max(-right, 0) : columns - max(right, 0)
    ]
    return moved


def relative_change(before: Image, after: Image) -> float:
    """The length of the difference by the length of `before`, both as vectors; 0 where nothing changes."""
    length = float(np.linalg.norm(before))
    difference = float(np.linalg.norm(after - before))
    return difference / length if length else float(difference > 0)


def _no_window_of_padding_alone(image: Image, window: Window) -> None:
    for size in image.shape:
        covered = places(size, window)
        holds_pixels = ((covered >= 0) & (covered < size)).any(1)
        if 2 * window.padding > window.kernel or not holds_pixels.all():
            raise WindowError(
                Sentence(
                    "With padding {padding} a window of {kernel} × {kernel} could lie on padding alone, "
                    "where there is nothing to pool: choose a padding of at most half of the kernel.",
                    padding=window.padding,
                    kernel=window.kernel,
                )
            )
