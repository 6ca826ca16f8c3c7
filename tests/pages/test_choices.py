"""Choices among a few words: all of them are seen, whatever the language and the width of the window."""

import ast

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
