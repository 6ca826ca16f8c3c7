"""A slider over a few values, each with its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from pages.parts.base.i18n import current_language

T = TypeVar("T")


def word_slider(
    label: str,
    values: Sequence[T],
    words: Callable[[T], str] = str,
    *,
    key: str,
    value: T | None = None,
    **options: Any,
) -> T:
    """The chosen one of `values`, at first `value` or the first; it keeps its place in another language.

    The browser knows the place by its words, and goes to the first where it does not find them among those of
    the other language, unless the session says the place once more.
    """
    language_seen = f"{key}_language"
    held = st.session_state.get(key)
    if held not in values:
        st.session_state[key] = values[0] if value is None else value
    elif st.session_state.get(language_seen) != current_language():
        st.session_state[key] = held
    st.session_state[language_seen] = current_language()
    chosen: T = st.select_slider(label, values, key=key, format_func=words, **options)
    return chosen
