"""Tables and pictures on a page, as HTML, each with the button that keeps what it shows for a report."""

from __future__ import annotations

import streamlit as st

from pages.parts.base.pins import pin_button
from pages.parts.widgets.pinning.reading import content


def shown(html: str, what: str, key: str) -> None:
    """Draw it; `what` says what is seen, and begins the caption of its pin."""
    st.html(html)
    pin_html(html, what, key)


def pin_html(html: str, what: str, key: str) -> None:
    """The button alone, below what is drawn already."""
    pin_button(lambda: content(html), what, key)
