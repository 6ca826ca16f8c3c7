"""How a learner prefers things to be drawn: a few words a browser keeps in a cookie, in all its tabs."""

from __future__ import annotations

import re

import streamlit as st

from pages.parts.base.cookie import YEAR, set_cookie

COOKIE = "fmnist_preferences"
KEY = "preferences"
CHANGED = "preferences_changed"
MOST_CHARACTERS = 500  # of what a browser may bring
PLAIN = re.compile(r"[a-z_]+=[a-z.]*")


def preference(name: str, usual: str) -> str:
    """What the learner prefers, here or on an earlier visit: any word, since a browser can send any."""
    return _preferences().get(name, usual)


def prefer(name: str, value: str) -> None:
    """From now on; `keep_preferences` brings it to the browser. Both are lower-case words, dots between."""
    _preferences()[name] = value
    st.session_state[CHANGED] = True


def keep_preferences() -> None:
    """Set the cookie if something has changed. For whatever part of a page has the widgets."""
    if st.session_state.get(CHANGED):
        set_cookie(COOKIE, "&".join(f"{name}={value}" for name, value in _preferences().items()), YEAR)


def _preferences() -> dict[str, str]:
    if KEY not in st.session_state:
        stored = str(st.context.cookies.get(COOKIE, ""))[:MOST_CHARACTERS]
        pairs = [pair for pair in stored.split("&") if PLAIN.fullmatch(pair)]
        st.session_state[KEY] = dict(pair.split("=") for pair in pairs)
    return st.session_state[KEY]
