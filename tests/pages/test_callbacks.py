"""A browser may report a widget whose state is gone meanwhile: its callback then does nothing."""

import ast
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.source_tree import MODULES


def page() -> None:
    import streamlit as st

    from pages.parts.forms.linked_choice import linked_choice

    layer = linked_choice(
        "Layer", {"1": "First", "2": "Second"}, key="layer", control="list", within=("unit",)
    )
    unit = linked_choice("Unit", {"a": "A", "b": "B"}, key="unit", control="list")
    st.text(f"{layer}{unit}")


def test_a_choice_that_another_begins_anew_meanwhile_is_not_taken():
    app = AppTest.from_function(page).run()
    layer, unit = app.selectbox
    layer.set_value("2")
    unit.set_value("b")
    app.run()
    assert not app.exception
    assert app.text[0].value == "2a"


def test_a_choice_that_is_still_there_is_taken():
    app = AppTest.from_function(page).run()
    app.selectbox[1].set_value("b").run()
    assert app.text[0].value == "1b"


def read_bare(tree: ast.Module) -> Iterator[str]:
    """What callbacks read from the session as if it were always there.

    A callback is what is given as `on_…`, or a function without a name among its `args`.
    """
    given: list[ast.expr] = []
    for node in ast.walk(tree):
        words: list[tuple[str | None, ast.expr]] = []
        if isinstance(node, ast.Call):
            words = [(word.arg, word.value) for word in node.keywords]
        elif isinstance(node, ast.Dict):
            words = [
                (str(key.value), value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
        for word, value in words:
            if word == "args":
                given += [inner for inner in ast.walk(value) if isinstance(inner, ast.Lambda)]
            elif (word or "").startswith("on_"):
                given.append(value)
    names = {node.id for value in given for node in ast.walk(value) if isinstance(node, ast.Name)}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
    for callback in (*given, *functions):
        for node in ast.walk(callback):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.ctx, ast.Load)
                and ast.unparse(node.value) == "st.session_state"
            ):
                yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith("pages.")))
def test_callbacks_ask_first_whether_what_they_read_is_there(name: str):
    assert not list(read_bare(ast.parse(MODULES[name].read_text())))


@pytest.mark.parametrize(
    "source",
    [
        "def go():\n    f(st.session_state[KEY])\nst.button('a', on_click=go)",
        "st.button('a', on_click=partial(lambda: f(st.session_state[KEY].x), 1))",
        "st.button('a', on_click=change, args=(lambda: f(st.session_state['k']),))",
        "words = {'on_change': go}\ndef go():\n    return st.session_state['k']",
    ],
)
def test_the_law_sees_every_way_to_give_a_callback(source: str):
    assert list(read_bare(ast.parse(source)))
