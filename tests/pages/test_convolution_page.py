"""The page of convolution and pooling: its figures, each control, and whatever may be typed into it."""

import re
from collections.abc import Callable
from html import unescape

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.architecture.by_hand import Window, convolve
from fmnist_core.engine.engine import Engine, EngineError
from fmnist_core.sentences import LabError, Sentence
from pages.parts.by_hand import filters
from pages.parts.by_hand.example import IMAGE
from pages.parts.by_hand.page import PARTS
from pages.parts.by_hand.shifting import change_when_moved_along
from pages.parts.by_hand.typed_cells import read_cells
from tests.pages.inside_page import answer_here, html
from tests.pages.lab_page import page_text

PAGE = "pages/learn/convolution.py"


def number(text: str) -> float:
    return float(unescape(text).replace("−", "-"))


def tables(app: AppTest) -> list[np.ndarray]:
    """The numbers of each table of cells, without what stands small below them."""
    shown = []
    for table in re.findall(r"<table><caption>.*?</table>", html(app)):
        rows = re.findall(r"<tr>(.*?)</tr>", re.sub(r"<small>.*?</small>", "", table))
        cells = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in rows]
        if cells and cells[0]:
            shown.append(np.array([[number(cell) for cell in row] for row in cells]))
    return shown


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_drawn_and_has_an_address(visit: Callable[..., AppTest], part: str, lang: str):
    app = visit(PAGE, part=part, lang=lang)
    assert not app.error
    assert not app.warning, page_text(app)
    assert app.query_params["part"] in (part, [part])
    paragraphs = [element.value for element in (*app.markdown, *app.caption) if "·" not in element.value]
    assert [text for text in paragraphs if len(text.split()) > 60] == []


def test_a_part_that_is_not_there_gets_a_sentence(visit: Callable[..., AppTest]):
    assert "This link asks for “everything”" in page_text(visit(PAGE, part="everything"))
    assert "This link asks for “emboss”" in page_text(visit(PAGE, part="garment", filter="emboss"))


