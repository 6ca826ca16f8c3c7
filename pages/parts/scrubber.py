"""A slider over the moments of a run: it follows the newest until the learner moves it, and then stays.

A look at the run may still carry what the widgets showed before. So a widget's value is never overwritten
from here: a new widget takes its place, and what the old one says counts no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.parts.language import _


def scrub(
    key: str, label: str, moments: Sequence[int], newest: int, words: Callable[[int], str], help: str
) -> int:
    """The moment chosen of `moments`, which should not change between looks; `newest` is the last reached."""
    if len(moments) < 2:
        return newest
    state = st.session_state.setdefault(key, {"place": newest, "follow": True, "knob": 0, "toggle": 0})
    if state["place"] not in moments or (state["follow"] and state["place"] != newest):
        state |= {"place": newest, "knob": state["knob"] + 1}
    knob, toggle = f"{key}_knob_{state['knob']}", f"{key}_follow_{state['toggle']}"
    with st.container(key=f"{key}_scrubber", horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.select_slider(
            label,
            moments,
            value=state["place"],
            format_func=words,
            key=knob,
            help=help,
            on_change=_moved,
            args=(key, knob),
        )
        st.toggle(
            _("Follow"),
            value=state["follow"],
            key=toggle,
            help=_("Always show the newest."),
            on_change=_toggled,
            args=(key, toggle),
        )
    return state["place"]


def place(key: str) -> int | None:
    """The moment that this session looks at, or last did."""
    return st.session_state.get(key, {}).get("place")


def _moved(key: str, knob: str) -> None:
    state = st.session_state[key]
    state["place"] = st.session_state[knob]
    if state["follow"]:
        state |= {"follow": False, "toggle": state["toggle"] + 1}


def _toggled(key: str, toggle: str) -> None:
    st.session_state[key]["follow"] = st.session_state[toggle]
