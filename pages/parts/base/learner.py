"""Who the learner is: a random id in a cookie, so that runs are found again after a reload or a restart.

The server cannot set a cookie from a script run, so a component without any body sets it in the browser.
"""

from __future__ import annotations

import re
import secrets

import streamlit as st

COOKIE = "fmnist_learner"
KEY = "learner"
YEAR = 365 * 24 * 3600
ID_FORMAT = re.compile(r"[A-Za-z0-9_-]{22}")

# Inside another site's frame (a Space) a browser keeps a cookie only if it is partitioned, which needs https.
_SET_COOKIE = """
export default function ({ data }) {
  const place = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
  document.cookie = `${data.name}=${data.value}; Max-Age=${data.age}; Path=/; ${place}`;
}
"""

_cookie_setter = st.components.v2.component("learner_cookie", js=_SET_COOKIE, isolate_styles=False)


def learner_id() -> str:
    """22 characters that name this browser; the same in all its tabs and, with cookies, on its next visit."""
    if KEY not in st.session_state:
        known = str(st.context.cookies.get(COOKIE))
        st.session_state[KEY] = known if ID_FORMAT.fullmatch(known) else secrets.token_urlsafe(16)
    return st.session_state[KEY]


def remember_learner() -> None:
    """Set the cookie in a browser that has none yet. The frame calls this once a run of the script."""
    if st.context.cookies.get(COOKIE) != learner_id():
        _cookie_setter(data={"name": COOKIE, "value": learner_id(), "age": YEAR}, key="learner_cookie")
