"""Decisions: whether a mean, as far as seeds tell it, lies in a range; of one test and of several."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from fmnist_core.statistics.estimates import CONFIDENCE, Estimate, Range, estimate
from fmnist_core.statistics.families import holm

Decision = Literal["confirmed", "margin", "refuted", "noise", "missing"]
FEWEST_SEEDS = 3
WRONGLY_REFUTED = 0.025  # at most so often, of claims whose parts all hold


@dataclass(frozen=True)
class Hypothesis:
    """A mean, if seeds told one, that must lie `within` a range with this `confidence`.

    With a `claimed` range, narrower than `within`, "margin" is said of a mean that lies within, and clearly
    not where it was claimed to be.
    """

    known: Estimate | None
    within: Range
    confidence: float = CONFIDENCE
    claimed: Range | None = None


def decide(
    values: Sequence[float], within: Range, of: Callable[[Sequence[float]], Estimate] = estimate
) -> Decision:
    """Whether the true mean lies in the range, by the package's rule; or one more number, `prediction`."""
    if len(values) < FEWEST_SEEDS:
        return "missing"
    known = of(values).interval()
    if _inside(known, within):
        return "confirmed"
    return "refuted" if _outside(known, within) else "noise"


def decisions(tests: Sequence[Hypothesis]) -> tuple[Decision, ...]:
    """One for each part of a claim; those that refute are corrected for one another.

    What is confirmed needs no such correction, since a claim is confirmed only if all its parts are (R. L.
    Berger, Multiparameter hypothesis testing, Technometrics 24 (1982), 295–300). A border on either side is
    two one-sided tests: D. J. Schuirmann, A comparison of the two one-sided tests procedure and the power
    approach, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987), 657–680.
    """
    chances = [_chance_within(test) for test in tests]
    known = [chance for chance in chances if chance is not None]
    corrected = iter(holm(known))
    return tuple(
        "missing" if chance is None else _decision(test, float(next(corrected)))
        for test, chance in zip(tests, chances, strict=True)
    )


def all_of(of_parts: Iterable[Decision]) -> Decision:
    """That of a claim whose every part must hold. It waits for all its evidence, whatever a part says."""
    said = set(of_parts)
    order: tuple[Decision, ...] = ("missing", "refuted", "noise", "margin")
    return next((decision for decision in order if decision in said), "confirmed")


def false_confirmation(tests: Iterable[Hypothesis]) -> float:
    """How often luck confirms a false claim, at most: one part lies at its border, all others hold."""
    return max((1 - test.confidence) / 2 for test in tests)


def _decision(test: Hypothesis, chance: float) -> Decision:
    assert test.known is not None, "what has no evidence is missing"
    if chance < WRONGLY_REFUTED:
        return "refuted"
    if not _inside(test.known.interval(test.confidence), test.within):
        return "noise"
    beside = test.claimed is not None and _outside(test.known.interval(), test.claimed)
    return "margin" if beside else "confirmed"


def _chance_within(test: Hypothesis) -> float | None:
    """How often luck would take a mean so far out of the range, if it lay within; `None` without evidence."""
    if test.known is None or test.known.seeds < FEWEST_SEEDS:
        return None
    sides = [
        chance(border)
        for border, chance in (
            (test.within.high, test.known.chance_under),
            (test.within.low, test.known.chance_over),
        )
        if math.isfinite(border)
    ]
    return min(1.0, len(sides) * min(sides)) if sides else 1.0


def _inside(known: Range, within: Range) -> bool:
    return _beyond(known.low, within.low) and _beyond(-known.high, -within.high)


def _outside(known: Range, within: Range) -> bool:
    return known.low > within.high or known.high < within.low


def _beyond(bound: float, border: float) -> bool:
    return bound > border or border == -math.inf
