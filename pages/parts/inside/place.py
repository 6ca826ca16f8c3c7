"""Which unit, map, row or column of several."""

from __future__ import annotations

import streamlit as st

from pages.parts.forms.form_state import KEEP


def nth(label: str, count: int, key: str, default: int = 0) -> int:
    """A place from 0 on, counted from 1 on the page; the one chosen in a larger network may be too far."""
    if count == 1:
        return 0
    st.session_state[key] = min(st.session_state.get(key, default + 1), count)
    chosen: int = st.slider(label, 1, count, key=key, **KEEP)
    return chosen - 1
