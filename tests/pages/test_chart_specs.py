"""What Streamlit's browser part asks of a chart's spec, of which nothing is said on the server."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.widgets.chart import measured

PAGES = {
    "pages/learn/home.py": {},
    "pages/learn/data.py": {"view": "pixels"},
    "pages/results/reports.py": {"report": "R1"},
    "pages/results/claims.py": {"claim": "C4"},
}


@pytest.mark.parametrize("page", PAGES)
def test_padding_is_said_side_by_side(visit: Callable[..., AppTest], page: str):
    """It writes `padding.bottom`, and a number has no such place."""
    charts = visit(page, **PAGES[page]).get("vega_lite_chart")
    assert charts
    for chart in charts:
        assert isinstance(json.loads(chart.proto.spec).get("padding", {}), dict)


@pytest.mark.parametrize("page", PAGES)
def test_by_ear_no_axis_is_told_in_english(visit: Callable[..., AppTest], page: str):
    """Vega tells "X-axis titled …", whatever the page speaks; the chart's name and its table do not."""
    charts = visit(page, **PAGES[page]).get("vega_lite_chart")
    assert charts
    for chart in charts:
        config = json.loads(chart.proto.spec)["config"]
        assert not config["axis"]["aria"]
        assert not config["legend"]["aria"]
        assert chart.proto.alt


@pytest.mark.parametrize(
    ("number_format", "kind"), [(".1~%", "%"), (".4~f", "f"), (".0%", "%"), ("~s", "~s")]
)
def test_an_axis_writes_as_many_digits_as_tell_its_ticks_apart(number_format: str, kind: str):
    """Which Vega does where the format says no number of digits."""
    assert measured("y:Q", None, number_format).to_dict()["axis"]["format"] == kind
