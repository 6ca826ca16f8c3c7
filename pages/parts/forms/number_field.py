"""The field in which a whole number is typed: as text, which the form reads as people write numbers.

A browser's own number field drops a decimal comma without a word ("1,5" becomes 15), and refuses in English.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.base.i18n import _


def number_field(
    label: str, key: str, *, place: DeltaGenerator | None = None, help: str | None = None, **options: Any
) -> str:
    """What is typed, number or not: whoever reads it refuses it in words. `options` are Streamlit's."""
    draw = st.text_input if place is None else place.text_input
    return draw(label, key=key, help=help, placeholder=_("Type a number"), **options)
