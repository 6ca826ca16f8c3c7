"""Predictions and what came, on a page: what is stored stands there again, and charts show both."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from fmnist_core.lessons.direction import judge_direction
from pages.parts.base.number_text import typed
from pages.parts.predicting.axis import tick_text, ticks
from pages.parts.predicting.comparison import _range
from tests.lessons.asked import NAMES

PAGE = Path(__file__).parents[1] / "browser" / "predicting_page.py"
SAID = {
    "runs": [0.08, 0.05, 0.02],
    "epochs": [0.1 - 0.01 * n for n in range(10)],
    "order": ["32 numbers", "2 numbers", "8 numbers"],
    "direction": "lower",
}
JUDGED = {
    "runs": "Right: from “2 numbers” to “32 numbers” it falls, as you drew.",
    "epochs": "Not so: from epoch 5 to epoch 10 it hardly changes; in your drawing it falls.",
    "order": "Not so: the highest is “2 numbers” (0.0500); you put “8 numbers” there.",
    "direction": "Validation loss: “32 numbers” (0.0200) is lower than “2 numbers” (0.0500).",
}


def opened(form: str, stored: object = None) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=30)
    app.query_params["form"] = form
    app.query_params["stored"] = json.dumps(stored)
    return app.run()


def said(app: AppTest) -> object:
    return json.loads(app.text[0].value)


def text(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def drawn(app: AppTest) -> dict[str, dict[object, float]]:
    """Each series of the chart, with its value at each place."""
    (chart,) = app.get("vega_lite_chart")
    series: dict[str, dict[object, float]] = {}
    for row in pa.ipc.open_stream(chart.proto.data.data).read_all().to_pylist():
        series.setdefault(row["series"], {})[row["x"]] = row["y"]
    return series


@pytest.mark.parametrize("form", SAID)
def test_what_is_stored_stands_there_again_in_either_language_and_is_judged(form: str):
    app = opened(form, SAID[form])
    assert not app.exception
    assert said(app) == SAID[form]
    assert JUDGED[form] in text(app)
    app.radio(key="language").set_value("es").run()
    assert not app.exception
    assert said(app) == SAID[form]
    assert JUDGED[form] not in text(app)
    app.radio(key="language").set_value("en").run()
    assert JUDGED[form] in text(app)


@pytest.mark.parametrize("form", SAID)
@pytest.mark.parametrize("stored", [None, 7, "sideways", [1, 2], {"a": 1}, [[1], None, "x"]])
def test_what_is_no_prediction_is_none_and_the_result_stands_alone(form: str, stored: object):
    app = opened(form, stored)
    assert not app.exception
    assert said(app) is None
    assert set(drawn(app)) == {"Result"}
    assert not text(app)


def test_a_curve_and_what_came_stand_on_one_chart():
    series = drawn(opened("runs", SAID["runs"]))
    assert series["Your prediction"] == dict(zip(NAMES, SAID["runs"], strict=True))
    assert series["Result"] == pytest.approx(dict(zip(NAMES, (0.05, 0.03, 0.02), strict=True)))
    series = drawn(opened("epochs", SAID["epochs"]))
    assert list(series["Your prediction"].values()) == SAID["epochs"]
    assert series["Result"][1] == pytest.approx(0.06)
    assert list(series["Result"]) == list(range(1, 11))


def test_a_curve_drawn_in_part_is_shown_and_judged_in_part():
    app = opened("runs", [0.08, None, 0.02])
    assert said(app) == [0.08, None, 0.02]
    assert list(drawn(app)["Your prediction"]) == ["2 numbers", "32 numbers"]
    assert JUDGED["runs"] in text(app)


def test_an_order_is_that_of_the_axis():
    app = opened("order", SAID["order"])
    (chart,) = app.get("vega_lite_chart")
    (axis,) = {json.dumps(layer["encoding"]["x"]) for layer in json.loads(chart.proto.spec)["layer"]}
    assert json.loads(axis)["scale"]["domain"] == SAID["order"]
    assert json.loads(axis)["title"] == "Your order, the lowest first"


def test_a_direction_is_chosen():
    app = opened("direction")
    app.radio(key="say_direction").set_value("higher").run()
    assert said(app) == "higher"
    assert "Not so: you said “Higher”." in text(app)
    assert set(drawn(app)) == {"Result", "Your prediction"}


levels = st.floats(-5, 5).map(lambda value: round(value, 3))


@given(st.sampled_from(["lower", "alike", "higher"]), levels, levels, st.sampled_from([0.0, 0.02, 0.3]))
def test_what_came_lies_in_the_range_if_it_was_said(said: str, value: float, other: float, within: float):
    low, high = _range(said, value, other, within)
    assert low <= high
    came = judge_direction(said, value, other, within).came
    on_border = min(abs(value - other * (1 - within)), abs(value - other / (1 - within))) < 1e-9
    if not on_border:
        assert (low <= value <= high) == (came == said)


@given(st.floats(-100, 100), st.floats(1e-4, 1e3))
def test_gridlines_are_few_evenly_apart_and_on_the_axis(low: float, height: float):
    marks = ticks(low, low + height)
    assert 2 <= len(marks) <= 6
    slack = 1e-6 * max(height, abs(low))
    assert low - slack <= marks[0]
    assert marks[-1] <= low + height + slack
    gaps = [after - before for before, after in pairwise(marks)]
    assert max(gaps) - min(gaps) <= slack
    assert math.isclose(marks[0] / gaps[0], round(marks[0] / gaps[0]), abs_tol=1e-3)


@pytest.mark.parametrize(
    ("low", "high", "unit", "texts"),
    [
        (0, 0.1, "loss", ["0", "0.02", "0.04", "0.06", "0.08", "0.1"]),
        (-0.01, 0.01, "loss", ["−0.01", "−0.005", "0", "0.005", "0.01"]),
        (0, 1, "share", ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        (0.8, 0.95, "share", ["80 %", "85 %", "90 %", "95 %"]),
        (0, 10, "seconds", ["0 s", "2 s", "4 s", "6 s", "8 s", "10 s"]),
    ],
)
def test_gridlines_of_what_lessons_ask(low: float, high: float, unit: str, texts: list[str]):
    marks = ticks(low, high)
    assert [tick_text(mark, unit).replace("\N{NO-BREAK SPACE}", " ") for mark in marks] == texts
    for mark in marks:
        number = typed(float, tick_text(mark, unit).split("\N{NO-BREAK SPACE}")[0])
        assert number / (100 if unit == "share" else 1) == pytest.approx(mark)
