"""The page of convolution and pooling: its five parts, one at a time, each with an address of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.parts.base import pins
from pages.parts.base.i18n import _
from pages.parts.by_hand.example import example
from pages.parts.by_hand.on_garment import on_garment
from pages.parts.by_hand.pooling import pooling
from pages.parts.by_hand.shifting import shifting
from pages.parts.by_hand.transposing import transposing
from pages.parts.by_hand.window_choice import LABELS
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.inside.layer_page import STYLES as INSIDE_STYLES

STYLES = Path(__file__).with_name("by_hand.css")
PART = "part"
PARTS: dict[str, Callable[[], None]] = {
    "example": example,
    "garment": on_garment,
    "pooling": pooling,
    "shift": shifting,
    "transposed": transposing,
}


def by_hand_page() -> None:
    st.html(INSIDE_STYLES)
    st.html(STYLES)
    st.title(_("Convolution and pooling"), anchor=False)
    st.markdown(
        _("Two operations that networks for pictures are made of, small enough to check with a pencil."),
        width=720,
    )
    names = {
        "example": _("A small example"),
        "garment": _("On a garment"),
        "pooling": _("Pooling"),
        "shift": _("Moved by a pixel"),
        "transposed": _("Transposed convolution"),
    }
    pins.about_runs(pins.of_data)
    PARTS[linked_choice(_("Part"), names, key=PART, within=tuple(LABELS))]()
