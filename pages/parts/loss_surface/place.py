"""Any place of the slice: its loss, the losses straight through it, and what a garment becomes there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages.parts.base.formatting import figure, number
from pages.parts.base.i18n import _
from pages.parts.base.word_slider import word_slider
from pages.parts.inside.garment_choice import choose_garment
from pages.parts.loss_surface.sliced import Slice
from pages.parts.loss_surface.surface_chart import place_format
from pages.parts.widgets import pictures
from pages.parts.widgets.curves import Lines, Series, curves
from pages.parts.widgets.pinning.shown import shown

ROW, COLUMN, GRID = "loss_surface_row", "loss_surface_column", "loss_surface_grid"


def chosen_place(answer: Mapping[str, np.ndarray]) -> tuple[int, int]:
    """Row and column; at first the centre, the network as it is."""
    centre = centre_of(answer)
    row, column = (
        kept
        if type(kept := st.session_state.get(key)) is int and 0 <= kept < len(answer["losses"])
        else usual
        for key, usual in zip((ROW, COLUMN), centre, strict=True)
    )
    return row, column


def centre_of(answer: Mapping[str, np.ndarray]) -> tuple[int, int]:
    return int(np.abs(answer["ys"]).argmin()), int(np.abs(answer["xs"]).argmin())


def choose_place(row: int, column: int) -> None:
    """For callbacks."""
    st.session_state[ROW], st.session_state[COLUMN] = row, column


def begin_in_the_centre(sliced: Slice) -> None:
    """Where the grid is another one than before."""
    grid = (sliced.directions, *sliced.network.asked.items())
    if st.session_state.get(GRID, grid) != grid:
        for key in (ROW, COLUMN):
            st.session_state.pop(key, None)
    st.session_state[GRID] = grid


def place_panel(sliced: Slice, answer: Mapping[str, np.ndarray]) -> None:
    row, column = chosen_place(answer)
    st.subheader(_("Any place"), anchor=False)
    st.caption(_("Click on the map, or move the cross with these two."))
    for key, label, along, at in (
        (COLUMN, _("From left to right"), answer["xs"], column),
        (ROW, _("From bottom to top"), answer["ys"], row),
    ):
        st.session_state[key] = at
        names = [figure(float(place), place_format(along)) for place in along]
        word_slider(label, tuple(range(len(along))), names.__getitem__, key=key)
    st.markdown(
        _("Loss at the cross: **{here}**. In the centre, the network as it is: **{centre}**.").format(
            here=loss_words(answer, row, column), centre=loss_words(answer, *centre_of(answer))
        )
    )
    if sliced.network.spec.task == "autoencoder":
        _garment(sliced, float(answer["xs"][column]), float(answer["ys"][row]))


def loss_words(answer: Mapping[str, np.ndarray], row: int, column: int) -> str:
    if not answer["known"][row, column]:
        return _("not computed yet")
    loss = float(answer["losses"][row, column])
    return number(loss) if np.isfinite(loss) else _("beyond all bounds")


def cut(answer: Mapping[str, np.ndarray], log: bool) -> None:
    """The losses along both directions through the chosen place."""
    row, column = chosen_place(answer)
    ways = (
        (_("From left to right"), answer["xs"], answer["losses"][row], answer["known"][row]),
        (_("From bottom to top"), answer["ys"], answer["losses"][:, column], answer["known"][:, column]),
    )
    lines = []
    for name, along, losses, known in ways:
        shown = known & np.isfinite(losses) & ((losses > 0) | (not log))
        lines.append(Series(name, along[shown].tolist(), losses[shown].tolist()))
    st.subheader(_("Straight through the cross"), anchor=False)
    curves(
        Lines.of(lines),
        key="loss_surface_cut",
        x=_("Place along the direction"),
        y=_("Loss"),
        alt=_("The loss along both directions through the chosen place"),
        log=log,
        height=240,
    )


def _garment(sliced: Slice, a: float, b: float) -> None:
    garment = choose_garment()
    drawn = [garment.image]
    for place in ((0.0, 0.0), (a, b)):
        output = np.nan_to_num(sliced.outputs(*place, garment.index))
        drawn.append(np.rint(255 * np.clip(output, 0, 1)).astype(np.uint8))
    captions = [_("the garment"), _("in the centre"), _("at the cross")]
    what = _("Reconstruction of the garment")
    shown(pictures.garments(drawn, captions, alt=what, tile=84), what, "loss_surface_garment")
