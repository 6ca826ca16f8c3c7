"""What was predicted beside what came, on one chart, with sentences that name what was right.

It can be drawn while the runs train; for who predicted nothing the result stands there alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from fmnist_core.lessons.judgement import (
    Said,
    came_along,
    came_ranked,
    judged,
    left_out,
    places,
    quantity_of,
    ranked_names,
)
from fmnist_core.lessons.lesson import (
    CurvePrediction,
    DirectionPrediction,
    LessonRun,
    OrderPrediction,
    Prediction,
)
from fmnist_core.lessons.quantities import Unit
from fmnist_core.lessons.results import Results, values
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.predicting.names_chart import Range, names_chart
from pages.parts.widgets.curves import Lines, Series, curves

FORMATS: dict[Unit, str] = {"loss": ".4~f", "share": ".1~%", "seconds": ".1~f"}
BEYOND = 0.25  # of the larger value: how far a range goes that has no end


def comparison(
    asked: Prediction,
    said: Said | None,
    runs: Sequence[LessonRun],
    results: Results,
    *,
    key: str,
    names: Mapping[str, str],
) -> None:
    """Draw the chart and say what was right. `said` is `None` for who predicted nothing.

    `results` are of all runs, in the lesson's order. `names` is what the page calls what is compared.
    """
    quantity = quantity_of(asked)
    title = say(quantity.label)
    alt = _("Result: {quantity}") if said is None else _("Your prediction and the result: {quantity}")
    shown = {
        "key": key,
        "y": title,
        "alt": alt.format(quantity=title),
        "y_format": FORMATS[quantity.unit],
    }
    match asked:
        case CurvePrediction():
            _curve(asked, said, runs, results, names, shown)
        case OrderPrediction():
            came = {names[name]: value for name, value in came_ranked(asked, results).items()}
            order = [names[name] for name in said or ranked_names(asked, runs)]
            x = "" if said is None else _("Your order, the lowest first")
            names_chart(order, _finite(came), None, x=x, **shown)
        case DirectionPrediction():
            _direction(asked, said, results, names, shown)
    if said is None:
        st.caption(_("There is no prediction of yours to compare, so the result stands here alone."))
    typed = {name: as_typed(text) for name, text in names.items()}
    sentences = left_out(asked, results, typed)
    if said is not None:
        sentences = judged(asked, said, runs, results, typed)
    if sentences:
        st.markdown("\n".join(f"- {say(sentence)}" for sentence in sentences), width=720)


def _curve(
    asked: CurvePrediction,
    said: Said | None,
    runs: Sequence[LessonRun],
    results: Results,
    names: Mapping[str, str],
    shown: dict[str, str],
) -> None:
    along = places(asked, runs)
    if asked.of is not None:
        curve = results[asked.of].curve(quantity_of(asked))
        series = [Series(_("Result"), list(curve), list(curve.values()))]
        if said is not None:
            series.append(Series(_("Your prediction"), along, said))
        curves(Lines.of(series), x=_("Epoch"), **shown)
        return

    def by_name(curve: Said) -> dict[str, float]:
        pairs = zip(along, curve, strict=True)
        return {names[place]: value for place, value in pairs if value is not None}

    came = by_name(came_along(asked, runs, results))
    predicted = None if said is None else by_name(said)
    names_chart([names[place] for place in along], came, predicted, x="", **shown)


def _direction(
    asked: DirectionPrediction,
    said: Said | None,
    results: Results,
    names: Mapping[str, str],
    shown: dict[str, str],
) -> None:
    ended = _finite(values(results, quantity_of(asked)))
    predicted = None
    if said is not None and asked.than in ended:
        value, other = ended.get(asked.of), ended[asked.than]
        low, high = _range(said, value, other, asked.alike_within)
        if quantity_of(asked).unit == "share":
            low, high = max(0.0, low), min(1.0, high)
        predicted = Range(names[asked.of], low, high)
    both = [names[asked.than], names[asked.of]]
    came = {names[name]: value for name, value in ended.items() if names[name] in both}
    names_chart(both, came, predicted, x="", joined=False, **shown)


def _range(said: Said, value: float | None, other: float, alike_within: float) -> tuple[float, float]:
    """Where the value lies if what was said is right; beside the other's it reaches as far as what came."""
    below, above = sorted((other * (1 - alike_within), other / (1 - alike_within)))
    came = other if value is None else value
    reach = BEYOND * max(abs(came), abs(other))
    match said:
        case "lower":
            return min(below - reach, came), below
        case "higher":
            return above, max(above + reach, came)
        case _:
            return below, above


def _finite(numbers: Mapping[str, float]) -> dict[str, float]:
    """What has a place on an axis: a run that diverged has none."""
    return {name: value for name, value in numbers.items() if math.isfinite(value)}
