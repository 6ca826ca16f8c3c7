"""Whether one value was said to be lower than another, about the same or higher, against what came."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from fmnist_core.lessons.quantities import Quantity
from fmnist_core.sentences import Sentence

Direction = Literal["lower", "alike", "higher"]
DIRECTIONS: dict[Direction, Sentence] = {
    "lower": Sentence("Lower"),
    "alike": Sentence("About the same"),
    "higher": Sentence("Higher"),
}
_CAME = {
    "lower": Sentence("lower than"),
    "alike": Sentence("about the same as"),
    "higher": Sentence("higher than"),
}


@dataclass(frozen=True)
class DirectionJudgement:
    said: Direction
    came: Direction
    value: float
    other: float


def judge_direction(said: Direction, value: float, other: float, alike_within: float) -> DirectionJudgement:
    """`value` against `other`, which are the same within a share of the larger of the two, by size."""
    both_finite = math.isfinite(value) and math.isfinite(other)
    near = both_finite and abs(value - other) <= alike_within * max(abs(value), abs(other))
    if value == other or near:
        return DirectionJudgement(said, "alike", value, other)
    return DirectionJudgement(said, "lower" if value < other else "higher", value, other)


def direction_sentences(
    judgement: DirectionJudgement | None, of: str, than: str, quantity: Quantity
) -> tuple[Sentence, ...]:
    """What came and whether that was said; `of` and `than` are the runs as the page calls them.

    `None` where a run has no value.
    """
    if judgement is None:
        return (Sentence("There are no two values to compare."),)
    came = Sentence(
        "{quantity}: “{of}” ({value}) is {came} “{than}” ({other}).",
        quantity=quantity.label,
        of=of,
        than=than,
        came=_CAME[judgement.came],
        value=quantity.text(judgement.value),
        other=quantity.text(judgement.other),
    )
    if judgement.said == judgement.came:
        return Sentence("Right."), came
    return Sentence("Not so: you said “{said}”.", said=DIRECTIONS[judgement.said]), came
