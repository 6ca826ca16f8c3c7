"""A canvas to draw on with mouse, finger or keyboard. What it sends is checked as any file is."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core.data.photo import PhotoError
from fmnist_core.sentences import Sentence
from pages.parts.base.i18n import _

MOST_LETTERS = 200_000  # several times what its 168 × 168 pixels can take
PARTS = Path(__file__).parent


@cache
def _component() -> Callable[..., Any]:
    html, css, js = ((PARTS / f"canvas.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("fmnist_lab_canvas", html=html, css=css, js=js)


def canvas(key: str) -> bytes | None:
    """The drawing as a PNG file, or `None` while nothing is drawn. Raises `PhotoError`."""
    kept = f"{key}_kept"
    words = {
        "canvas": _("Canvas to draw a garment on"),
        "tools": _("Drawing tools"),
        "white": _("White"),
        "light": _("Light"),
        "middle": _("Grey"),
        "black": _("Eraser"),
        "width": _("Width of the brush"),
        "fill": _("Fill"),
        "undo": _("Undo"),
        "clear": _("Clear"),
        "example": _("An example"),
        "down": _("Brush down"),
        "up": _("Brush up"),
        "keys": _("By keyboard: arrows move, the space bar puts the brush down and lifts it, Ctrl Z undoes."),
    }
    state = _component()(
        key=key,
        data={  # tuples: to ask whether a dict is a table Streamlit imports pandas
            "words": tuple(words.items()),
            "drawing": st.session_state.get(kept, ""),  # for who comes back to the page
        },
        on_drawing_change=lambda: None,
    )
    drawing = st.session_state.get(kept, "") if state.drawing is None else state.drawing
    content = _read(drawing)
    st.session_state[kept] = drawing
    return content or None


def _read(drawing: object) -> bytes:
    """What a browser sent, which may be anything."""
    try:
        if isinstance(drawing, str) and len(drawing) <= MOST_LETTERS:
            return base64.b64decode(drawing, validate=True)
    except ValueError:
        pass
    raise PhotoError(Sentence("The drawing did not arrive whole. Clear it, and draw again."))
