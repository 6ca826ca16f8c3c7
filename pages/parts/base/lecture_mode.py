"""Whether lecture mode is on: asked for in the address by `projector=1`, or switched on by the learner."""

from __future__ import annotations

import streamlit as st

PARAMETER = "projector"
KEY = "lecture_mode"
UNKNOWN = "unknown_lecture_mode"
ON, OFF = ("1", "on"), ("", "0", "off")


def settle() -> str | None:
    """Follow the address at a session's first look, and write it from then on.

    Returns what the address said if that meant neither on nor off, until the learner uses the switch: a page
    may run again before anybody has read a word.
    """
    asked = st.query_params.get(PARAMETER, "").strip().lower()
    st.session_state.setdefault(KEY, asked in ON)
    if asked not in (*ON, *OFF):
        st.session_state[UNKNOWN] = asked
    if is_on():
        st.query_params[PARAMETER] = ON[0]
    else:
        st.query_params.pop(PARAMETER, None)
    return st.session_state.get(UNKNOWN)


def is_on() -> bool:
    return bool(st.session_state.get(KEY, False))


def switch(on: bool) -> None:
    """For callbacks."""
    st.session_state.pop(UNKNOWN, None)
    st.session_state[KEY] = on
