"""The table below a chart holds what the chart shows, in its numbers, and is made only when it is opened."""

import re
from html import unescape

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.widgets import curves
from pages.parts.widgets.chart import number_locale
from pages.parts.widgets.curves import Lines, Series
from pages.parts.widgets.figures_table import number_in, table_of
from pages.parts.widgets.notes import Notes
from tests.source_tree import MODULES

ENGLISH = number_locale("en")


def cells(html: str) -> list[list[str]]:
    """The rows of all tables, heads included."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


@pytest.mark.parametrize(
    ("value", "d3_format", "text"),  # as d3-format's own documentation and tests have them
    [
        (0.123, ".0%", "12\N{NO-BREAK SPACE}%"),
        (1234.5, ",.1f", "1,234.5"),
        (1234.0, ",", "1,234"),
        (4200.0, ",.6~g", "4,200"),
        (0.5, ".4~f", "0.5"),
        (100.0, ".4~f", "100"),
        (1.0, ".1~%", "100\N{NO-BREAK SPACE}%"),
        (0.905, ".1~%", "90.5\N{NO-BREAK SPACE}%"),
        (-0.25, "+.1%", "−25.0\N{NO-BREAK SPACE}%"),
        (0.25, "+.1%", "+25.0\N{NO-BREAK SPACE}%"),
    ],
)
def test_numbers_are_written_as_d3_writes_them(value: float, d3_format: str, text: str):
    assert number_in(value, d3_format, ENGLISH) == text


def test_curves_over_the_same_epochs_stand_side_by_side_and_the_rest_by_itself():
    lines = Lines.of(
        [
            Series("training", [1, 2], [0.5, 0.25]),
            Series("validation", [1, 2], [0.75, None]),
            Series("each batch", [0.5, 1.0, 1.5], [0.9, 0.8, 0.7], faint=True),
        ],
        notes=[Notes([1.5, 1.6], lambda first, last: "0.01")],  # the second has its words at the first
    )
    levels = ((0.125, "PCA, 8 components"),)
    spec = curves._spec(lines.names, lines.faint, "Epoch", "Loss", False, True, ".4~f", 300, levels)
    html = table_of(spec, lines.table, "Losses", lambda value, form: number_in(value, form, ENGLISH))
    assert cells(html) == [
        ["Epoch", "training", "validation"],
        ["1", "0.5", "0.75"],
        ["2", "0.25", "–"],
        ["Epoch", "each batch"],
        ["0.5", "0.9"],
        ["1", "0.8"],
        ["1.5", "0.7"],
    ]
    assert re.findall(r"<li>(.*?)</li>", html) == ["PCA, 8 components: 0.125", "1.5: 0.01"]


def test_what_a_name_holds_is_no_html():
    table = pa.table({"name": ["<b>&"], "value": [1.0]})
    spec = {"encoding": {"tooltip": [{"field": "name", "type": "nominal", "title": "<i>"}]}}
    html = table_of(spec, table, "<u>", lambda value, form: str(value))
    assert not re.search(r"<[biu]>", html)


def test_a_class_never_predicted_has_a_dash_and_a_sentence():
    def app():
        import numpy as np
        import streamlit as st

        from pages.parts.widgets.matrix_tables import scores_table

        st.html(scores_table(np.array([[3, 1, 0], [0, 4, 0], [1, 1, 0]]), ["a", "b", "c"]))

    html = AppTest.from_function(app).run().get("html")[0].proto.body
    rows = {name: figures for name, *figures in cells(html)}
    assert rows["a"] == ["75.0\N{NO-BREAK SPACE}%"] * 3
    assert rows["c"] == ["–", *["0.0\N{NO-BREAK SPACE}%"] * 2]
    assert "Never predicted, and so without a precision and left out of its mean: c." in html
    assert "Without images" not in html


def test_a_table_is_made_only_while_it_is_open():
    def app():
        import streamlit as st

        from pages.parts.widgets.figures_table import figures_below

        def made() -> str:
            st.session_state.made = True
            return "<table></table>"

        figures_below("Figures as a table", "A chart", "chart", made)

    app = AppTest.from_function(app).run()
    assert "made" not in app.session_state
    app.session_state["chart_figures"] = True
    assert app.run().session_state.made


def test_every_table_that_may_be_scrolled_is_reached_by_the_keyboard():
    region = re.compile(r'<div class="lab-(figures|scores|numbers|products|cells)"[^>]*>')
    found = [(name, one[0]) for name, path in MODULES.items() for one in region.finditer(path.read_text())]
    assert len(found) > 5
    assert [(name, one) for name, one in found if 'tabindex="0"' not in one] == []
