"""A small table of numbers, which scrolls by itself where the page is narrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pages.parts.widgets.figures_table import html_table
from pages.parts.widgets.pinning.shown import shown


def small_table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], key: str) -> None:
    """The first column has the names of the rows."""
    html = f'<div class="lab-scores" tabindex="0">{html_table(caption, heads, rows)}</div>'
    shown(html, caption, key)
