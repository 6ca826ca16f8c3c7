"""A small table of numbers, which scrolls by itself where the page is narrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from pages.parts.widgets.figures_table import html_table


def small_table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The first column has the names of the rows."""
    st.html(f'<div class="lab-scores">{html_table(caption, heads, rows)}</div>')
