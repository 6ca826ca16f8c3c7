"""A garment moved to the right: how much changes in it, after a convolution, and after pooling."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.by_hand import Window, convolve, max_pool, relative_change, shifted
from fmnist_core.lessons.plays import PlaySettings
from pages.parts.base import pins
from pages.parts.base.formatting import percent
from pages.parts.base.i18n import _
from pages.parts.by_hand.filters import upright
from pages.parts.by_hand.garment_pictures import as_numbers, captioned, grey, row_of
from pages.parts.by_hand.page import STYLES
from pages.parts.lessons.plays.garment import choose_class
from pages.parts.lessons.plays.trained import Trained
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

KEY = "lesson_shift"
MOST, SIDE, TILE = 4, 4, 112
SHIRT = 6


def shift(settings: PlaySettings, trained: Trained) -> None:
    st.html(STYLES)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        image = as_numbers(choose_class("lesson_shift_class", SHIRT))
        st.session_state.setdefault(KEY, 1)
        right = st.slider(_("Pixels to the right"), 0, MOST, key=KEY, width=320)
    moved = shifted(image, 0, right)
    stages = {
        _("The garment"): (image, moved),
        _("Vertical edges, 3 × 3"): (_edges(image), _edges(moved)),
        _("Edges, max pooling 4 × 4"): (_pooled(image), _pooled(moved)),
    }
    for name, (before, behind) in stages.items():
        change = percent(relative_change(before, behind))
        html = row_of(
            *(
                captioned(pictures.grid([_shown(values)], [""], alt=f"{name}, {state}", tile=TILE), state)
                for values, state in ((before, _("before")), (behind, _("moved")))
            )
        )
        words = _("{name}: {change} changed").format(name=name, change=change)
        with pins.while_about(pins.of_data):
            shown(html, words, f"lesson_shift_{name}")
        st.caption(words)


def _edges(image: np.ndarray) -> np.ndarray:
    return np.maximum(convolve(image, upright(3), Window(3)), 0.0)  # ReLU, as in the networks


def _pooled(image: np.ndarray) -> np.ndarray:
    return max_pool(_edges(image), Window(SIDE, stride=SIDE))[0]


def _shown(values: np.ndarray) -> np.ndarray:
    return grey(values / max(float(values.max(initial=0.0)), 1e-9))
