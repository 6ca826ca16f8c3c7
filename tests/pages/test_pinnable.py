"""Whatever a page draws can be pinned: it goes through one of few widgets, which have the button."""

import ast
import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pages.parts.widgets import mosaics, pictures
from pages.parts.widgets.figures_table import html_table
from pages.parts.widgets.link_table import cell, study
from pages.parts.widgets.pinning.reading import BETWEEN, TILE, content

PAGES = Path(__file__).parents[2] / "pages"
# Modules that put HTML on a page which nobody would pin, and why; or which have a button of their own for it.
OF_THEIR_OWN = {
    "learn/home.py": "a way in, with a decoration",
    "parts/compare/comparison.py": "the table has its button",
    "parts/compare/side_by_side.py": "the garments have theirs",
    "parts/dataset/split.py": "the garments have theirs",
    "parts/forms/lab_frame.py": "a script, and what a run will show",
    "parts/frame/frame.py": "scripts",
    "parts/inside/garment_choice.py": "the garment that is chosen, within its control",
    "parts/mistakes/pixels.py": "the row has its button, once it is whole",
    "parts/my_report/pinned.py": "pins",
    "parts/results/claims/board.py": "how many claims hold, in words",
    "parts/results/claims/rule.py": "quotations",
    "parts/results/network_drawing.py": "the drawing has its button",
    "parts/results/report_facts.py": "what a report leaves open, in words",
    "parts/run/film.py": "the garments have their button",
    "parts/against/question.py": "the garment to be named",
    "parts/try_it/networks.py": "a learner's own picture, of which nothing is kept",
    "parts/try_it/sources.py": "the picture that is brought",
    "parts/try_it/steps.py": "a learner's own picture, of which nothing is kept",
    "parts/forms/widget_words.py": "words of a widget",
    "parts/widgets/figures_table.py": "a chart's figures, and the chart has its button",
    "parts/widgets/legends.py": "a chart's legend",
    "parts/widgets/share_link.py": "a link as a picture",
    "parts/widgets/pinning/shown.py": "the widget itself",
}
LINKED = {"parts/widgets/link_table.py", "parts/results/claims/board.py", "parts/sweep/view.py"}
CHARTS = {"vega_lite_chart", "altair_chart", "line_chart", "bar_chart", "scatter_chart", "area_chart"}
TABLES = {
    "image",
    "table",
    "dataframe",
    "data_editor",
    "graphviz_chart",
    "pyplot",
    "plotly_chart",
    "pydeck_chart",
}


def calls(name: str, tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == name
    ]


def is_words(argument: ast.expr) -> bool:
    """A style sheet, or a paragraph."""
    if isinstance(argument, ast.JoinedStr) and argument.values:
        argument = argument.values[0]
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value.startswith(("<p", "<style"))
    return ast.unparse(argument).endswith(("STYLES", "COMPARED"))


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.AST]:
    return {str(file.relative_to(PAGES)): ast.parse(file.read_text()) for file in PAGES.rglob("*.py")}


def test_tables_and_pictures_go_through_the_widget_with_the_button(trees):
    drawing = {
        name
        for name, tree in trees.items()
        if any(not call.args or not is_words(call.args[0]) for call in calls("html", tree))
    }
    assert drawing - set(OF_THEIR_OWN) == set(), "they should call `shown`"
    assert set(OF_THEIR_OWN) - drawing == set(), "no longer"


def test_charts_go_through_the_widget_with_the_button(trees):
    for method in CHARTS | TABLES:
        allowed = {"parts/widgets/chart.py"} if method == "vega_lite_chart" else set()
        using = {
            name
            for name, tree in trees.items()
            if any(ast.unparse(call.func) == f"st.{method}" for call in calls(method, tree))
        }
        assert using == allowed, method


def test_tables_with_links_go_through_the_widget_with_the_button(trees):
    assert {name for name, tree in trees.items() if calls("linked", tree)} == LINKED


def test_what_is_pinned_of_a_table_is_what_stands_in_it():
    html = study(
        "Caption",
        ["Setting", "Published", "Try it"],
        '<tbody><tr><th scope="rowgroup" rowspan="2">n = 64<small>our own</small></th>'
        f'{cell("Published", "0.02<small>Table 2</small>")}<td class="ways" rowspan="2"><a>Open</a></td></tr>'
        f"<tr>{cell('Published', '1 &lt; 2')}</tr>"
        f"<tr><td>n</td>{cell('Published', '0.5<small>loss</small>81 %<small>right</small>')}</tr></tbody>",
    )
    assert content(html).data == {
        "heads": ["Setting", "Published"],
        "rows": [["n = 64 (our own)", "0.02 (Table 2)"], ["", "1 < 2"], ["n", "0.5 (loss); 81 % (right)"]],
    }
    drawn = html_table("One", ["a", "drawn", "b"], [["1", "", "2"]])
    assert content(drawn).data == {"heads": ["a", "b"], "rows": [["1", "2"]]}
    two = html_table("One", ["", "x"], [["a", "1"]]) + html_table("Two", ["", "y"], [["b", "2"]])
    assert content(two).data == {"heads": ["", "x"], "rows": [["a", "1"], ["", "y"], ["b", "2"]]}


def test_what_is_pinned_of_pictures_is_their_pixels_and_words():
    images = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
    data = content(mosaics.captioned(images, [f"garment {k}" for k in range(12)], alt="Garment")).data
    assert data["captions"] == [" · ".join(f"garment {k}" for k in some) for some in (range(10), (10, 11))]
    lines = [np.asarray(Image.open(io.BytesIO(base64.b64decode(file)))) for file in data["png"]]
    for k, image in enumerate(images):
        left = k % 10 * (TILE + BETWEEN)
        assert (lines[k // 10][::3, left : left + TILE : 3, 0] == image).all()
    assert not lines[1][:, 2 * (TILE + BETWEEN) :].any(), "as large as those of the first line"
    framed = pictures.framed(np.zeros((4, 4, 3), np.uint8), 1, 2, 1, 2, 80, alt="A map")
    (file,) = content(framed).data["png"]
    marked = np.asarray(Image.open(io.BytesIO(base64.b64decode(file))))[:TILE, :TILE, 0].nonzero()
    assert {int(side.min()) * 4 // TILE for side in marked} == {1, 2}


def test_a_fragment_gives_the_page_back_whose_figures_it_showed(visit):
    app = visit("pages/results/reports.py", report="R3", model="r3-1")
    assert not app.exception
    (about,) = [app.session_state["pins_about"]]
    assert "r3-1, seed 0" in [run["id"] for run in about()]
