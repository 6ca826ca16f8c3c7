"""A store for reports, and something to pin."""

import io

import numpy as np
import pytest
from PIL import Image

from fmnist_core.own_report import pin
from fmnist_core.own_report.pin import Content
from fmnist_core.store.runs import Store


@pytest.fixture
def store(own_store: Store) -> Store:
    return own_store


@pytest.fixture
def curve() -> Content:
    channels = {name: {"field": name, "type": "quantitative", "title": name.upper()} for name in "xy"}
    series = {"color": {"field": "series", "type": "nominal", "legend": None}}
    spec = {"layer": [{"mark": "line", "encoding": {**channels, **series}}]}
    rows = [{"x": x, "y": 1 / (x + 1), "series": name} for x in range(20) for name in ("a & b", "ñ_%")]
    return pin.chart(spec, rows)


@pytest.fixture
def garments() -> Content:
    file = io.BytesIO()
    Image.fromarray(np.arange(280 * 28, dtype=np.uint16).astype(np.uint8).reshape(28, 280)).save(file, "PNG")
    return pin.pictures([file.getvalue()] * 2, ["Originals", "64 numbers"])


@pytest.fixture
def table() -> Content:
    return pin.table(["Run", "Test loss"], [["a_b & 5 %", "0,0231 ± 0,0004"], ["#1 \\input{x}", "–"]])
