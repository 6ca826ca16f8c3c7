"""What a claim is made of: a sentence, how it is put to the test, the parts that must hold, its pictures.

All of it is data. Nothing here reads evidence or draws.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Literal

from fmnist_core.replication.claims.quantities import Quantity
from fmnist_core.sentences import Sentence
from fmnist_core.statistics import ABOVE_ZERO, BELOW_ZERO, CONFIDENCE, Range

LOGARITHMIC = ("loss", "seconds")  # units whose numbers are compared by how many times one is another
SAME_LOSS = 0.05  # two losses that differ by less than 5 % of one another are alike
SAME_ACCURACY = 0.01  # and so are two accuracies less than one point apart: 100 of the 10,000 test images
PLANNED_ON = date(2026, 11, 27)  # when the numbers of seeds to come were fixed
ALIKE = 0.90  # the confidence of an interval that must lie within a margin: each border is tested at 5 %


@dataclass(frozen=True)
class Part:
    """One thing that must hold, tested seed by seed: a number of `of`, less that of `against`, lies `within`.

    `of` and `against` hold one experiment each, but for a trend.

    Losses and times are compared as logarithms: their difference says by what share one exceeds the
    other, and in those `within` stands too. As a "trend", the number is the slope of the quantity over
    the experiments `of`, in their order, a step each. `pooled` are experiments whose luck is estimated
    together. The interval must lie within with this `confidence`; where the `claimed` range is narrower,
    to lie outside of that is said.
    """

    quantity: Quantity
    of: tuple[str, ...]
    against: tuple[str, ...] = ()
    within: Range = ABOVE_ZERO
    relation: Literal["difference", "ratio", "trend"] = "difference"
    against_quantity: Quantity | None = None
    pooled: tuple[str, ...] = ()
    confidence: float = CONFIDENCE
    claimed: Range | None = None

    @property
    def experiments(self) -> tuple[str, ...]:
        return self.of + self.against

    @property
    def logarithmic(self) -> bool:
        """Whether it compares logarithms."""
        compares = bool(self.against) or self.relation == "trend"
        return compares and self.quantity.unit in LOGARITHMIC


@dataclass(frozen=True)
class Points:
    """A point for each experiment and seed: a quantity against the setting in which experiments differ."""

    quantity: Quantity
    experiments: tuple[str, ...]


@dataclass(frozen=True)
class Curves:
    """A line for each experiment and seed, and each of these columns of the history, over the epochs."""

    columns: tuple[str, ...]
    experiments: tuple[str, ...]


@dataclass(frozen=True)
class Confusion:
    """The test images' confusion matrix of each seed."""

    experiments: tuple[str, ...]


Picture = Points | Curves | Confusion


@dataclass(frozen=True)
class Quote:
    """A few of the report's own words, in its language, and where they stand."""

    words: str
    where: Sentence


@dataclass(frozen=True)
class Chosen:
    """What was chosen when evidence was there to be seen already, and when."""

    what: Sentence
    on: date


READ_AGAIN = Chosen(
    Sentence("How the claim is read: its test was brought closer to the report’s own words."),
    date(2026, 11, 27),
)

ADDED_LATE = Chosen(
    Sentence("The claim itself, and its test: both were added when the runs were there."),
    date(2026, 11, 27),
)


@dataclass(frozen=True)
class Claim:
    """`criterion` says in words what `parts` say in numbers; it holds if every part does.

    `varied` are the settings by which its experiments are told apart. `after_evidence` is what was chosen
    late. `planned_seeds` is the number of seeds, in all, that was fixed before they are run: with so many the
    part that is least sure is decided in 8 of 10 trials, at the effect that three seeds showed. `sides` names
    experiments that are no report's.
    """

    id: str
    reports: tuple[str, ...]
    sentence: Sentence
    criterion: Sentence
    varied: tuple[str, ...]
    parts: tuple[Part, ...]
    pictures: tuple[Picture, ...]
    quotes: tuple[Quote, ...] = ()
    after_evidence: tuple[Chosen, ...] = ()
    planned_seeds: int | None = None
    sides: Mapping[str, str] = field(default_factory=dict)

    @property
    def experiments(self) -> tuple[str, ...]:
        """Those that decide it, by id; every one is needed, with every seed."""
        return tuple(dict.fromkeys(id for part in self.parts for id in part.experiments))


def higher(quantity: Quantity, one: str, other: str) -> Part:
    return Part(quantity, (one,), (other,), ABOVE_ZERO)


def lower(quantity: Quantity, one: str, other: str) -> Part:
    return Part(quantity, (one,), (other,), BELOW_ZERO)


def falling(quantity: Quantity, experiments: Sequence[str]) -> tuple[Part, ...]:
    """Each lower than the one before; one setting, larger and larger, so that all scatter much alike."""
    return tuple(
        Part(quantity, (later,), (earlier,), BELOW_ZERO, pooled=tuple(experiments))
        for earlier, later in pairwise(experiments)
    )


def rising(quantity: Quantity, experiments: Sequence[str]) -> tuple[Part, ...]:
    """Each higher than the one before; one setting, larger and larger, so that all scatter much alike."""
    return tuple(
        Part(quantity, (later,), (earlier,), ABOVE_ZERO, pooled=tuple(experiments))
        for earlier, later in pairwise(experiments)
    )


def ranked(quantity: Quantity, experiments: Sequence[str]) -> tuple[Part, ...]:
    """Each lower than the one before, of networks so different that each pair has luck of its own."""
    return tuple(lower(quantity, later, earlier) for earlier, later in pairwise(experiments))


def trend(quantity: Quantity, experiments: Sequence[str], within: Range) -> Part:
    """On the whole higher, or lower, from experiment to experiment, whatever single steps do."""
    return Part(quantity, tuple(experiments), (), within, "trend", pooled=tuple(experiments))


def under(quantity: Quantity, one: str, border: float) -> Part:
    return Part(quantity, (one,), within=Range(high=border), confidence=ALIKE)


def over(quantity: Quantity, one: str, border: float) -> Part:
    return Part(quantity, (one,), within=Range(low=border))


def between(quantity: Quantity, one: str, low: float, high: float) -> Part:
    return Part(quantity, (one,), within=Range(low, high), confidence=ALIKE)


def alike(quantity: Quantity, one: str, other: str, margin: float) -> Part:
    """Less than `margin` apart; of losses, less than this share of the smaller."""
    reach = math.log1p(margin) if quantity.unit in LOGARITHMIC else margin
    return Part(quantity, (one,), (other,), Range(-reach, reach), confidence=ALIKE)


def times(quantity: Quantity, one: str, other: str, low: float, high: float) -> Part:
    """`one`, a loss, is between `low` and `high` times the other."""
    within = Range(math.log(low), math.log(high))
    return Part(quantity, (one,), (other,), within, "ratio", confidence=ALIKE)


def no_more(quantity: Quantity, one: str, other: str, margin: float) -> Part:
    """`one` exceeds the other by less than `margin`, and is claimed not to exceed it at all."""
    return Part(quantity, (one,), (other,), Range(high=margin), confidence=ALIKE, claimed=Range(high=0.0))
