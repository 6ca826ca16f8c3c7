"""The report's own example: a filter slides over a picture of 5 × 5 numbers, and every product is seen."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.by_hand import Window, convolve, patches, places
from pages.parts.base.i18n import _
from pages.parts.by_hand.cell_tables import cell_table, cell_text, side_by_side, sum_of_products
from pages.parts.by_hand.typed_cells import cells_field
from pages.parts.by_hand.window_choice import choose_window
from pages.parts.inside.place import nth
from pages.parts.widgets.pinning.shown import shown

IMAGE = "1 1 1 0 0\n0 1 1 1 0\n0 0 1 1 1\n0 0 1 1 0\n0 1 1 0 0"
FILTER = "1 0 1\n0 1 0\n1 0 1"
MOST_IMAGE, MOST_FILTER = 12, 7


def example() -> None:
    st.markdown(
        _(
            "A network gets a picture as a table of numbers. A **filter**, or kernel, is a smaller table. "
            "Lay it on the picture, multiply each number by the filter's number on top of it, and add up the "
            "products: that is one number of the result."
        ),
        width=720,
    )
    st.markdown(
        _(
            "Then move the filter on. This is a **convolution**, and what lies under the filter is its "
            "window. The **stride** says how far it moves at a time; **padding** puts zeros around the "
            "picture; **dilation** spreads the filter's cells apart. The example is report R5's; change any "
            "number."
        ),
        width=720,
    )
    left, right = st.columns(2, gap="medium")
    with left:
        image = cells_field(_("The picture"), "byhand_image", IMAGE, most=MOST_IMAGE)
    with right:
        kernel = cells_field(_("The filter"), "byhand_filter", FILTER, most=MOST_FILTER, square=True)
    if image is None or kernel is None:
        return
    window = choose_window("byhand_example", Window(3), image.shape, kernel=len(kernel))
    if window is not None:
        _sliding(image, kernel, window)


def _sliding(image: np.ndarray, kernel: np.ndarray, window: Window) -> None:
    result = convolve(image, kernel, window)
    place = nth(_("Place of the window, in reading order"), result.size, "byhand_place")
    row, column = divmod(place, result.shape[1])
    rows, columns = (
        places(side, window)[at] + window.padding for side, at in zip(image.shape, (row, column), strict=True)
    )
    under = {
        (int(i), int(j)): f"× {cell_text(float(weight))}"
        for i, weights in zip(rows, kernel, strict=True)
        for j, weight in zip(columns, weights, strict=True)
    }
    picture = cell_table(
        np.pad(image, window.padding),
        _("The picture, the filter on top of it"),
        marked=under,
        padding=window.padding,
    )
    sums = cell_table(result, _("The result"), chosen=(row, column))
    what = _("The picture and the result")
    shown(side_by_side(what, picture, "→", sums), what, "byhand")
    seen = patches(image, window)[row, column]
    st.markdown(
        _("Row {row}, column {column} of the result: {sum}").format(
            row=row + 1, column=column + 1, sum=sum_of_products(seen, kernel)
        )
    )
