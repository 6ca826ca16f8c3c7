"""Test garments by address, as a chart of thousands names their pictures."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.routing import Match

from fmnist_core.data import fashion_mnist
from pages.server.routes import ROUTES, garment


def asked(index: int) -> Request:
    return Request({"type": "http", "path_params": {"index": index}})


def test_a_garment_is_the_test_image_enlarged_without_blur():
    answered = garment(asked(17))
    pixels = np.asarray(Image.open(io.BytesIO(answered.body)))
    assert pixels.shape == (84, 84)
    for row, column in ((0, 0), (1, 2)):
        np.testing.assert_array_equal(pixels[row::3, column::3], fashion_mnist.load().test_images[17])
    assert answered.media_type == "image/png"
    assert "max-age" in answered.headers["cache-control"]


def test_one_that_is_not_there_is_not_found():
    assert garment(asked(len(fashion_mnist.load().test_images))).status_code == 404


@pytest.mark.parametrize("name", ["-1", "1.5", "..", "a", "²", ""])
def test_what_is_no_number_is_nobody_s_address(name: str):
    scope = {"type": "http", "method": "GET", "path": f"/garments/{name}.png"}
    assert all(route.matches(scope)[0] == Match.NONE for route in ROUTES)
