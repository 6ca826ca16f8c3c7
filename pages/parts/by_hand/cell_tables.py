"""Small tables of numbers as HTML, their cells tinted by value, some marked, one framed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape

import numpy as np

from pages.parts.base.formatting import figure

Cell = tuple[int, int]


def cell_table(
    values: np.ndarray,
    caption: str,
    *,
    marked: Mapping[Cell, str] | Collection[Cell] = (),
    chosen: Cell | None = None,
    padding: int = 0,
) -> str:
    """`marked` cells lie under a window, perhaps with a few words of their own; `chosen` is the framed one.

    The outer `padding` rows and columns are pale.
    """
    words = marked if isinstance(marked, Mapping) else dict.fromkeys(marked, "")
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    rows, columns = values.shape
    body = ""
    for i in range(rows):
        body += "<tr>"
        for j in range(columns):
            inside = padding <= i < rows - padding and padding <= j < columns - padding
            classes = [
                "lab-under" if (i, j) in words else "",
                "lab-here" if (i, j) == chosen else "",
                "" if inside else "lab-padding",
                "lab-below" if values[i, j] < 0 else "",
            ]
            share = abs(float(values[i, j])) / most
            small = f"<small>{escape(words[i, j])}</small>" if words.get((i, j)) else ""
            body += (
                f'<td class="{" ".join(filter(None, classes))}" style="--share:{round(share, 2)}">'
                f"{cell_text(float(values[i, j]))}{small}</td>"
            )
        body += "</tr>"
    return f"<table><caption>{escape(caption)}</caption><tbody>{body}</tbody></table>"


def side_by_side(label: str, *parts: str) -> str:
    """Tables, and signs between them, in one row if there is room."""
    inner = "".join(part if part.startswith("<") else f"<b>{escape(part)}</b>" for part in parts)
    return f'<div class="lab-cells" tabindex="0" role="region" aria-label="{escape(label)}">{inner}</div>'


def cell_text(value: float) -> str:
    """Whole numbers whole, others to three digits."""
    value = round(value, 9) + 0.0  # no −0, and no 0.30000000000000004 that is one
    return figure(value, ",.0f" if value == round(value) and abs(value) < 1e9 else ".3g")


def sum_of_products(seen: np.ndarray, weights: np.ndarray) -> str:
    """ "1 · 1 + 0 · 2 = 1", to be checked with a pencil; a negative factor stands in brackets."""
    products = [
        f"{_bracketed(float(value))} · {_bracketed(float(weight))}"
        for value, weight in zip(seen.ravel(), weights.ravel(), strict=True)
    ]
    return f"{' + '.join(products) or '0'} = **{_in_full(float((seen * weights).sum()))}**"


def _bracketed(value: float) -> str:
    return f"({_in_full(value)})" if value < 0 else _in_full(value)


def _in_full(value: float) -> str:
    """To eight digits, which is more than one types."""
    value = round(value, 9) + 0.0
    return figure(value, ",.0f" if value == round(value) and abs(value) < 1e9 else ".8g")
