"""A cookie set in the browser: by a component without any body, since a script run cannot set one."""

from __future__ import annotations

import streamlit as st

YEAR = 365 * 24 * 3600

# Inside another site's frame (a Space) a browser keeps a cookie only if it is partitioned, which needs https.
_SET_COOKIE = """
export default function ({ data }) {
  const place = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
  document.cookie = `${data.name}=${data.value}; Max-Age=${data.age}; Path=/; ${place}`;
}
"""

_cookie_setter = st.components.v2.component("cookie", js=_SET_COOKIE, isolate_styles=False)


def set_cookie(name: str, value: str, age: int) -> None:
    """For so many seconds; `value` has no blanks, semicolons or letters outside ASCII."""
    with st.container(key=f"cookie_{name}"):
        _cookie_setter(data={"name": name, "value": value, "age": age}, key=f"{name}_cookie")
