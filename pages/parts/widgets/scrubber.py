"""A slider over the moments of a run: it follows the newest until the learner moves it, and then stays.

A look at the run may still carry what the widgets showed a moment ago. So a widget's value is never
overwritten from here: a new widget takes its place, and an old one counts only if the learner has changed it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.parts.base.attempt import held
from pages.parts.base.i18n import _


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
            args=(key, knob, state["place"]),
        )
        st.toggle(
            _("Follow"),
            value=state["follow"],
            key=toggle,
            help=_("Always show the newest."),
            on_change=_toggled,
            args=(key, toggle, state["follow"]),
        )
    return state["place"]


def place(key: str) -> int | None:
    """The moment that this session looks at, or last did."""
    return st.session_state.get(key, {}).get("place")


def shift(key: str, moments: Sequence[int], by: int) -> None:
    """Go so many moments on, or back, as a learner who moves the slider does. For callbacks."""
    state = st.session_state.get(key)
    if state is None or state["place"] not in moments:
        return
    k = min(max(moments.index(state["place"]) + by, 0), len(moments) - 1)
    if moments[k] != state["place"]:
        state |= {"place": moments[k], "knob": state["knob"] + 1, "toggle": state["toggle"] + state["follow"]}
        state["follow"] = False


def _moved(key: str, knob: str, shown: int) -> None:
    state, chosen = held(key), held(knob)
    if chosen != shown:
        state["place"] = chosen
        state["knob"] += knob != f"{key}_knob_{state['knob']}"
        state["toggle"] += state["follow"]
        state["follow"] = False


def _toggled(key: str, toggle: str, shown: bool) -> None:
    follow = held(toggle)
    if follow != shown:
        held(key)["follow"] = follow
