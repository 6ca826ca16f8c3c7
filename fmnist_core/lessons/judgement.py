"""What a learner says when a lesson asks for a prediction, and what of it was right once the runs have ended.

A curve is said as a value for each place, an order as the names in it, lowest first (of classes, their
numbers), a direction as one of three words. All of it can be kept as JSON, and is read back here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from fmnist_core.lessons.direction import DIRECTIONS, Direction, direction_sentences, judge_direction
from fmnist_core.lessons.drawn_curve import curve_sentences, drawn_epochs, judge_curve
from fmnist_core.lessons.lesson import (
    CurvePrediction,
    DirectionPrediction,
    LessonRun,
    OrderPrediction,
    Prediction,
)
from fmnist_core.lessons.quantities import QUANTITIES, Quantity, recall
from fmnist_core.lessons.ranking import judge_order, order_sentences
from fmnist_core.lessons.results import Results, absences, cut_short, values
from fmnist_core.sentences import Sentence

DrawnCurve = tuple[float | None, ...]
Order = tuple[str, ...]
Said = DrawnCurve | Order | Direction
Axis = tuple[float, float]


def places(asked: CurvePrediction, runs: Sequence[LessonRun]) -> tuple[str, ...] | tuple[int, ...]:
    """Where a curve has values: the names of all runs, or some epochs of one."""
    return tuple(run.name for run in runs) if asked.of is None else _epochs_of(asked.of, runs)


def axis_of(asked: CurvePrediction, runs: Sequence[LessonRun]) -> Axis:
    """The lowest and the highest value that can be drawn: what the lesson says, or what such runs take."""
    if asked.range is not None:
        return asked.range
    unit, is_mse = QUANTITIES[asked.quantity].unit, runs[0].spec.loss == "mse"
    if unit == "share":
        return 0.0, 1.0
    if unit == "seconds":
        return 0.0, 10.0
    if asked.quantity == "gap":
        return (-0.01, 0.01) if is_mse else (-0.5, 0.5)
    return (0.0, 0.1) if is_mse else (0.0, 1.0)


def ranked_names(asked: OrderPrediction, runs: Sequence[LessonRun]) -> Order:
    """What is put in order: runs, or the numbers of classes."""
    return tuple(map(str, asked.classes)) or tuple(run.name for run in runs)


def quantity_of(asked: Prediction) -> Quantity:
    """What is asked about. Recall is that of a class; all read alike, so any one stands for it here."""
    return recall(0) if asked.quantity == "recall" else QUANTITIES[asked.quantity]


def read_said(asked: Prediction, runs: Sequence[LessonRun], said: object) -> Said | None:
    """What a browser or the store holds, which may be anything: `None` for what is no such prediction."""
    if isinstance(asked, DirectionPrediction):
        return next((word for word in DIRECTIONS if word == said), None)
    if not isinstance(said, list | tuple):
        return None
    if isinstance(asked, OrderPrediction):
        names = ranked_names(asked, runs)
        return tuple(said) if len(said) == len(names) and all(name in said for name in names) else None
    return _read_curve(said, len(places(asked, runs)), axis_of(asked, runs))


def is_complete(said: Said | None) -> bool:
    """Whether nothing is left to say: a curve may be drawn in part."""
    return said is not None and (isinstance(said, str) or None not in said)


def came_along(asked: CurvePrediction, runs: Sequence[LessonRun], results: Results) -> DrawnCurve:
    """The values that came, at the places where a curve is drawn."""
    quantity = _drawable(asked)
    if asked.of is not None:
        curve = results[asked.of].curve(quantity)
        return tuple(curve.get(epoch) for epoch in _epochs_of(asked.of, runs))
    ended = values(results, quantity)
    return tuple(ended.get(run.name) for run in runs)


def came_ranked(asked: OrderPrediction, results: Results) -> dict[str, float]:
    """The values that came of what is put in order, by name, as they read."""
    quantity = quantity_of(asked)
    if asked.of is None:
        held = values(results, quantity)
    else:
        by_class = {str(label): results[asked.of].value(recall(label)) for label in asked.classes}
        held = {name: value for name, value in by_class.items() if value is not None}
    return {name: quantity.as_read(value) for name, value in held.items()}


def judged(
    asked: Prediction,
    said: Said,
    runs: Sequence[LessonRun],
    results: Results,
    names: Mapping[str, str],
) -> tuple[Sentence, ...]:
    """What of a prediction was right and what was not, then why runs are left out, or what may change yet.

    `results` are of all runs, in the lesson's order; `names` is what the page calls what is compared.
    """
    quantity = quantity_of(asked)
    match asked:
        case CurvePrediction():
            came = came_along(asked, runs, results)
            judgement = judge_curve(cast(DrawnCurve, said), came, axis_of(asked, runs))
            shown = [
                Sentence("“{name}”", name=names[place])
                if isinstance(place, str)
                else Sentence("epoch {n}", n=place)
                for place in places(asked, runs)
            ]
            sentences = curve_sentences(judgement, shown, quantity)
        case OrderPrediction():
            ranked = came_ranked(asked, results)
            sentences = order_sentences(judge_order(cast(Order, said), ranked), ranked, names, quantity)
        case DirectionPrediction():
            ended = values(results, quantity)
            both = (ended.get(asked.of), ended.get(asked.than))
            sentences = _of_direction(asked, cast(Direction, said), both, names)
    return (*sentences, *left_out(asked, results, names))


def left_out(asked: Prediction, results: Results, names: Mapping[str, str]) -> list[Sentence]:
    """Why runs that were asked about are not compared, or what may change yet."""
    if isinstance(asked, CurvePrediction) and asked.of is not None:
        return cut_short(results[asked.of], names[asked.of])
    compared = {name: results[name] for name in asked.named_runs or results}
    quantity = _drawable(asked) if isinstance(asked, CurvePrediction) else quantity_of(asked)
    return absences(compared, quantity, names)


def _of_direction(
    asked: DirectionPrediction,
    said: Direction,
    both: tuple[float | None, float | None],
    names: Mapping[str, str],
) -> tuple[Sentence, ...]:
    value, other = both
    judgement = None
    if value is not None and other is not None:
        judgement = judge_direction(said, value, other, asked.alike_within)
    return direction_sentences(judgement, names[asked.of], names[asked.than], QUANTITIES[asked.quantity])


def _epochs_of(name: str, runs: Sequence[LessonRun]) -> tuple[int, ...]:
    return next(drawn_epochs(run.spec.epochs) for run in runs if run.name == name)


def _drawable(asked: CurvePrediction) -> Quantity:
    """As it is drawn: a run that diverged has no place on an axis."""
    return replace(QUANTITIES[asked.quantity], diverged=None)


def _read_curve(said: Sequence[object], count: int, axis: Axis) -> DrawnCurve | None:
    """The values, moved onto the axis; `None` where nothing is drawn."""
    low, high = axis
    drawn: list[float | None] = []
    for value in said:
        if value is None:
            drawn.append(None)
        elif isinstance(value, float) and math.isfinite(value):
            drawn.append(min(high, max(low, value)))
        elif isinstance(value, int) and not isinstance(value, bool):  # of any size
            drawn.append(float(min(high, max(low, value))))
        else:
            return None
    return tuple(drawn) if len(drawn) == count and any(value is not None for value in drawn) else None