def test_the_reports_example_cell_by_cell(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    result = [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    np.testing.assert_array_equal(tables(app)[1], result)
    first = "1 · 1 + 1 · 0 + 1 · 1 + 0 · 0 + 1 · 1 + 1 · 0 + 0 · 1 + 0 · 0 + 1 · 1 = **4**"
    assert f"Row 1, column 1 of the result: {first}" in page_text(app)
    for place, total in enumerate(np.ravel(result), 1):
        app.slider(key="byhand_place").set_value(place).run()
        row, column = divmod(place - 1, 3)
        line = next(one for one in page_text(app).splitlines() if one.startswith("Row "))
        assert line.startswith(f"Row {row + 1}, column {column + 1} ")
        assert line.endswith(f"= **{total}**")
        under = re.findall(r'class="[^"]*lab-under', html(app))
        assert len(under) == 9


def test_a_cell_changes_the_result_and_a_setting_its_size(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.text_area(key="byhand_image").set_value(IMAGE.replace("1", "1,5", 1)).run()
    assert tables(app)[1][0, 0] == 4.5
    app.text_input(key="byhand_example_padding").set_value("1").run()
    assert "⌊(5 + 2 · 1 − 1 · (3 − 1) − 1) / 1⌋ + 1 = **5**" in page_text(app)
    assert tables(app)[1].shape == (5, 5)
    app.text_input(key="byhand_example_stride").set_value("3").run()
    assert tables(app)[1].shape == (2, 2)
    assert "not seen" not in page_text(app), "only zeros of the padding are left over"
    app.text_input(key="byhand_example_padding").set_value("0").run()
    assert "The last 2 rows are not seen" in page_text(app)
    assert "The last 2 columns are not seen" in page_text(app)
    app.text_area(key="byhand_image").set_value("1 0 1 1\n0 1 0 1\n1 0 1 0").run()
    assert "row" not in next(one.value for one in app.caption if "not seen" in one.value)


def size(app: AppTest) -> str:
    return next(line for line in page_text(app).splitlines() if line.startswith("Size of the result"))


@pytest.mark.parametrize("part", ["example", "garment", "pooling", "transposed"])
def test_a_window_stands_in_the_address_and_is_followed_there(visit: Callable[..., AppTest], part: str):
    key = {"example": "example", "garment": "garment", "pooling": "pool", "transposed": "back"}[part]
    app = visit(PAGE, part=part, dilation="1", stride="3")
    assert app.text_input(key=f"byhand_{key}_stride").value == "3"
    app.text_input(key=f"byhand_{key}_padding").set_value("1").run()
    assert app.query_params["padding"] in ("1", ["1"])
    again = visit(PAGE, **{name: "".join(value) for name, value in app.query_params.items()})
    assert not again.warning
    assert size(again) == size(app)
    app.text_input(key=f"byhand_{key}_padding").set_value("zero").run()
    assert "Padding must be a whole number from 0 to 10; “zero”" in page_text(app)
    bad = visit(PAGE, part=part, stride="<b>" * 50)
    assert "Stride must be a whole number from 1 to 10" in page_text(bad)
    assert not bad.error


def test_another_part_has_a_window_of_its_own(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="pooling", kernel="4", stride="4")
    app.segmented_control(key="part").set_value("garment").run()
    assert app.text_input(key="byhand_garment_kernel").value == "3"
    assert not {"kernel", "stride"} & set(app.query_params)
    app.segmented_control(key="part").set_value("pooling").run()
    assert app.text_input(key="byhand_pool_kernel").value == "4"
    assert app.query_params["kernel"] in ("4", ["4"])


BAD_CELLS = [
    ("1 1\n1 x", "In row 2, number 2, stands “x”, which is no number."),
    ("1 1\n1", "row 1 has 2, row 2 has 1"),
    ("", "There is no number here."),
    ("nan 1\n1 1", "stands “nan”, which is no number"),
    ("1e9 1\n1 1", "number 1 is too large to follow"),
    ("1 " * 13, "at most 12 × 12"),
    ("1\n" * 13, "at most 12 × 12"),
    ("1 <b>\n1 1", "stands “<b>”"),
    ("11100\n01110", "stands “01110”. Where these are several numbers, put spaces between them: 0 1 1 1 0."),
]


def test_what_is_no_table_is_said_and_stays(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    for text, sentence in BAD_CELLS:
        app.text_area(key="byhand_image").set_value(text).run()
        assert not app.error
        assert len(app.warning) == 1
        assert sentence in page_text(app)
        assert app.text_area(key="byhand_image").value == text
        assert app.text_area(key="byhand_filter").value
    app.text_area(key="byhand_image").set_value("1 0 1\n0 1 0\n1 0 1").run()
    assert tables(app)[1].tolist() == [[5]]


def test_a_filter_that_is_not_square_is_refused(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.text_area(key="byhand_filter").set_value("1 0 1").run()
    assert "A filter here is square; this one is 1 × 3." in page_text(app)


BAD_WINDOWS = [
    ("garment", "byhand_garment_kernel", "29", "is 29 pixels wide, and the image with its padding only 28"),
    ("garment", "byhand_garment_kernel", "0", "The kernel's size must be at least 1"),
    ("garment", "byhand_garment_stride", "0", "The stride must be at least 1"),
    ("garment", "byhand_garment_padding", "-1", "The padding must be at least 0"),
    ("garment", "byhand_garment_dilation", "0", "The dilation must be at least 1"),
    (
        "garment",
        "byhand_garment_kernel",
        "three",
        "Kernel size must be a whole number from 1 to 30; “three” is not.",
    ),
    ("garment", "byhand_garment_stride", "1.5", "Stride must be a whole number from 1 to 10; “1.5” is not."),
    ("garment", "byhand_garment_stride", "99", "Stride must lie between 1 and 10; “99” does not."),
    ("garment", "byhand_garment_padding", "11", "Padding must lie between 0 and 10"),
    ("garment", "byhand_garment_dilation", "", "Dilation is empty: type a whole number from 1 to 10."),
    ("pooling", "byhand_pool_padding", "2", "could lie on padding alone"),
    ("pooling", "byhand_pool_kernel", "30", "is 30 pixels wide"),
    ("pooling", "byhand_pool_stride", "0", "The stride must be at least 1"),
    ("transposed", "byhand_back_padding", "10", "nothing is left"),
    ("transposed", "byhand_back_stride", "0", "The stride must be at least 1"),
    ("example", "byhand_example_dilation", "3", "is 7 pixels wide, and the image with its padding only 5"),
]


@pytest.mark.parametrize("part", ["example", "garment", "pooling", "transposed"])
def test_an_impossible_setting_is_explained_where_it_is_made(visit: Callable[..., AppTest], part: str):
    app = visit(PAGE, part=part)
    for _part, field, text, sentence in [bad for bad in BAD_WINDOWS if bad[0] == part]:
        before = app.text_input(key=field).value
        app.text_input(key=field).set_value(text).run()
        assert not app.error
        assert sentence in page_text(app)
        assert app.text_input(key=field).value == text
        app.text_input(key=field).set_value(before).run()
        assert not app.warning


@pytest.mark.parametrize("name", [*filters.OF_ANY_SIZE, "own"])
def test_a_filter_on_a_garment_adds_up(visit: Callable[..., AppTest], name: str):
    app = visit(PAGE, part="garment", filter=name, garment="3")
    seen, weights, products = tables(app)[:3]
    np.testing.assert_allclose(seen * weights, products, atol=0.006)
    total = re.search(r"Sum of these products: \*\*([−\d.]+)\*\*", page_text(app))[1].replace("−", "-")
    assert products.sum() == pytest.approx(float(total), abs=0.03), "three digits each"
    assert app.query_params["filter"] in (name, [name])


@pytest.mark.parametrize("kernel", range(1, 9))
def test_what_filters_are_for(kernel: int):
    """On a plain surface: blur and sharpen leave it, edges are nowhere."""
    for name, expected in (("blur", 1), ("sharpen", 1), ("edges", 0), ("vertical", 0), ("horizontal", 0)):
        assert filters.OF_ANY_SIZE[name](kernel).sum() == pytest.approx(expected)


@pytest.mark.parametrize("kernel", range(2, 9))
def test_the_filters_of_edges_answer_to_their_own_and_to_no_others(kernel: int):
    lit_right = np.zeros((28, 28))
    lit_right[:, 14:] = 1
    vertical, horizontal = (filters.OF_ANY_SIZE[name](kernel) for name in ("vertical", "horizontal"))
    window = Window(kernel)
    across = convolve(lit_right, vertical, window)
    assert across.max() == pytest.approx(kernel // 2), "right less left, where the edge is in the middle"
    assert across.min() == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(across[:, : 14 - kernel], 0, atol=1e-12)
    np.testing.assert_allclose(convolve(lit_right, horizontal, window), 0, atol=1e-12)
    np.testing.assert_allclose(convolve(lit_right.T, horizontal, window), across.T, atol=1e-12)
    np.testing.assert_allclose(convolve(lit_right.T, vertical, window), 0, atol=1e-12)


def test_a_trained_networks_filter(visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch):
    answer_here(monkeypatch)
    app = visit(PAGE, part="garment", filter="network", network="r5-2")
    assert not app.info
    weights = tables(app)[1]
    app.slider(key="byhand_nth").set_value(7).run()
    assert not np.array_equal(tables(app)[1], weights)


def test_without_a_worker_the_other_filters_work(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    def refuse(engine: Engine, query: str, timeout: float = 5.0, **arguments: object) -> None:
        raise EngineError(Sentence("Training is starting. This takes a few seconds."))

    monkeypatch.setattr(Engine, "ask", refuse)
    app = visit(PAGE, part="garment", filter="network")
    assert "Training is starting." in page_text(app)
    app.pills(key="filter").set_value("blur").run()
    assert not app.info
    assert len(tables(app)) >= 3


def test_a_filter_costs_less_than_a_fully_connected_layer(visit: Callable[..., AppTest]):
    shown = html(visit(PAGE, part="garment", filter="blur"))
    assert "Numbers that come in: 784; that come out: 676" in shown
    assert ">10<" in shown
    assert ">6,084<" in shown  # 9 · 26 · 26
    assert ">530,660<" in shown  # 784 · 676 + 676
    assert ">529,984<" in shown


def test_the_winner_is_the_largest_under_the_window(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="pooling")
    app.text_input(key="byhand_pool_kernel").set_value("3").run()
    under = tables(app)[0]
    framed = re.search(r'<td class="[^"]*lab-here[^"]*"[^>]*>([\d.]+)<', html(app))[1]
    assert float(framed) == under.max()
    assert f"Largest: **{framed}**" in page_text(app)
    app.text_input(key="byhand_pool_padding").set_value("1").run()
    app.slider(key="byhand_pool_row").set_value(1).run()
    assert not app.error
    assert "The zeros of the padding never win" in page_text(app)


def test_what_a_move_changes_is_measured(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="shift", garment="0")

    def percents() -> list[list[str]]:
        body = re.search(r"<tbody>(.*?)</tbody>", html(app)[html(app).index("What the move changes") :])[1]
        return [re.findall(r"<td>([^<]*)</td>", row) for row in body.split("</tr>") if "<td>" in row]

    garment, convolved, largest, mean = percents()
    assert garment[1] == convolved[1] == "0.0\N{NO-BREAK SPACE}%"
    assert largest[1] == mean[1] == "–"
    app.slider(key="byhand_right").set_value(0).run()
    assert {cell for row in percents() for cell in row} == {"0.0\N{NO-BREAK SPACE}%"}
    app.slider(key="byhand_right").set_value(-4).run()
    app.slider(key="byhand_down").set_value(2).run()
    assert [row[1] for row in percents()] == ["0.0\N{NO-BREAK SPACE}%"] * 4
    app.select_slider(key="byhand_side").set_value(28).run()
    assert percents()[2] == ["0.0\N{NO-BREAK SPACE}%", "–"]


def test_what_moves_along_is_told_from_what_does_not():
    values = np.arange(9.0).reshape(3, 3)
    assert change_when_moved_along(values, np.roll(values, 1, 1), 0, 1) == 0
    assert change_when_moved_along(values, values, 0, 1) > 0


def test_the_reports_decoder_and_the_cells_that_it_misses(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="transposed")
    assert "(5 − 1) · 2 − 2 · 2 + 2 · (5 − 1) + 1 = **13**" in page_text(app)
    result = tables(app)[1]
    assert result.shape == (13, 13)
    assert "No copy reaches 120 of the 169 cells" in page_text(app)
    cell = app.slider(key="byhand_back_cell")
    cell.set_value(2).run()
    assert "Row 1, column 2 of the result: no copy reaches this cell" in page_text(app)
    app.slider(key="byhand_back_cell").set_value(1).run()
    line = next(one for one in page_text(app).splitlines() if one.startswith("Row 1, column 1 "))
    assert line.endswith(f"= **{result[0, 0]:.0f}**")
    app.slider(key="byhand_back_place").set_value(13).run()
    app.text_input(key="byhand_back_stride").set_value("5").run()
    assert not app.error
    assert "(5 − 1) · 5 − 2 · 2 + 2 · (5 − 1) + 1 = **25**" in page_text(app)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1 0\n0 1", [[1, 0], [0, 1]]),
        (" 1;0,5 |\n\n-2\t−3 ", [[1, 0.5], [-2, -3]]),
        ("1.5", [[1.5]]),
    ],
)
def test_how_cells_may_be_typed(text: str, rows: list[list[float]]):
    assert read_cells(text, most=3).tolist() == rows


def test_a_table_of_cells_refuses_in_sentences_alone():
    for text, _sentence in BAD_CELLS:
        with pytest.raises(LabError):
            read_cells(text, most=12)
