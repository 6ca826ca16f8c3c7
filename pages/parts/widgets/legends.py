"""Legends of charts of lines, in HTML: long names wrap, where Vega would cut them off.

In full screen a legend stands above its chart, whose page is then out of sight. One whose entries switch
curves off and on is remembered by the browser.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import quote

import streamlit as st

from pages.parts.base.attempt import held
from pages.parts.base.i18n import _
from pages.parts.base.preferences import prefer, preference
from pages.parts.widgets.chart import DASHES, GREY, LEVEL_DASH, MARKERS, Levels

FAINT = 1.2  # pixels, the width of a line that lies behind those that matter
# Markers as Vega draws them, in a box of 30 by 12.
SHAPES = {
    "circle": '<circle cx="15" cy="6" r="4"/>',
    "square": '<rect x="11" y="2" width="8" height="8"/>',
    "triangle-up": '<path d="M15 1L20 10H10Z"/>',
    "diamond": '<path d="M15 1L20 6L15 11L10 6Z"/>',
    "cross": '<path d="M13 1H17V4H20V8H17V11H13V8H10V4H13Z"/>',
    "triangle-down": '<path d="M15 11L20 2H10Z"/>',
    "triangle-right": '<path d="M20 6L11 1V11Z"/>',
    "stroke": "",
}


@dataclass(frozen=True)
class Entry:
    """A line of a chart: its name, and how it is drawn; `dash` as in SVG, `marker` a key of `SHAPES`."""

    name: str
    colour: str
    dash: Sequence[int] = tuple(DASHES[0])
    marker: str = "stroke"
    width: float = 2

    def swatch(self) -> str:
        """A short piece of the line with its marker, as the address of an image."""
        drawing = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="12" fill="{self.colour}">'
            f'<path d="M0 6H30" stroke="{self.colour}" stroke-width="{self.width}" '
            f'stroke-dasharray="{" ".join(map(str, self.dash))}"/>{SHAPES[self.marker]}</svg>'
        )
        return f"data:image/svg+xml,{quote(drawing)}"


def entries_of(
    names: Sequence[str], colours: Sequence[str], dashes: Sequence[Sequence[int]], markers: Sequence[str]
) -> list[Entry]:
    """One a name, in the styles of its place, which begin anew where there are too few, as `chart.styled`."""
    return [
        Entry(name, *(styles[k % len(styles)] for styles in (colours, dashes, markers)))
        for k, name in enumerate(names)
    ]


def of_curves(names: Sequence[str], faint: Collection[str], markers: bool = True) -> list[Entry]:
    """As the theme colours curves; faint ones are thin and have no markers."""
    entries = entries_of(
        names, st.get_option("theme.chartCategoricalColors"), DASHES, MARKERS if markers else ["stroke"]
    )
    return [
        Entry(entry.name, entry.colour, width=FAINT) if entry.name in faint else entry for entry in entries
    ]


def line_legend(entries: Sequence[Entry], levels: Levels = (), *, beside_own: bool = False) -> None:
    """What the lines of the chart drawn next are called, and its levels across, as far as they have words.

    `beside_own` says that the page has a legend of its own for the lines: they are named in full screen only.
    """
    across = [Entry(words, GREY, LEVEL_DASH) for words in dict.fromkeys(words for _place, words in levels)]
    kind = "lab-lines lab-full-screen" if beside_own else "lab-lines"
    st.html(_list(entries, kind) + _list([entry for entry in across if entry.name], "lab-lines"))


def curve_legend(names: Mapping[str, str], faint: Collection[str] = (), *, key: str) -> tuple[str, ...]:
    """Which of the curves are shown, in the order of `names` (id to name). Both the session and the
    preferences, which the page keeps, hold it under `key`.

    There are at most as many curves as the theme has colours.
    """
    if key not in st.session_state:
        shown = preference(key, ".".join(names)).split(".")
        st.session_state[key] = [name for name in names if name in shown]
    st.html(f"<style>{_styles(tuple(names), tuple(faint), key)}</style>")
    chosen = st.pills(
        _("Curves"),
        list(names),
        selection_mode="multi",
        format_func=names.get,
        key=key,
        on_change=_remember,
        args=(key,),
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    return tuple(name for name in names if name in chosen)


def all_off() -> str:
    """What to say where every curve is switched off."""
    return _("Every curve is switched off. Choose one above the chart.")


def _remember(key: str) -> None:
    prefer(key, ".".join(held(key)))


@cache
def _styles(names: tuple[str, ...], faint: tuple[str, ...], key: str) -> str:
    """A swatch before each entry; one that is switched off is struck through and pale."""
    entry = f".st-key-{key} button"
    rules = [
        f".st-key-{key} :has(> button) {{ flex-wrap: wrap; overflow: visible; mask: none; }}",
        f"{entry} {{ border-color: transparent; background: none; color: inherit; }}",
        f"{entry} {{ padding: 0 .4rem; gap: .35rem; }}",
        f'{entry}[data-testid$="pills"] p {{ text-decoration: line-through; opacity: .75; }}',
        f'{entry}[data-testid$="pills"]::before {{ opacity: .35; }}',
        f'{entry}::before {{ content: ""; width: 30px; height: 12px; flex: none; }}',
    ]
    for k, line in enumerate(of_curves(names, faint)):
        ground = f'url("{line.swatch()}") no-repeat'
        rules.append(f"{entry}:nth-of-type({k + 1})::before {{ background: {ground}; }}")
    return "\n".join(rules)


def _list(entries: Sequence[Entry], kind: str) -> str:
    items = "".join(
        f'<li><img alt="" width="30" height="12" src="{entry.swatch()}">{escape(entry.name)}</li>'
        for entry in entries
    )
    return f'<ul class="{kind}">{items}</ul>'
