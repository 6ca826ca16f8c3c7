"""A garment moved by a few pixels: how much changes before and after convolution and pooling, measured."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.by_hand import (
    Window,
    average_pool,
    convolve,
    max_pool,
    relative_change,
    shifted,
)
from pages.parts.base.formatting import NONE, percent
from pages.parts.base.i18n import _
from pages.parts.base.word_slider import word_slider
from pages.parts.by_hand.filters import upright
from pages.parts.by_hand.garment_pictures import as_numbers, captioned, grey, row_of
from pages.parts.forms.form_state import KEEP
from pages.parts.inside.garment_choice import choose_garment
from pages.parts.widgets import pictures
from pages.parts.widgets.figures_table import html_table, scrolled
from pages.parts.widgets.pinning.shown import shown

FARTHEST = 4
WINDOWS = (2, 4, 7, 14, 28)  # they divide 28: no pixel is left out


def shifting() -> None:
    st.markdown(
        _(
            "A shirt stays a shirt when it lies one pixel farther right, though most of its pixels have "
            "another number then. Move the garment and see how much changes: in the garment, after a "
            "convolution, and after pooling."
        ),
        width=720,
    )
    image = as_numbers(choose_garment())
    with st.container(horizontal=True, gap="medium"):
        right = _slider(_("Pixels to the right"), "byhand_right", 1)
        down = _slider(_("Pixels down"), "byhand_down", 0)
        side = word_slider(_("Pooling window"), WINDOWS, key="byhand_side", **KEEP)
    moved = shifted(image, down, right)
    pool = Window(side, stride=side)
    edge = upright(3)
    before = {
        _("The garment"): (image, 1),
        _("Vertical edges, 3 × 3"): (convolve(image, edge, Window(3)), 1),
        _("Max pooling"): (max_pool(image, pool)[0], side),
        _("Average pooling"): (average_pool(image, pool), side),
    }
    behind = (moved, convolve(moved, edge, Window(3)), max_pool(moved, pool)[0], average_pool(moved, pool))
    _pictures(image, moved, max_pool(image, pool)[0], behind[2])
    _measured(before, behind, down, right)


def _slider(label: str, key: str, usual: int) -> int:
    st.session_state.setdefault(key, usual)
    chosen: int = st.slider(label, -FARTHEST, FARTHEST, key=key, **KEEP)
    return chosen


def _pictures(image: np.ndarray, moved: np.ndarray, pooled: np.ndarray, pooled_moved: np.ndarray) -> None:
    stages = (
        (image, _("The garment")),
        (moved, _("Moved")),
        (pooled, _("Max pooling of the garment")),
        (pooled_moved, _("Max pooling of the moved one")),
    )
    html = row_of(
        *(
            captioned(pictures.grid([grey(values)], [""], alt=words, tile=140), words)
            for values, words in stages
        )
    )
    shown(html, _("A garment and the same, moved, before and behind max pooling"), "byhand")


def _measured(
    before: dict[str, tuple[np.ndarray, int]], behind: tuple[np.ndarray, ...], down: int, right: int
) -> None:
    """How much each changes, and how much is left of that where the result is moved along."""
    rows = []
    for (name, (values, stride)), others in zip(before.items(), behind, strict=True):
        left = NONE
        if down % stride == right % stride == 0:
            left = percent(change_when_moved_along(values, others, down // stride, right // stride))
        rows.append((name, percent(relative_change(values, others)), left))
    heads = ("", _("Changes by"), _("Changes by, if the old one is moved along"))
    caption = _("What the move changes")
    shown(scrolled(html_table(caption, heads, rows)), caption, "byhand_changes")
    st.caption(
        _(
            "Measured as the length of the difference by the length of what was there before. “{none}”: the "
            "move is no whole number of windows, so nothing can be moved along."
        ).format(none=NONE),
        width=720,
    )
    st.markdown(
        _(
            "What moves along with its input is called **equivariant**: 0 % in the last column. What does "
            "not change at all is called **invariant**: 0 % in the first. With a larger pooling window less "
            "changes, as a rule; at 28 × 28 a single number is left, and the place is forgotten."
        ),
        width=720,
    )


def change_when_moved_along(before: np.ndarray, behind: np.ndarray, down: int, right: int) -> float:
    """`relative_change` of `before`, moved so far, to `behind`; where nothing has come in from outside."""
    stayed = shifted(np.ones_like(before), down, right) > 0
    return relative_change(shifted(before, down, right)[stayed], behind[stayed])
