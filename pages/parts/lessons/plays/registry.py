"""How each play is drawn; `fmnist_core.lessons.plays` has what a lesson's file may set of it.

To add one: a model of its settings there, and here a function that takes them and what was trained.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.parts.frame.frame import guard
from pages.parts.lessons.plays.confusions import confusions
from pages.parts.lessons.plays.draws import draws
from pages.parts.lessons.plays.dropout import dropout
from pages.parts.lessons.plays.film import film
from pages.parts.lessons.plays.labels import labels
from pages.parts.lessons.plays.numbers import numbers
from pages.parts.lessons.plays.patience import patience
from pages.parts.lessons.plays.rates import rates
from pages.parts.lessons.plays.shift import shift
from pages.parts.lessons.plays.trained import Trained

Play = Callable[[Any, Trained], None]

PLAYS: dict[str, Play] = {
    "film": film,
    "numbers": numbers,
    "patience": patience,
    "dropout": dropout,
    "rates": rates,
    "shift": shift,
    "confusions": confusions,
    "labels": labels,
    "draws": draws,
}


def play(name: str, settings: Any, trained: Trained) -> None:
    """Draws a play; moving its control draws nothing else anew, and trouble with it is told in its place."""
    st.fragment(_guarded)(name, settings, trained)


def _guarded(name: str, settings: Any, trained: Trained) -> None:
    with guard():
        PLAYS[name](settings, trained)
