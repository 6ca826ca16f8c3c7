"""HTML of ours whose links the page answers itself: a click costs no reload, and a new tab works as ever."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

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


def link(inside: str, href: str, opens: str, kind: str = "") -> str:
    """`inside` is HTML; `href` is where the link leads in a tab of its own."""
    return f'<a class="{kind}" href="{escape(href)}" data-open="{escape(opens)}">{inside}</a>'
