"""Max pooling on a garment, average pooling beside it: which pixel of each window wins."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.by_hand import Window, average_pool, max_pool, places
from fmnist_core.sentences import LabError
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.by_hand.cell_tables import cell_table, cell_text, side_by_side
from pages.parts.by_hand.garment_pictures import as_numbers, captioned, grey, row_of, with_winners
from pages.parts.by_hand.window_choice import choose_window
from pages.parts.inside.garment_choice import choose_garment
from pages.parts.inside.place import nth
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

MOST_SHOWN = 7


def pooling() -> None:
    st.markdown(
        _(
            "Pooling makes a picture smaller. A window moves over it, as a filter does, but nothing is "
            "multiplied and nothing is learned: **max pooling** keeps the largest number under the window, "
            "**average pooling** their mean. With stride 2 every window has pixels of its own."
        ),
        width=720,
    )
    image = as_numbers(choose_garment())
    window = choose_window("byhand_pool", Window(2, stride=2), image.shape)
    if window is None:
        return
    try:
        largest, winners = max_pool(image, window)
        mean = average_pool(image, window)
    except LabError as refused:
        st.warning(as_typed(say(refused)), icon=":material/block:")
        return
    rows, columns = largest.shape
    with st.container(horizontal=True, gap="medium"):
        row = nth(_("Row"), rows, "byhand_pool_row", rows // 2)
        column = nth(_("Column"), columns, "byhand_pool_column", columns // 2)
    _pictures(image, largest, mean, winners, window, row, column)
    _one_window(image, largest, mean, winners, window, row, column)
    won = len(np.unique(winners.reshape(-1, 2), axis=0))
    st.markdown(
        _(
            "{won} of {all} pixels win somewhere, {share}; max pooling drops the others. It has 0 "
            "parameters, and multiplies nothing."
        ).format(won=count(won), all=count(image.size), share=percent(won / image.size))
    )


def _pictures(
    image: np.ndarray,
    largest: np.ndarray,
    mean: np.ndarray,
    winners: np.ndarray,
    window: Window,
    row: int,
    column: int,
) -> None:
    top, left = row * window.stride - window.padding, column * window.stride - window.padding
    bottom, right = (min(edge + window.extent, 28) - 1 for edge in (top, left))
    before = pictures.framed(
        with_winners(image, winners),
        max(top, 0),
        max(left, 0),
        bottom,
        right,
        252,
        alt=_("The garment, with the window framed and the winners in orange"),
    )
    pooled = [
        captioned(pictures.framed(grey(values), row, column, row, column, 180, alt=words), words)
        for values, words in ((largest, _("Max pooling")), (mean, _("Average pooling")))
    ]
    html = row_of(captioned(before, _("Orange: the pixels that win; of equal ones the first")), *pooled)
    shown(html, _("Max pooling and average pooling of a garment"), "byhand")


def _one_window(
    image: np.ndarray,
    largest: np.ndarray,
    mean: np.ndarray,
    winners: np.ndarray,
    window: Window,
    row: int,
    column: int,
) -> None:
    """The numbers under it, the winner framed; in the padding stands 0, which cannot win."""
    size = _("What comes out is {rows} × {columns}.").format(rows=largest.shape[0], columns=largest.shape[1])
    words = _("Largest: **{largest}**; mean: **{mean}**.").format(
        largest=cell_text(float(largest[row, column])), mean=cell_text(float(mean[row, column]))
    )
    if window.kernel <= MOST_SHOWN:
        under_rows, under_columns = (
            places(side, window)[at] for side, at in zip(image.shape, (row, column), strict=True)
        )
        padded = np.pad(image, window.padding)
        seen = padded[np.ix_(under_rows + window.padding, under_columns + window.padding)]
        winner = (
            int(np.flatnonzero(under_rows == winners[row, column, 0])[0]),
            int(np.flatnonzero(under_columns == winners[row, column, 1])[0]),
        )
        what = _("Under the window")
        shown(side_by_side(what, cell_table(seen, what, chosen=winner)), what, "byhand_window")
    st.markdown(f"{words} {size}")
    if window.padding:
        st.caption(_("The zeros of the padding never win, but they count in the mean."))
