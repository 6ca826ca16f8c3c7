"""HTML of ours whose links the page answers itself: a click costs no reload, and a new tab works as ever.

Much of it is tables, whose rows become cards on a narrow page.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from pages.parts.widgets.pinning.shown import pin_html

_HERE = Path(__file__)
_LINKED = st.components.v2.component(
    "linked",
    html='<div class="place"></div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def linked(html: str, *, key: str) -> str | None:
    """Draw `html`, and say which of its links (made by `link`) has just been clicked: what it `opens`."""
    return _LINKED(data={"html": html}, key=key, on_open_change=lambda: None).open


def linked_table(html: str, what: str, *, key: str) -> str | None:
    """As `linked`, of a `study` that can be pinned; `what` says what is seen."""
    clicked = linked(html, key=key)
    pin_html(html, what, key)
    return clicked


def link(inside: str, href: str, opens: str, kind: str = "") -> str:
    """`inside` is HTML; `href` is where the link leads in a tab of its own."""
    return f'<a class="{kind}" href="{escape(href)}" data-open="{escape(opens)}">{inside}</a>'


def study(caption: str, heads: Sequence[str], bodies: str, kind: str = "cards") -> str:
    """A table whose `bodies` (a `tbody` each) become cards on a narrow page, unless it is of another kind."""
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    top = f"<caption>{escape(caption)}</caption><thead><tr>{columns}</tr></thead>"
    return f'<table class="study {kind}">{top}{bodies}</table>'


def cell(head: str, inside: str, kind: str = "") -> str:
    """`inside` is HTML; `head` stands beside it where the table has no heads."""
    return f'<td data-head="{escape(head)}" class="{kind}"><span>{inside}</span></td>'
