"""A filter on a garment of the test set: the whole result, and one number of it product by product."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.by_hand import Window, convolve, patches
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _
from pages.parts.by_hand.cell_tables import cell_table, cell_text, side_by_side
from pages.parts.by_hand.cost import cost
from pages.parts.by_hand.filters import choose_filter
from pages.parts.by_hand.garment_pictures import as_numbers, captioned, grey, row_of
from pages.parts.by_hand.window_choice import choose_window
from pages.parts.inside.garment_choice import choose_garment
from pages.parts.inside.place import nth
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

MOST_SHOWN = 7  # a larger table of products is no longer read


def on_garment() -> None:
    st.markdown(
        _(
            "The same on a garment, whose pixels go from 0, black, to 1, white. What a filter answers to can "
            "be read off its numbers: one that takes the left from the right is strong where a vertical edge "
            "is, and zero where all pixels are alike."
        ),
        width=720,
    )
    garment = choose_garment()
    image = as_numbers(garment)
    chosen = choose_filter()
    if chosen is None:
        return
    given = chosen if isinstance(chosen, np.ndarray) else None
    window = choose_window(
        "byhand_garment", Window(3), image.shape, kernel=None if given is None else len(given)
    )
    if window is None:
        return
    kernel = chosen(window.kernel) if callable(chosen) else chosen
    result = convolve(image, kernel, window)
    _one_place(image, kernel, result, window)
    cost(window.kernel, image.shape, result.shape, window.kernel**2 * result.size)


def _one_place(image: np.ndarray, kernel: np.ndarray, result: np.ndarray, window: Window) -> None:
    rows, columns = result.shape
    with st.container(horizontal=True, gap="medium"):
        row = nth(_("Row"), rows, "byhand_row", rows // 2)
        column = nth(_("Column"), columns, "byhand_column", columns // 2)
    top, left = row * window.stride, column * window.stride
    before = pictures.framed(
        grey(np.pad(image, window.padding)),
        top,
        left,
        top + window.extent - 1,
        left + window.extent - 1,
        252,
        alt=_("The garment, with the window framed"),
    )
    behind = pictures.framed(
        pictures.signed(result),
        row,
        column,
        row,
        column,
        252,
        alt=_("The result, with the chosen number framed"),
    )
    sizes = _("{rows} × {columns}, with values from {least} to {most}").format(
        rows=rows,
        columns=columns,
        least=figure(float(result.min()), ".2f"),
        most=figure(float(result.max()), ".2f"),
    )
    html = row_of(captioned(before, _("The garment")), captioned(behind, sizes))
    shown(html, _("A filter on a garment"), "byhand")
    st.caption(_("Where a result is below zero it is blue, above zero orange, at zero pale."))
    seen = patches(image, window)[row, column]
    total = cell_text(float(result[row, column]))
    if window.kernel > MOST_SHOWN:
        st.markdown(
            _("This number is the sum of {n} products: **{sum}**").format(n=window.kernel**2, sum=total)
        )
        return
    what = _("One number, product by product")
    html = side_by_side(
        what,
        cell_table(seen, _("what comes in")),
        "×",
        cell_table(kernel, _("weights")),
        "=",
        cell_table(seen * kernel, _("products")),
    )
    shown(html, what, "byhand_products")
    st.markdown(_("Sum of these products: {sum}").format(sum=f"**{total}**"))
