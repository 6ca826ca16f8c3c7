"""A curve that was drawn, against the one that came: where both go the same way, flatten, how far apart.

A course is that of the step between two neighbouring places. A step is flat if it is at most a twentieth of
all that its own curve changes; in a curve that changes by at most a fiftieth of the axis all steps are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from fmnist_core.lessons.quantities import Quantity
from fmnist_core.sentences import Sentence

Course = Literal["falling", "flat", "rising"]
Values = Sequence[float | None]

MOST_PLACES = 10  # that are drawn: each can be reached by keyboard
FLAT_STEP, FLAT_CURVE = 0.05, 0.02
MOST_STRETCHES = 5  # to be named one by one

_IN_WORDS = {
    "falling": Sentence("it falls"),
    "flat": Sentence("it hardly changes"),
    "rising": Sentence("it rises"),
}


@dataclass(frozen=True)
class Stretch:
    """From place `first` to place `last`, counted from 0, both curves keep their course."""

    first: int
    last: int
    drawn: Course
    came: Course

    @property
    def is_right(self) -> bool:
        return self.drawn == self.came


@dataclass(frozen=True)
class CurveJudgement:
    """`off` is the mean distance over the places that both curves have; `None` where there are none.

    `flat_drawn` and `flat_came` are the places from which on a curve is flat; `None` where it changes to its
    end.
    """

    stretches: tuple[Stretch, ...]
    flat_drawn: int | None
    flat_came: int | None
    off: float | None


def drawn_epochs(epochs: int) -> tuple[int, ...]:
    """The epochs at which a curve along epochs is drawn, first and last included."""
    places = min(epochs, MOST_PLACES)
    if places < 2:
        return tuple(range(1, epochs + 1))
    return tuple(1 + round(k * (epochs - 1) / (places - 1)) for k in range(places))


def judge_curve(drawn: Values, came: Values, axis: tuple[float, float]) -> CurveJudgement:
    """Both have one value for each place, `None` where there is none; `axis` is what could be drawn."""
    if len(drawn) != len(came):
        raise ValueError(f"{len(drawn)} places were drawn, and {len(came)} came")
    both = [
        (k, one, other)
        for k, (one, other) in enumerate(zip(drawn, came, strict=True))
        if one is not None and other is not None and math.isfinite(other)
    ]
    if not both:
        return CurveJudgement((), None, None, None)
    places, ours, theirs = zip(*both, strict=True)
    height = axis[1] - axis[0]
    drawn_courses, came_courses = courses(ours, height), courses(theirs, height)
    return CurveJudgement(
        _stretches(places, drawn_courses, came_courses),
        _flat_from(places, drawn_courses),
        _flat_from(places, came_courses),
        math.fsum(abs(one - other) for _k, one, other in both) / len(both),
    )


def courses(values: Sequence[float], height: float) -> tuple[Course, ...]:
    """Of each step of a curve that was drawn on an axis of this height."""
    change = max(values) - min(values)
    flat = math.inf if change <= FLAT_CURVE * height else FLAT_STEP * change
    return tuple(
        "flat" if abs(after - before) <= flat else "rising" if after > before else "falling"
        for before, after in pairwise(values)
    )


def curve_sentences(
    judgement: CurveJudgement, places: Sequence[Sentence], quantity: Quantity
) -> tuple[Sentence, ...]:
    """What was right and what was not; `places` are what the places are called on the page."""
    if judgement.off is None:
        return ()
    off = Sentence("On average your curve is off by {off}.", off=quantity.distance_text(judgement.off))
    return (*_of_stretches(judgement.stretches, places), *_of_flatness(judgement, places), off)


def _of_stretches(stretches: Sequence[Stretch], places: Sequence[Sentence]) -> list[Sentence]:
    if len(stretches) > MOST_STRETCHES:
        right = sum(stretch.last - stretch.first for stretch in stretches if stretch.is_right)
        steps = sum(stretch.last - stretch.first for stretch in stretches)
        return [
            Sentence("In {right} of {steps} steps it goes the way that you drew.", right=right, steps=steps)
        ]
    sentences = []
    for stretch in stretches:
        ends = {"first": places[stretch.first], "last": places[stretch.last]}
        came, drawn = _IN_WORDS[stretch.came], _IN_WORDS[stretch.drawn]
        if stretch.is_right:
            sentences.append(
                Sentence("Right: from {first} to {last} {course}, as you drew.", **ends, course=came)
            )
        else:
            sentences.append(
                Sentence(
                    "Not so: from {first} to {last} {course}; in your drawing {drawn}.",
                    **ends,
                    course=came,
                    drawn=drawn,
                )
            )
    return sentences


def _of_flatness(judgement: CurveJudgement, places: Sequence[Sentence]) -> list[Sentence]:
    drawn, came = judgement.flat_drawn, judgement.flat_came
    if came is not None and came == drawn:
        return [Sentence("It flattens at {place}, where you drew it.", place=places[came])]
    if came is not None and drawn is not None:
        return [
            Sentence(
                "It flattens at {place}; you drew that at {drawn}.", place=places[came], drawn=places[drawn]
            )
        ]
    if came is not None:
        return [Sentence("It flattens at {place}; your curve changes to its end.", place=places[came])]
    if drawn is not None:
        return [Sentence("Your curve flattens at {place}; this one changes to its end.", place=places[drawn])]
    return []


def _stretches(places: Sequence[int], drawn: Sequence[Course], came: Sequence[Course]) -> tuple[Stretch, ...]:
    """Neighbouring steps of the same two courses are one."""
    stretches: list[Stretch] = []
    for k, (one, other) in enumerate(zip(drawn, came, strict=True)):
        if stretches and (stretches[-1].drawn, stretches[-1].came) == (one, other):
            stretches[-1] = Stretch(stretches[-1].first, places[k + 1], one, other)
        else:
            stretches.append(Stretch(places[k], places[k + 1], one, other))
    return tuple(stretches)


def _flat_from(places: Sequence[int], steps: Sequence[Course]) -> int | None:
    """Where the flat end of a curve begins; `None` where it has none, or is flat from its beginning."""
    changing = [k for k, course in enumerate(steps) if course != "flat"]
    return places[changing[-1] + 1] if changing and changing[-1] + 1 < len(steps) else None
