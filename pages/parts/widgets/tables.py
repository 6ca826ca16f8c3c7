"""Tables whose rows become cards on a narrow page, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def study(caption: str, heads: Sequence[str], bodies: str, kind: str = "cards") -> str:
    """A table whose `bodies` (a `tbody` each) become cards on a narrow page, unless it is of another kind."""
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    top = f"<caption>{escape(caption)}</caption><thead><tr>{columns}</tr></thead>"
    return f'<table class="study {kind}">{top}{bodies}</table>'


def cell(head: str, inside: str, kind: str = "") -> str:
    """`inside` is HTML; `head` stands beside it where the table has no heads."""
    return f'<td data-head="{escape(head)}" class="{kind}"><span>{inside}</span></td>'
