"""Convolution, pooling and transposed convolution by hand: as PyTorch, at 500 random settings each."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from fmnist_core.architecture.by_hand import (
    Window,
    WindowError,
    average_pool,
    convolve,
    max_pool,
    output_size,
    places,
    relative_change,
    shifted,
    transposed,
    transposed_size,
    unseen,
)
from fmnist_core.architecture.layers import ConvTranspose2d

REPORT_IMAGE = np.array(
    [[int(cell) for cell in row] for row in ["11100", "01110", "00111", "00110", "01100"]], float
)
REPORT_FILTER = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], float)
LAW = settings(max_examples=500, deadline=None)
WINDOWS = some.builds(
    Window,
    kernel=some.integers(1, 6),
    stride=some.integers(1, 4),
    padding=some.integers(0, 4),
    dilation=some.integers(1, 3),
)
SIDES, SEEDS = some.integers(1, 12), some.integers(0, 2**32 - 1)


def image_and_filter(rows: int, columns: int, window: Window, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(size=(rows, columns)), random.normal(size=(window.kernel, window.kernel))


def four_dimensional(values: np.ndarray) -> torch.Tensor:
    return torch.tensor(values)[None, None]


def fits(rows: int, columns: int, window: Window) -> bool:
    return min(rows, columns) + 2 * window.padding >= window.dilation * (window.kernel - 1) + 1


def arguments(window: Window) -> dict[str, int]:
    return {"stride": window.stride, "padding": window.padding, "dilation": window.dilation}


@LAW
@given(side=SIDES, window=WINDOWS)
def test_pixels_behind_the_last_place_are_unseen(side: int, window: Window):
    assume(fits(side, side, window))
    assert unseen(side, window) == max(0, side - 1 - places(side, window).max())


def test_the_reports_example():
    result = convolve(REPORT_IMAGE, REPORT_FILTER, Window(3))
    assert result[0, 0] == 4
    np.testing.assert_array_equal(result, [[4, 3, 4], [2, 4, 3], [2, 3, 4]])


@LAW
@given(SIDES, SIDES, WINDOWS, SEEDS)
def test_a_convolution_is_pytorchs(rows: int, columns: int, window: Window, seed: int):
    assume(fits(rows, columns, window))
    image, kernel = image_and_filter(rows, columns, window, seed)
    expected = F.conv2d(four_dimensional(image), four_dimensional(kernel), **arguments(window))[0, 0].numpy()
    result = convolve(image, kernel, window)
    assert result.dtype == np.float64
    assert (output_size(rows, window), output_size(columns, window)) == expected.shape
    np.testing.assert_allclose(result, expected, atol=1e-12)


@LAW
@given(SIDES, SIDES, WINDOWS, SEEDS, some.booleans())
def test_max_pooling_and_its_winners_are_pytorchs(
    rows: int, columns: int, window: Window, seed: int, ties: bool
):
    assume(fits(rows, columns, window) and 2 * window.padding <= window.kernel)
    image, _kernel = image_and_filter(rows, columns, window, seed)
    if ties:
        image = np.rint(image)
    values, indices = F.max_pool2d(
        four_dimensional(image), window.kernel, **arguments(window), return_indices=True
    )
    if values.isinf().any():  # PyTorch makes -inf of a window that lies on padding alone
        with pytest.raises(WindowError):
            max_pool(image, window)
        return
    result, winners = max_pool(image, window)
    np.testing.assert_array_equal(result, values[0, 0].numpy())
    np.testing.assert_array_equal(winners[..., 0] * columns + winners[..., 1], indices[0, 0].numpy())


@LAW
@given(SIDES, SIDES, WINDOWS, SEEDS)
def test_average_pooling_is_pytorchs(rows: int, columns: int, window: Window, seed: int):
    window = Window(
        window.kernel, window.stride, min(window.padding, window.kernel // 2)
    )  # it has no dilation
    assume(fits(rows, columns, window))
    image, _kernel = image_and_filter(rows, columns, window, seed)
    expected = F.avg_pool2d(four_dimensional(image), window.kernel, window.stride, window.padding)
    np.testing.assert_allclose(average_pool(image, window), expected[0, 0].numpy(), atol=1e-12)


@LAW
@given(SIDES, SIDES, WINDOWS, SEEDS)
def test_a_transposed_convolution_is_pytorchs(rows: int, columns: int, window: Window, seed: int):
    extent = window.dilation * (window.kernel - 1) + 1
    assume((min(rows, columns) - 1) * window.stride + extent - 2 * window.padding >= 1)
    image, kernel = image_and_filter(rows, columns, window, seed)
    expected = F.conv_transpose2d(four_dimensional(image), four_dimensional(kernel), **arguments(window))
    result = transposed(image, kernel, window)
    assert (transposed_size(rows, window), transposed_size(columns, window)) == expected.shape[2:]
    np.testing.assert_allclose(result, expected[0, 0].numpy(), atol=1e-12)


def test_the_size_of_the_reports_decoder_is_that_of_its_layer():
    window = Window(5, stride=2, padding=2, dilation=2)
    described = ConvTranspose2d(16, 5, stride=2, padding=2, dilation=2)
    assert transposed_size(5, window) == described.output((32, 5, 5))[1] == 13


@pytest.mark.parametrize(
    "impossible", [{"kernel": 0}, {"stride": 0}, {"stride": -1}, {"padding": -1}, {"dilation": 0}]
)
def test_a_window_that_cannot_be_is_refused(impossible: dict[str, int]):
    with pytest.raises(WindowError):
        Window(**({"kernel": 3} | impossible))


def test_a_window_that_does_not_fit_is_refused_by_each_operation():
    image = np.ones((5, 5))
    for operation in (
        lambda: convolve(image, np.ones((6, 6)), Window(6)),
        lambda: max_pool(image, Window(6)),
        lambda: average_pool(image, Window(2, padding=2)),
        lambda: transposed(image, np.ones((1, 1)), Window(1, padding=3)),
    ):
        with pytest.raises(WindowError):
            operation()


@given(some.integers(-4, 4), some.integers(-4, 4), SEEDS)
def test_a_convolution_moves_along_and_pooling_does_by_its_stride(down: int, right: int, seed: int):
    """Exactly, where no pixel has left the image: here a margin of zeros takes all moves."""
    image = np.pad(np.random.default_rng(seed).uniform(size=(6, 6)), 9)
    moved = shifted(image, down, right)
    np.testing.assert_array_equal(moved, np.roll(image, (down, right), (0, 1)))
    convolved = convolve(image, REPORT_FILTER, Window(3))
    along = np.roll(convolved, (down, right), (0, 1))
    assert relative_change(along, convolve(moved, REPORT_FILTER, Window(3))) == 0
    if down % 2 == right % 2 == 0:
        pooled = max_pool(image, Window(2, 2))[0]
        along = np.roll(pooled, (down // 2, right // 2), (0, 1))
        assert relative_change(along, max_pool(moved, Window(2, 2))[0]) == 0


def test_what_leaves_the_image_is_lost():
    np.testing.assert_array_equal(shifted(np.array([[1.0, 2], [3, 4]]), 1, -1), [[0, 0], [2, 0]])
    assert not shifted(np.ones((2, 3)), 0, 3).any()


def test_the_change_of_nothing_is_none():
    assert relative_change(np.zeros(3), np.zeros(3)) == 0
    assert relative_change(np.array([3.0, 4.0]), np.array([3.0, 9.0])) == 1
