"""Names that a learner puts in order, lowest first, by pointer or by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from fmnist_core.lessons.judgement import Said, quantity_of, ranked_names, read_said
from fmnist_core.lessons.lesson import LessonRun, OrderPrediction
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _, lesson_text, say

_HERE = Path(__file__)
_order = st.components.v2.component(
    "predicted_order",
    html=_HERE.with_suffix(".html").read_text("utf-8"),
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def order_input(
    asked: OrderPrediction,
    runs: Sequence[LessonRun],
    *,
    key: str,
    stored: Said | None,
    names: Mapping[str, str],
    on_said: Callable[[Said | None], None],
) -> Said | None:
    """The names in the learner's order; `None` until one was moved, or the order agreed to."""
    state = _order(
        key=key,
        data={  # tuples: to ask whether a list is a table Streamlit imports pandas
            "names": tuple((name, names[name]) for name in ranked_names(asked, runs)),
            "order": stored or (),
            "words": tuple(_words(asked).items()),
        },
        on_order_change=lambda: on_said(read_said(asked, runs, held(key).order)),
    )
    return stored if state.order is None else read_said(asked, runs, state.order)


def _words(asked: OrderPrediction) -> dict[str, str]:
    quantity = say(quantity_of(asked).label)
    return {
        "list": lesson_text(asked.ask),
        "lowest": _("{quantity}: the lowest").format(quantity=quantity),
        "highest": _("{quantity}: the highest").format(quantity=quantity),
        "agree": _("This is my order"),
        "at": _("{name}, place {place} of {all}"),
        "up": _("{name}: up"),
        "down": _("{name}: down"),
        "open": _("Move a name, or agree to the order as it stands."),
        "whole": _("This is your order."),
        "keys": _("Drag the names, or use their arrows. By keyboard: up and down move the name."),
    }
