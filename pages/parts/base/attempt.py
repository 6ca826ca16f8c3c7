"""What a click asks of the engine: one call, and what it refuses is told when the page is drawn next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base.i18n import say
from pages.parts.base.typed_text import as_typed

REFUSAL = "refusal"


def attempt(call: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    """What the call returns, or `None` if it was refused; for callbacks."""
    try:
        return call(*args, **settings)
    except LabError as error:
        st.session_state[REFUSAL] = say(error)
        return None


def tell_refusal() -> None:
    refusal = st.session_state.pop(REFUSAL, None)
    if refusal:
        st.error(as_typed(refusal), icon=":material/info:")
