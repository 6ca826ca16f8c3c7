"""Streamlit's own widgets: all words of a choice are seen, and none of their own English is left."""

import ast

import pytest

from tests.source_tree import MODULES


def test_every_row_of_choices_goes_on_in_another_where_it_is_too_long():
    """By itself Streamlit lets some rows scroll sideways, so that the last words are cut off."""
    rows = [
        (name, call)
        for name, path in MODULES.items()
        if name.startswith("pages")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("pills", "segmented_control")
    ]
    assert len(rows) > 15
    wraps = ast.dump(ast.keyword("wrap", ast.Constant(True)))
    cut = [(name, c.lineno) for name, c in rows if wraps not in map(ast.dump, c.keywords)]
    assert cut == []


def test_every_slider_over_words_keeps_its_place_in_another_language():
    """The scrubber is a widget of its own for each place."""
    uses = {name for name, path in MODULES.items() if "st.select_slider(" in path.read_text()}
    assert uses == {"pages.parts.base.word_slider", "pages.parts.widgets.scrubber"}


@pytest.mark.parametrize(
    ("widget", "words"), [("file_uploader", "file_words"), ("camera_input", "camera_words")]
)
def test_a_widget_with_words_of_its_own_gets_the_learners(widget: str, words: str):
    """Below it stands what it takes, and why a file was refused, which Streamlit says in English."""
    uses = {name: path.read_text() for name, path in MODULES.items() if f"st.{widget}(" in path.read_text()}
    assert uses
    assert [
        name for name, text in uses.items() if text.count(f"st.{widget}(") != text.count(f" {words}(")
    ] == []
