"""What a learner predicts, in the form that a lesson asks for: a curve, an order or a direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from fmnist_core.lessons.direction import DIRECTIONS
from fmnist_core.lessons.judgement import Said, quantity_of, read_said
from fmnist_core.lessons.lesson import (
    CurvePrediction,
    DirectionPrediction,
    LessonRun,
    OrderPrediction,
    Prediction,
)
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.predicting.curve_input import curve_input
from pages.parts.predicting.order_input import order_input


def predict_input(
    asked: Prediction,
    runs: Sequence[LessonRun],
    *,
    key: str,
    stored: object,
    names: Mapping[str, str],
    on_said: Callable[[Said | None], None],
) -> Said | None:
    """What the learner says now, `None` while nothing is said; a curve may be drawn in part.

    `stored`, which may be anything, is what was said before. `names` is what the page calls the runs. What is
    said anew goes to `on_said` before the script runs, also where the page is left at the same moment.
    """
    kept = read_said(asked, runs, stored)
    match asked:
        case CurvePrediction():
            return curve_input(asked, runs, key=key, stored=kept, names=names, on_said=on_said)
        case OrderPrediction():
            return order_input(asked, runs, key=key, stored=kept, names=names, on_said=on_said)
        case DirectionPrediction():
            return _direction(asked, key=key, stored=kept, names=names, on_said=on_said)


def _direction(
    asked: DirectionPrediction,
    *,
    key: str,
    stored: Said | None,
    names: Mapping[str, str],
    on_said: Callable[[Said | None], None],
) -> Said | None:
    words = {word: say(text) for word, text in DIRECTIONS.items()}
    # Said anew at every look, or the buttons would stand empty in another language.
    st.session_state[key] = st.session_state.get(key, stored)
    said: Said | None = st.radio(
        _("{quantity} of “{of}”, compared with “{than}”").format(
            quantity=say(quantity_of(asked).label),
            of=as_typed(names[asked.of]),
            than=as_typed(names[asked.than]),
        ),
        tuple(words),
        index=None,
        format_func=words.get,
        key=key,
        on_change=lambda: on_said(held(key)),
    )
    return said
