"""A canvas on which a learner draws a curve, one value for each place, by mouse, pen, touch or keyboard."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core.lessons.judgement import Said, axis_of, places, read_said
from fmnist_core.lessons.lesson import CurvePrediction, LessonRun
from fmnist_core.lessons.quantities import QUANTITIES, Unit
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _, current_language, lesson_text, say
from pages.parts.base.numerals import signs
from pages.parts.predicting.axis import FACTORS, SUFFIXES, tick_text, ticks

STEPS_A_TICK = 10  # that an arrow key takes from one gridline to the next
_HERE = Path(__file__)
_curve = st.components.v2.component(
    "predicted_curve",
    html=_HERE.with_suffix(".html").read_text("utf-8"),
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def curve_input(
    asked: CurvePrediction,
    runs: Sequence[LessonRun],
    *,
    key: str,
    stored: Said | None,
    names: Mapping[str, str],
    on_said: Callable[[Said | None], None],
) -> Said | None:
    """A value for each place, `None` where nothing is drawn yet; `None` alone while nothing is drawn at all.

    What is `stored` stands there at first. What is missing is said below the canvas.
    """
    low, high = axis_of(asked, runs)
    along = places(asked, runs)
    marks, unit = ticks(low, high), QUANTITIES[asked.quantity].unit
    step = (marks[1] - marks[0]) / STEPS_A_TICK
    state = _curve(
        key=key,
        data={  # tuples: to ask whether a list is a table Streamlit imports pandas
            "places": tuple(names[place] if isinstance(place, str) else str(place) for place in along),
            "low": low,
            "high": high,
            "step": step,
            "ticks": tuple((mark, tick_text(mark, unit)) for mark in marks),
            "drawn": stored or (),
            "words": tuple(_words(asked).items()),
            **_written(unit, step),
        },
        on_drawn_change=lambda: on_said(read_said(asked, runs, held(key).drawn)),
    )
    return stored if state.drawn is None else read_said(asked, runs, state.drawn)


def _written(unit: Unit, step: float) -> dict[str, Any]:
    """How the canvas writes a value: as many digits as a step of the keyboard needs."""
    factor = FACTORS.get(unit, 1)
    return {
        "factor": factor,
        "digits": max(0, -math.floor(math.log10(factor * step) + 1e-9)),
        "decimal": signs(current_language()).decimal,
        "suffix": SUFFIXES.get(unit, ""),
    }


def _words(asked: CurvePrediction) -> dict[str, str]:
    return {
        "plot": lesson_text(asked.ask),
        "x": _("Epoch") if asked.along == "epochs" else "",
        "y": say(QUANTITIES[asked.quantity].label),
        "undo": _("Undo"),
        "clear": _("Clear"),
        "open": _("not drawn yet"),
        "empty": _("Draw a line through all the rings."),
        "missing": _("Still to draw: {places}."),
        "whole": _("The curve is whole."),
        "keys": _(
            "Draw in either direction; what is drawn over is replaced. By keyboard: left and right go from "
            "point to point, up and down move it, Delete removes it, Ctrl Z undoes."
        ),
    }
