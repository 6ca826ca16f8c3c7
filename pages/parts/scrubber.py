"""A slider over the moments of a run: it follows the newest until the learner moves it, and then stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.parts.language import _


def scrub(
    key: str, label: str, moments: Sequence[int], newest: int, words: Callable[[int], str], help: str
) -> int:
    """The moment chosen of `moments`, which should not change between looks; `newest` is the last reached."""
    place, follow = place_key(key), f"{key}_follow"
    st.session_state.setdefault(follow, True)
    lost = st.session_state.get(place) not in moments
    # Only a change is written: writing the same value again would take the knob from the learner's hand.
    if lost or (st.session_state[follow] and st.session_state[place] != newest):
        st.session_state[place] = newest
    if len(moments) < 2:
        return newest
    with st.container(key=f"{key}_scrubber", horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.select_slider(
            label,
            moments,
            format_func=words,
            key=place,
            help=help,
            on_change=_stay,
            args=(follow,),
            persist_state="session",
        )
        st.toggle(_("Follow"), key=follow, help=_("Always show the newest."), persist_state="session")
    return st.session_state[place]


def place_key(key: str) -> str:
    """Where in the session the chosen moment stands."""
    return f"{key}_place"


def _stay(follow: str) -> Any:
    st.session_state[follow] = False
