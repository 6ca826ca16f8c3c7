"""What workers answer about a network's inside; the latest answers are kept, so that looking at another map
or unit asks nothing anew: those of a session, and those that all sessions share."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.base.services import engine
from pages.parts.inside.network_choice import Network

KEPT_BYTES, SHARED_BYTES = 6_000_000, 30_000_000  # a map of 64 latent numbers takes half a million
SECONDS = 20.0  # the largest network over 1,000 images, on a worker that trains
ANSWERS = "inside_answers"
Answers = dict[Hashable, dict[str, np.ndarray]]


def answer(query: str, network: Network, **arguments: Any) -> dict[str, np.ndarray]:
    """Raises `LabError` where there is none. About a learner's own image, in bytes, none is kept."""
    ask = partial(engine().ask, query, timeout=SECONDS, **network.asked, **arguments)
    if any(isinstance(value, bytes) for value in arguments.values()):
        mine: dict[str, np.ndarray] = ask()
        return mine
    answers = st.session_state.setdefault(ANSWERS, {})
    key = (query, *network.asked.items(), *arguments.items())
    return _kept(answers, key, KEPT_BYTES, ask)


def all_finite(values: dict[str, np.ndarray]) -> bool:
    return all(np.isfinite(value).all() for value in values.values())


def say_beyond_bounds() -> None:
    """Of a network whose values are not finite."""
    st.warning(
        _("The numbers in this network have grown beyond all bounds: there is nothing to see."),
        icon=":material/trending_up:",
    )


def shared_answer(query: str, *key: Hashable, **arguments: Any) -> dict[str, np.ndarray]:
    """The same for whoever asks it with this `key`, which is all that it depends on. Raises `LabError`."""
    return _kept(
        _shared(), (query, *key), SHARED_BYTES, lambda: engine().ask(query, timeout=SECONDS, **arguments)
    )


@st.cache_resource(show_spinner=False)
def _shared() -> Answers:
    return {}


def _kept(
    answers: Answers, key: Hashable, most: int, ask: Callable[[], dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """The latest last; other sessions may change the same `answers` at any time."""
    latest = answers.pop(key, None) or ask()
    answers[key] = latest
    while len(answers) > 1 and sum(map(_bytes, list(answers.values()))) > most:
        answers.pop(next(iter(answers)), None)
    return latest


def _bytes(answered: dict[str, np.ndarray]) -> int:
    return sum(array.nbytes for array in answered.values())
