"""Who the learner is: a random id in a cookie, so that runs are found again after a reload or a restart."""

from __future__ import annotations

import re
import secrets

import streamlit as st

from pages.parts.base.cookie import YEAR, set_cookie

COOKIE = "fmnist_learner"
KEY = "learner"
ID_FORMAT = re.compile(r"[A-Za-z0-9_-]{22}")


def learner_id() -> str:
    """22 characters that name this browser; the same in all its tabs and, with cookies, on its next visit."""
    if KEY not in st.session_state:
        known = str(st.context.cookies.get(COOKIE))
        st.session_state[KEY] = known if ID_FORMAT.fullmatch(known) else secrets.token_urlsafe(16)
    return st.session_state[KEY]


def remember_learner() -> None:
    """Set the cookie in a browser that has none yet. The frame calls this once a run of the script."""
    if st.context.cookies.get(COOKIE) != learner_id():
        set_cookie(COOKIE, learner_id(), YEAR)
