"""How two confusion matrices differ: cell by cell as a chart, and where most in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import streamlit as st

from pages.parts.base.confusion import difference
from pages.parts.base.i18n import _, ngettext
from pages.parts.widgets.confusion_matrix import draw_difference


def draw_pair(
    first: np.ndarray,
    second: np.ndarray,
    names: Sequence[str],
    title: str,
    *,
    key: str,
    height: int = 340,
) -> None:
    """The second minus the first, and below it, or beside it in a grid, where they differ most."""
    with st.container(gap="xsmall"):
        draw_difference(first, second, names, title, key=key, height=height)
    with st.container(gap="xsmall"):
        heading = _("Where they differ most")
        st.html(f'<p class="lab-title">{escape(heading)}</p>')
        st.markdown("\n".join(f"- {text}" for text in largest(first, second, names)))


def two_of(matrices: Mapping[str, np.ndarray], *, key: str) -> tuple[str, str]:
    """Which two of the matrices are compared: the only two, or those chosen of more; first the earlier."""
    names = list(matrices)
    if len(names) == 2:
        return names[0], names[1]
    with st.container(horizontal=True, gap="small"):
        second = st.selectbox(_("Difference of"), names, index=1, key=f"{key}_second", width=280)
        first = st.selectbox(_("minus"), names, index=0, key=f"{key}_first", width=280)
    return first, second


def minus(first: str, second: str) -> str:
    """The title of a difference."""
    return _("{second} minus {first}, in percentage points").format(first=first, second=second)


def largest(first: np.ndarray, second: np.ndarray, names: Sequence[str], most: int = 5) -> list[str]:
    """The cells that changed most, in words, none of them by less than one in a hundred."""
    grown = difference(first, second)
    order = np.argsort(-np.abs(grown).round(9), axis=None, kind="stable")[:most]
    sentences = []
    for true, predicted in (np.unravel_index(k, grown.shape) for k in order):
        points = round(100 * grown[true, predicted])
        if not points:
            break
        what = _("{name} recognised") if true == predicted else _("{name} taken for {other}")
        change = (
            ngettext("{points} point more often", "{points} points more often", points)
            if points > 0
            else ngettext("{points} point less often", "{points} points less often", -points)
        )
        sentences.append(
            f"{what.format(name=names[true], other=names[predicted])}: {change.format(points=abs(points))}"
        )
    return sentences or [_("Nowhere by more than one point.")]
