"""What workers answer about a network's inside; the latest answers of a session are kept, so that looking at
another map or unit asks nothing anew."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.base.services import engine
from pages.parts.inside.network_choice import Network

KEPT = 12
ANSWERS = "inside_answers"


def answer(query: str, network: Network, **arguments: Any) -> Any:
    """Raises `LabError` where there is none."""
    answers = st.session_state.setdefault(ANSWERS, {})
    key = (query, *network.weights_of, *arguments.items())
    if key not in answers:
        answers[key] = engine().ask(query, **network.asked, **arguments)
        for old in list(answers)[:-KEPT]:
            del answers[old]
    return answers[key]
