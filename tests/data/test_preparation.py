"""From a photo to 28 × 28: the data set's own images come back, and each step does what it is for."""

import numpy as np
import pytest
from PIL import Image

from fmnist_core.data import fashion_mnist
from fmnist_core.data.photo import Photo
from fmnist_core.data.preparation import (
    NEAR,
    STEPS,
    NothingSeen,
    background_level,
    grey_of,
    placed,
    prepare,
    sharpened,
    trimmed,
)

SCALE = 6
COUNT = 120


def photo_of(grey: np.ndarray, scale: int = SCALE) -> Photo:
    large = np.kron(grey, np.ones((scale, scale), np.uint8))
    return Photo(np.repeat(large[..., None], 3, -1))


def differences(without: tuple[str, ...], light: bool) -> np.ndarray:
    """Mean absolute difference of a pixel, for each of the first test images that fills its 28 pixels.

    The others (7 of 100) were made with something faint at an edge, which is trimmed here, so they grow.
    """
    found = []
    for image in np.asarray(fashion_mnist.load().test_images[:COUNT]).astype(int):
        bright = image > NEAR
        if bright.any(1)[[0, -1]].all() or bright.any(0)[[0, -1]].all():
            photo = photo_of((255 - image if light else image).astype(np.uint8))
            found.append(np.abs(prepare(photo, without).image - image).mean())
    assert len(found) > 0.85 * COUNT
    return np.array(found)


@pytest.mark.parametrize("light", [False, True])
def test_a_test_image_enlarged_comes_back(light: bool):
    """Without sharpening, which the data set's images have behind them and which would come twice."""
    same = differences(("sharpen",), light)
    assert np.median(same) < 0.5
    assert np.percentile(same, 90) < 5
    assert np.median(differences((), light)) < 6


@pytest.mark.parametrize("light", [False, True])
def test_where_background_and_edges_are_left_alone_it_comes_back_exactly(light: bool):
    assert differences(("sharpen", "crop", "background"), light).max() == 0


def test_all_steps_are_there_in_order_and_the_last_has_28_pixels():
    prepared = prepare(photo_of(np.asarray(fashion_mnist.load().test_images[0])))
    assert tuple(prepared.stages) == STEPS
    assert prepared.image.shape == (28, 28)
    assert prepared.image.dtype == np.uint8
    assert not prepared.was_light


@pytest.mark.parametrize("step", STEPS)
def test_any_step_and_all_may_be_left_out(step: str):
    photo = Photo(np.random.default_rng(0).integers(0, 256, (90, 60, 3)).astype(np.uint8), orientation=6)
    for without in ((step,), STEPS, [other for other in STEPS if other != step]):
        assert prepare(photo, without).image.shape == (28, 28)


def test_grey_is_pillows():
    pixels = np.random.default_rng(0).integers(0, 256, (50, 40, 3)).astype(np.uint8)
    pillows = np.asarray(Image.fromarray(pixels).convert("L"))
    assert np.abs(grey_of(pixels).astype(int) - pillows).max() <= 1


def garment_in_uneven_light() -> np.ndarray:
    """Dark on a wall whose brightness falls from 235 to 185, with noise."""
    random = np.random.default_rng(0)
    wall = np.linspace(235, 185, 200)[None].repeat(300, 0) + random.normal(0, 2, (300, 200))
    wall[80:240, 60:150] = 60
    return np.clip(wall, 0, 255).astype(np.uint8)


def test_an_uneven_background_becomes_black_and_is_cut_off():
    grey = garment_in_uneven_light()
    stages = prepare(Photo(np.repeat(grey[..., None], 3, -1))).stages
    assert (stages["background"][:70] == 0).mean() > 0.99
    assert stages["crop"].shape == (160, 90)
    assert stages["proportions"].shape == (28, 16)


@pytest.mark.parametrize("ground", [0, 37, 255])
def test_what_is_trimmed_is_what_is_near_the_corners(ground: int):
    grey = np.full((60, 40), ground, np.uint8)
    grey[10:50, 5:30] = 130
    assert trimmed(grey).shape == (40, 25)
    assert background_level(grey) == ground


@pytest.mark.parametrize(("rows", "columns"), [(28, 28), (28, 13), (1, 28), (5, 5)])
def test_what_is_placed_is_all_there_and_in_the_middle(rows: int, columns: int):
    canvas = placed(np.full((rows, columns), 200, np.uint8), 9.0, True)
    inside = np.argwhere(canvas == 200)
    assert len(inside) == rows * columns
    assert (canvas == 9).sum() == 784 - rows * columns
    margins = inside.min(0) - (27 - inside.max(0))
    assert set(margins.tolist()) <= {0, 1}, "an odd row or column more is at the top or left"


def test_sharpening_leaves_what_is_even_and_deepens_outlines():
    even = np.full((28, 20), 77, np.uint8)
    np.testing.assert_array_equal(sharpened(even), even)
    step = np.repeat([[50] * 10 + [150] * 10], 28, 0).astype(np.uint8)
    row = sharpened(step)[14].astype(int)
    assert row[9] < 50
    assert row[10] > 150
    assert (row[:8] == 50).all()
    assert (row[12:] == 150).all()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_nothing_is_made_of_nothing(level: int):
    with pytest.raises(NothingSeen):
        prepare(Photo(np.full((30, 40, 3), level, np.uint8)))
