"""The transposed convolution, which makes pictures larger: each number lays down a copy of the filter."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.by_hand import Window, transposed
from fmnist_core.architecture.layers import ConvTranspose2d
from fmnist_core.architecture.receptive_fields import taps
from pages.parts.base.formatting import count
from pages.parts.base.i18n import _, ngettext
from pages.parts.by_hand.cell_tables import Cell, cell_table, cell_text, side_by_side, sum_of_products
from pages.parts.by_hand.cost import cost
from pages.parts.by_hand.example import IMAGE
from pages.parts.by_hand.garment_pictures import captioned
from pages.parts.by_hand.typed_cells import cells_field
from pages.parts.by_hand.window_choice import choose_window
from pages.parts.inside.place import nth
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

TENT = "1 2 3 2 1\n2 4 6 4 2\n3 6 9 6 3\n2 4 6 4 2\n1 2 3 2 1"
DECODER = Window(5, stride=2, padding=2, dilation=2)  # report R4's, from 5 × 5 to 13 × 13
MOST_IMAGE, MOST_FILTER = 8, 7
MOST_TABLE = 16  # rows of a result that can still be read as a table


def transposing() -> None:
    st.markdown(
        _(
            "A decoder has to make a picture of few numbers. A **transposed convolution** does it with a "
            "filter: each number that comes in lays down a copy of the filter, multiplied by that number. "
            "The copies lie a stride apart, and where they meet they add up."
        ),
        width=720,
    )
    st.markdown(
        _("The settings here are those of report R4's decoder: of 5 × 5 numbers it makes 13 × 13."), width=720
    )
    left, right = st.columns(2, gap="medium")
    with left:
        image = cells_field(_("What comes in"), "byhand_back_image", IMAGE, most=MOST_IMAGE)
    with right:
        kernel = cells_field(_("The filter"), "byhand_back_filter", TENT, most=MOST_FILTER, square=True)
    if image is None or kernel is None:
        return
    window = choose_window("byhand_back", DECODER, image.shape, kernel=len(kernel), back=True)
    if window is None:
        return
    result = transposed(image, kernel, window)
    left, right = st.columns(2, gap="medium")
    with left:
        place = nth(_("Number that comes in, in reading order"), image.size, "byhand_back_place")
    with right:
        cell = nth(
            _("Cell of the result, in reading order"), result.size, "byhand_back_cell", result.size // 2
        )
    _one_copy(image, kernel, result, window, place, cell)
    _one_sum(image, kernel, result, window, cell)
    _unreached(image, result, window)
    cost(window.kernel, image.shape, result.shape, window.kernel**2 * image.size)


def _one_copy(
    image: np.ndarray, kernel: np.ndarray, result: np.ndarray, window: Window, place: int, cell: int
) -> None:
    """Where the copy that one number lays down comes to lie, and the chosen cell of the result."""
    row, column = divmod(place, image.shape[1])
    framed = divmod(cell, result.shape[1])
    copy = {}
    for (i, j), weight in np.ndenumerate(kernel):
        under = (
            row * window.stride + i * window.dilation - window.padding,
            column * window.stride + j * window.dilation - window.padding,
        )
        if 0 <= under[0] < result.shape[0] and 0 <= under[1] < result.shape[1]:
            copy[under] = f"+ {cell_text(float(weight * image[row, column]))}"
    comes_in = cell_table(image, _("What comes in"), chosen=(row, column))
    if len(result) <= MOST_TABLE and result.shape[1] <= MOST_TABLE:
        comes_out = cell_table(
            result, _("The result, and what this number adds to it"), marked=copy, chosen=framed
        )
    else:
        comes_out = _as_picture(result, list(copy))
    what = _("What comes in and the result")
    shown(side_by_side(what, comes_in, "→", comes_out), what, "byhand")
    cut = kernel.size - len(copy)
    words = ngettext(
        "The number {value} is laid down once, multiplied by the number of the filter.",
        "The number {value} is laid down {n} times, each time multiplied by a number of the filter.",
        kernel.size,
    ).format(value=cell_text(float(image[row, column])), n=kernel.size)
    if cut:
        words += " " + ngettext(
            "{cut} of these places is cut off by the padding.",
            "{cut} of these places are cut off by the padding.",
            cut,
        ).format(cut=cut)
    st.caption(words)


def _as_picture(result: np.ndarray, copy: list[Cell]) -> str:
    if not copy:  # all of it is cut off
        return pictures.grid([pictures.signed(result)], [_("The result")], alt=_("The result"), tile=320)
    rows, columns = zip(*copy, strict=True)
    framed = pictures.framed(
        pictures.signed(result),
        min(rows),
        min(columns),
        max(rows),
        max(columns),
        320,
        alt=_("The result, with the copy framed"),
    )
    return captioned(framed, _("The result, with the copy framed"))


def _one_sum(image: np.ndarray, kernel: np.ndarray, result: np.ndarray, window: Window, cell: int) -> None:
    """Which copies meet in one cell of the result."""
    row, column = divmod(cell, result.shape[1])
    layer = ConvTranspose2d(1, window.kernel, window.stride, window.padding, window.dilation)
    used = taps(layer, (1, *image.shape), row, column)
    where = _("Row {row}, column {column} of the result").format(row=row + 1, column=column + 1)
    if not used:
        st.markdown(_("{where}: no copy reaches this cell, so it is 0.").format(where=where))
        return
    seen = np.array([image[tap.row, tap.column] for tap in used])
    weights = np.array([kernel[tap.kernel_row, tap.kernel_column] for tap in used])
    st.markdown(f"{where}: {sum_of_products(seen, weights)}")


def _unreached(image: np.ndarray, result: np.ndarray, window: Window) -> None:
    reached = transposed(np.ones_like(image), np.ones((window.kernel, window.kernel)), window) > 0
    empty = result.size - int(reached.sum())
    if empty:
        st.info(
            _(
                "No copy reaches {empty} of the {all} cells of the result: between the copies there are "
                "gaps. In a network such cells hold only the bias, a number added everywhere."
            ).format(empty=count(empty), all=count(result.size)),
            icon=":material/grid_4x4:",
        )
