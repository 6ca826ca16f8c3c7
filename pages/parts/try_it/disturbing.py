"""Sliders that disturb the image which the networks are shown."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data.disturbance import Disturbance, disturbed
from pages.parts.base.i18n import _
from pages.parts.forms.fraction_slider import fraction_slider

DRAW = "tryit_draw"
FIELDS = ("noise", "blur", "right", "down", "rotation", "hidden")


def disturbing(image: np.ndarray) -> np.ndarray:
    """uint8 (28, 28), before and after."""
    with st.expander(_("Disturb it: noise, blur, shift, rotation, a hidden part"), icon=":material/blur_on:"):
        columns = st.columns(3, gap="medium")
        with columns[0]:
            noise = fraction_slider(_("Noise"), 0.0, 0.5, 0.05, key="tryit_noise")
            blur = fraction_slider(_("Blur, in pixels"), 0.0, 4.0, 0.25, key="tryit_blur")
        with columns[1]:
            right = st.slider(_("Shift to the right, in pixels"), -10, 10, 0, key="tryit_right")
            down = st.slider(_("Shift down, in pixels"), -10, 10, 0, key="tryit_down")
        with columns[2]:
            rotation = st.slider(_("Rotation, in degrees"), -180, 180, 0, 5, key="tryit_rotation")
            hidden = st.slider(_("Side of a hidden square, in pixels"), 0, 24, 0, key="tryit_hidden")
        with st.container(horizontal=True):
            st.button(
                _("Other noise, another place"),
                icon=":material/casino:",
                key="tryit_redraw",
                on_click=_redraw,
                disabled=not (noise or hidden),
            )
            st.button(_("Undo all"), icon=":material/restart_alt:", key="tryit_undisturbed", on_click=_undo)
    by = Disturbance(float(rotation), right, down, blur, hidden, noise, st.session_state.get(DRAW, 0))
    changed: np.ndarray = disturbed(image[None], by)[0]
    return changed


def _redraw() -> None:
    st.session_state[DRAW] = st.session_state.get(DRAW, 0) + 1


def _undo() -> None:
    for field in FIELDS:
        st.session_state[f"tryit_{field}"] = 0.0 if field in ("noise", "blur") else 0
