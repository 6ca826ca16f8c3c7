"""What workers answer about a network's inside; the latest answers of a session are kept, so that looking at
another map or unit asks nothing anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from pages.parts.base.services import engine
from pages.parts.inside.network_choice import Network

KEPT_BYTES = 6_000_000
SECONDS = 20.0  # the largest network over 1,000 images, on a worker that trains
ANSWERS = "inside_answers"


def answer(query: str, network: Network, **arguments: Any) -> dict[str, np.ndarray]:
    """Raises `LabError` where there is none."""
    answers = st.session_state.setdefault(ANSWERS, {})
    key = (query, *network.asked.items(), *arguments.items())
    answers[key] = latest = answers.pop(key, None) or engine().ask(
        query, timeout=SECONDS, **network.asked, **arguments
    )
    while len(answers) > 1 and sum(map(_bytes, answers.values())) > KEPT_BYTES:
        del answers[next(iter(answers))]
    return latest


def _bytes(answered: dict[str, np.ndarray]) -> int:
    return sum(array.nbytes for array in answered.values())
