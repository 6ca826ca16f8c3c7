"""A legend whose entries switch curves off and on, each with the line and the marker that `curves` draws."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.widgets.chart import DASHES, MARKERS

SHAPES = {
    "circle": '<circle cx="15" cy="6" r="4"/>',
    "square": '<rect x="11" y="2" width="8" height="8"/>',
    "triangle-up": '<path d="M15 1L20 10H10Z"/>',
    "diamond": '<path d="M15 1L20 6L15 11L10 6Z"/>',
}


def curve_legend(
    names: Mapping[str, str], faint: Collection[str], *, key: str, on_change: Callable[..., Any], args: tuple
) -> tuple[str, ...]:
    """Which of the curves are shown, in the order of `names` (id to name); the session holds it under `key`.

    There are at most as many curves as `SHAPES`.
    """
    st.html(f"<style>{_styles(tuple(names), tuple(faint), key)}</style>")
    shown = st.pills(
        _("Curves"),
        list(names),
        selection_mode="multi",
        format_func=names.get,
        key=key,
        on_change=on_change,
        args=args,
        label_visibility="collapsed",
        persist_state="session",
    )
    return tuple(name for name in names if name in shown)


@cache
def _styles(names: tuple[str, ...], faint: tuple[str, ...], key: str) -> str:
    """A swatch before each entry; one that is switched off is struck through and pale."""
    colours = st.get_option("theme.chartCategoricalColors")
    entry = f".st-key-{key} button"
    rules = [
        f".st-key-{key} :has(> button) {{ flex-wrap: wrap; overflow: visible; mask: none; }}",
        f"{entry} {{ border-color: transparent; background: none; color: inherit; }}",
        f"{entry} {{ padding: 0 .4rem; gap: .35rem; }}",
        f'{entry}[data-testid$="pills"] p {{ text-decoration: line-through; opacity: .75; }}',
        f'{entry}[data-testid$="pills"]::before {{ opacity: .35; }}',
        f'{entry}::before {{ content: ""; width: 30px; height: 12px; flex: none; }}',
    ]
    for k, name in enumerate(names):
        swatch = _swatch(colours[k], k, name in faint)
        rules.append(f"{entry}:nth-of-type({k + 1})::before {{ background: url({swatch}) no-repeat; }}")
    return "\n".join(rules)


def _swatch(colour: str, k: int, faint: bool) -> str:
    dash = "" if faint else f'stroke-dasharray="{" ".join(map(str, DASHES[k]))}"'
    width, marker = (1.2, "") if faint else (2, SHAPES[MARKERS[k]])
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="12" fill="{colour}">'
        f'<path d="M0 6H30" stroke="{colour}" stroke-width="{width}" {dash}/>{marker}</svg>'
    )
    return f'"data:image/svg+xml,{quote(drawing)}"'
