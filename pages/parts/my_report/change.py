"""A change to one's report, by a click or by leaving a field: what is refused is a sentence."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base.i18n import say
from pages.parts.base.typed_text import as_typed

REFUSED = "report_refused"


def change(act: Callable[[], object]) -> None:
    """For callbacks; the page that is drawn next says what was refused."""
    try:
        act()
    except LabError as error:
        st.session_state[REFUSED] = say(error)


def keyed_by(key: str, text: str) -> str:
    """The key of a field that is drawn anew when somebody else has changed its text."""
    return f"{key}_{crc32(text.encode())}"


def say_refused() -> None:
    if (refused := st.session_state.pop(REFUSED, None)) is not None:
        st.warning(as_typed(refused), icon=":material/info:")
