"""What a claim is made of: a sentence, how it is put to the test, the parts that must hold, its pictures.

All of it is data. Nothing here reads evidence or draws.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from fmnist_core.replication.claims.quantities import Quantity
from fmnist_core.sentences import Sentence
from fmnist_core.statistics import ABOVE_ZERO, BELOW_ZERO, Range

SAME_LOSS = 0.05  # two losses that differ by less than 5 % of one another are alike
SAME_ACCURACY = 0.01  # and so are two accuracies less than one point apart: 100 of the 10,000 test images


@dataclass(frozen=True)
class Part:
    """One thing that must hold, tested seed by seed: a number of `of`, less that of `against`, lies `within`.

    Where a side has several experiments, the one that counts is, for each seed, the one whose validation
    accuracy is best at the end. As a "ratio", `of` is divided by `against`.
    """

    quantity: Quantity
    of: tuple[str, ...]
    against: tuple[str, ...] = ()
    within: Range = ABOVE_ZERO
    relation: Literal["difference", "ratio"] = "difference"
    against_quantity: Quantity | None = None

    @property
    def experiments(self) -> tuple[str, ...]:
        return self.of + self.against


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
class Claim:
    """`criterion` says in words what `parts` say in numbers; it holds if every part does.

    `varied` are the settings by which its experiments are told apart.
    """

    id: str
    reports: tuple[str, ...]
    sentence: Sentence
    criterion: Sentence
    varied: tuple[str, ...]
    parts: tuple[Part, ...]
    pictures: tuple[Picture, ...]

    @property
    def experiments(self) -> tuple[str, ...]:
        """Those that decide it, by id; every one is needed, with every seed."""
        return tuple(dict.fromkeys(id for part in self.parts for id in part.experiments))


def higher(quantity: Quantity, one: str, other: str) -> Part:
    return Part(quantity, (one,), (other,), ABOVE_ZERO)


def lower(quantity: Quantity, one: str, other: str) -> Part:
    return Part(quantity, (one,), (other,), BELOW_ZERO)


def falling(quantity: Quantity, experiments: Iterable[str]) -> tuple[Part, ...]:
    """Each lower than the one before."""
    return tuple(lower(quantity, later, earlier) for earlier, later in pairwise(experiments))


def rising(quantity: Quantity, experiments: Iterable[str]) -> tuple[Part, ...]:
    """Each higher than the one before."""
    return tuple(higher(quantity, later, earlier) for earlier, later in pairwise(experiments))


def under(quantity: Quantity, one: str, border: float) -> Part:
    return Part(quantity, (one,), within=Range(high=border))


def over(quantity: Quantity, one: str, border: float) -> Part:
    return Part(quantity, (one,), within=Range(low=border))


def between(quantity: Quantity, one: str, low: float, high: float) -> Part:
    return Part(quantity, (one,), within=Range(low, high))


def alike(quantity: Quantity, one: str, other: str, margin: float) -> Part:
    """Less than `margin` apart."""
    return Part(quantity, (one,), (other,), Range(-margin, margin))


def times(quantity: Quantity, one: str, other: str, low: float, high: float) -> Part:
    """`one` is between `low` and `high` times the other."""
    return Part(quantity, (one,), (other,), Range(low, high), "ratio")


def no_more(quantity: Quantity, one: str, other: str, margin: float) -> Part:
    """`one` exceeds the other by less than `margin`, if at all."""
    return Part(quantity, (one,), (other,), Range(-math.inf, margin))
