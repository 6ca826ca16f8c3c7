"""A choice that the address rules: a link to another option is followed, and every choice can be shared.

Unlike `address_choice`, which keeps what the session chose whatever a link says.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Literal

import streamlit as st

from pages.parts.base.attempt import held
from pages.parts.base.i18n import _
from pages.parts.base.typed_text import as_typed
from pages.parts.base.word_slider import word_slider
from pages.parts.forms.url_state import SECONDS_UNDERWAY, by_history


def linked_choice(
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    control: Literal["segments", "pills", "list", "slider"] = "segments",
    within: tuple[str, ...] = (),
    default: str | None = None,
    help: str | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """One of `options` (address word to label), at first `default` or the first; `key` is its name there.

    Choices `within` this one begin anew when another option is chosen.
    """
    first = next(iter(options)) if default is None else default
    # What was just chosen may not have reached the browser's address yet.
    asked = None if underway(key) and key in st.session_state else st.query_params.get(key)
    if asked is not None and asked not in options:
        st.warning(
            _("This link asks for “{asked}”, which is not here. You see “{shown}”.").format(
                asked=as_typed(asked[:40]), shown=options[first]
            )
        )
    kept = st.session_state.get(key)
    if asked is None and kept in options:
        asked = kept  # said again, or it would be lost where another page had a widget of this key
    st.session_state[key] = asked if asked in options else first
    asks = {"key": key, "on_change": choose, "args": (key, within), "help": help}
    words = {"format_func": options.__getitem__, **asks}
    if control == "list":
        chosen = st.selectbox(label, list(options), **words, placeholder=label, width=width)
    elif control == "slider":
        chosen = word_slider(label, list(options), options.__getitem__, **asks)
    else:
        show = st.pills if control == "pills" else st.segmented_control
        chosen = show(label, list(options), **words, required=True, label_visibility="collapsed", wrap=True)
    st.query_params[key] = chosen
    return chosen


def choose(key: str, within: tuple[str, ...]) -> None:
    """The address says what the widget of this key does.

    Before the script runs again, or the address would still say the old choice.
    """
    chosen = held(key)
    for inner in within:
        st.query_params.pop(inner, None)
        st.session_state.pop(inner, None)
        set_out(inner)
    st.query_params[key] = chosen
    set_out(key)


def set_out(key: str) -> None:
    """The address says something else from now on, which the browser has yet to hear."""
    st.session_state[f"{key}_chosen_at"] = time.monotonic()


def underway(key: str) -> bool:
    """Whether the browser's address may still be an old one."""
    if by_history():
        st.session_state.pop(f"{key}_chosen_at", None)
    return time.monotonic() - st.session_state.get(f"{key}_chosen_at", -SECONDS_UNDERWAY) < SECONDS_UNDERWAY
