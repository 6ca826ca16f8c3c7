"""Disturbances against NumPy's and SciPy's own; of strength nothing they change nothing."""

import numpy as np
import pytest
import scipy.ndimage

from fmnist_core.data.disturbance import (
    NONE,
    STRENGTHS,
    Disturbance,
    blurred,
    disturbed,
    of_kind,
    rotated,
    shifted,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)


@pytest.mark.parametrize("seed", [0, 7])
def test_none_is_the_identity(seed: int):
    np.testing.assert_array_equal(disturbed(IMAGES, Disturbance(seed=seed)), IMAGES)
    assert Disturbance() == NONE


@pytest.mark.parametrize("kind", STRENGTHS)
def test_every_kind_begins_with_nothing_and_goes_on_with_something(kind: str):
    first, *others = STRENGTHS[kind]
    np.testing.assert_array_equal(disturbed(IMAGES, of_kind(kind, first)), IMAGES)
    for strength in others:
        changed = disturbed(IMAGES, of_kind(kind, strength))
        assert (changed != IMAGES).any()
        assert changed.shape == IMAGES.shape
        assert changed.dtype == np.uint8


@pytest.mark.parametrize(("degrees", "turns"), [(0, 0), (90, 1), (180, 2), (-90, 3), (360, 0)])
def test_a_quarter_turn_is_numpys(degrees: float, turns: int):
    np.testing.assert_allclose(rotated(IMAGES, degrees), np.rot90(IMAGES, turns, (1, 2)), atol=1e-9)


@pytest.mark.parametrize("degrees", [5, 33, -20, 60])
def test_any_turn_is_scipys(degrees: float):
    scipys = scipy.ndimage.rotate(
        IMAGES.astype(float), degrees, axes=(2, 1), reshape=False, order=1, mode="grid-constant"
    )
    np.testing.assert_allclose(rotated(IMAGES, degrees), scipys, atol=1e-6)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (-2, 5), (0, -27), (28, 0), (-40, 40)])
def test_a_shift_is_scipys(down: int, right: int):
    scipys = scipy.ndimage.shift(IMAGES, (0, down, right), order=0)
    np.testing.assert_array_equal(shifted(IMAGES, down, right), scipys)


@pytest.mark.parametrize("deviation", [0.5, 1.0, 3.0])
def test_a_blur_is_scipys(deviation: float):
    scipys = scipy.ndimage.gaussian_filter(
        IMAGES.astype(float), (0, deviation, deviation), mode="constant", truncate=12
    )
    np.testing.assert_allclose(blurred(IMAGES, deviation), scipys, atol=1e-6)


def test_noise_is_as_strong_as_it_says_and_the_same_for_a_seed():
    grey = np.full((200, 28, 28), 128, np.uint8)
    noisy = disturbed(grey, Disturbance(noise=0.1, seed=3)).astype(float)
    assert noisy.std() == pytest.approx(25.5, rel=0.02)
    assert noisy.mean() == pytest.approx(128, abs=0.5)
    np.testing.assert_array_equal(noisy, disturbed(grey, Disturbance(noise=0.1, seed=3)))
    assert (noisy != disturbed(grey, Disturbance(noise=0.1, seed=4))).any()


@pytest.mark.parametrize("side", [1, 12, 28])
def test_a_square_of_that_size_is_hidden_in_each(side: int):
    white = np.full((50, 28, 28), 255, np.uint8)
    hidden = disturbed(white, Disturbance(hidden=side)) == 0
    assert (hidden.sum((1, 2)) == side**2).all()
    assert (hidden.any(1).sum(1) == side).all()
