"""Estimates, differences and verdicts from a few runs of the same setting with different seeds.

The rule, in words. Two settings are compared seed by seed: seed 0 of one with seed 0 of the other, since both
deal the images alike. That makes one difference a seed. Their mean says how large the effect is, and their
standard deviation s how much luck there is in it. The mean of n differences is known to within t · s / √n on
either side, where t is Student's: 4.30 for three seeds, 2.78 for five. Were all seeds drawn anew a hundred
times, about 95 of the hundred intervals made like this would hold the true difference. A claim says in which
range that lies, "above zero" for instance:

* confirmed: the whole interval lies inside the range;
* refuted: the whole interval lies outside it;
* within seed noise: it lies across the border, so that luck alone may have made what was seen;
* not enough evidence yet: under three seeds, which say next to nothing of their own deviation.

A claim of several parts is confirmed if every part is, refuted if one part is, and else within seed noise.
A published figure is one run, with luck of its own: ours differs only if the figure lies outside the wider
interval in which one more run of ours would lie, mean ± t · s · √(1 + 1 / n).
Seeds are all the luck that is counted here: the test images are the same 10,000 for everyone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np

Decision = Literal["confirmed", "refuted", "noise", "missing"]
FEWEST_SEEDS = 3
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Range:
    """The numbers between `low` and `high`."""

    low: float = -math.inf
    high: float = math.inf


ABOVE_ZERO, BELOW_ZERO = Range(low=0.0), Range(high=0.0)


@dataclass(frozen=True)
class Estimate:
    """What some numbers, one a seed, tell of their true mean: it lies between `low` and `high`, most likely.

    A seed whose number is infinite (a run that diverged) leaves nothing to be known, unless all of them are.
    """

    mean: float
    standard_deviation: float
    low: float
    high: float
    seeds: int

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2 if math.isfinite(self.high - self.low) else math.inf


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def standard_deviation(values: Sequence[float]) -> float:
    """The standard deviation, as estimated from a few values of many (divided by n - 1)."""
    return float(np.std(values, ddof=1))


def differences(one: Mapping[int, float], other: Mapping[int, float]) -> dict[int, float]:
    """`one` minus `other`, seed by seed, for the seeds that both have."""
    return {seed: one[seed] - other[seed] for seed in sorted(one.keys() & other.keys())}


def estimate(values: Sequence[float]) -> Estimate:
    """From two values or more."""
    if not np.all(np.isfinite(values)):
        alike = len(set(values)) == 1
        low, high = (values[0], values[0]) if alike else (-math.inf, math.inf)
        return Estimate(values[0] if alike else math.nan, 0.0 if alike else math.inf, low, high, len(values))
    middle, around = mean(values), standard_deviation(values)
    reach = students_t(len(values) - 1) * around / math.sqrt(len(values))
    return Estimate(middle, around, middle - reach, middle + reach, len(values))


def prediction(values: Sequence[float]) -> Estimate:
    """As `estimate`, but between `low` and `high` lies, most likely, the number of one more seed."""
    known = estimate(values)
    if not math.isfinite(known.half_width):
        return known
    reach = known.half_width * math.sqrt(len(values) + 1)
    return replace(known, low=known.mean - reach, high=known.mean + reach)


def decide(
    values: Sequence[float], within: Range, of: Callable[[Sequence[float]], Estimate] = estimate
) -> Decision:
    """Whether the true mean lies in the range, by the rule above; or one more number, `of=prediction`."""
    if len(values) < FEWEST_SEEDS:
        return "missing"
    known = of(values)
    if _beyond(known.low, within.low) and _beyond(-known.high, -within.high):
        return "confirmed"
    return "refuted" if known.low > within.high or known.high < within.low else "noise"


def all_of(decisions: Iterable[Decision]) -> Decision:
    """That of a claim whose every part must hold. It waits for all its evidence, whatever a part says."""
    of_parts = set(decisions)
    order: tuple[Decision, ...] = ("missing", "refuted", "noise")
    return next((decision for decision in order if decision in of_parts), "confirmed")


def effect_size(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """How many standard deviations two settings' means lie apart (Cohen's d): under 0.5 little, over 2 much.

    The deviation is that of the settings over seeds, both together. Seeds in pairs, two or more of them.
    """
    seeds = sorted(one.keys() & other.keys())
    ours, theirs = [one[seed] for seed in seeds], [other[seed] for seed in seeds]
    if not np.all(np.isfinite([*ours, *theirs])):
        return math.nan
    difference = mean(ours) - mean(theirs)
    deviation = math.hypot(standard_deviation(ours), standard_deviation(theirs)) / math.sqrt(2)
    if deviation == 0:
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / deviation


@cache
def students_t(degrees: int) -> float:
    """How many standard errors to go to either side so that a share of `CONFIDENCE` lies between."""
    from scipy.special import stdtrit  # 27 MB, which a server that shows no verdict need not hold

    return float(stdtrit(degrees, (1 + CONFIDENCE) / 2))


def _beyond(bound: float, border: float) -> bool:
    return bound > border or border == -math.inf
