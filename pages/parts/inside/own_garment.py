"""The learner's own picture as the networks of Try it were shown it, 28 × 28, to be looked at in the layers.

The session holds it until another takes its place, and nothing else does: no answer about it is kept, and an
address says no more than that it is one's own.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

OWN = "own"  # in an address, instead of a test image's number
IMAGE = "inside_own_image"


def hold(image: np.ndarray | None) -> None:
    """uint8 (28, 28), or `None` once it has been taken away."""
    if image is None:
        st.session_state.pop(IMAGE, None)
    else:
        st.session_state[IMAGE] = image


def held_image() -> np.ndarray | None:
    image: np.ndarray | None = st.session_state.get(IMAGE)
    return image
