"""How many seeds a test needs until it most likely decides, if all stays as it looks today."""

from __future__ import annotations

import math

from fmnist_core.statistics.decisions import FEWEST_SEEDS, WRONGLY_REFUTED, Hypothesis
from fmnist_core.statistics.estimates import Estimate, Range, students_t

POWER = 0.8
MOST_SEEDS = 100


def seeds_to_decide(test: Hypothesis) -> int | None:
    """The fewest seeds with which a test decides in a share `POWER` of all trials, either way.

    Today's mean and standard deviation are taken to be the true ones, which few seeds know badly. `None`
    where 100 are not enough. The power is that of Student's test (the non-central t distribution); other
    parts of a claim are left out of account.
    """
    known = test.known
    if known is None or known.seeds < 2 or not math.isfinite(known.mean) or not known.error:
        return None
    holds = test.within.low < known.mean < test.within.high
    for seeds in range(FEWEST_SEEDS, MOST_SEEDS + 1):
        later = known.with_seeds(seeds)
        power = _confirms(later, test) if holds else _refutes(later, test.within)
        if power >= POWER:
            return seeds
    return None


def _confirms(later: Estimate, test: Hypothesis) -> float:
    reach = students_t(later.degrees, test.confidence)
    inside = later.mean - test.within.low, test.within.high - later.mean
    return 1 - sum(_under(later, reach, away) for away in inside)


def _refutes(later: Estimate, within: Range) -> float:
    has_two_sides = math.isfinite(within.low) and math.isfinite(within.high)
    reach = students_t(later.degrees, 1 - (1 if has_two_sides else 2) * WRONGLY_REFUTED)
    return 1 - _under(later, reach, max(within.low - later.mean, later.mean - within.high))


def _under(later: Estimate, reach: float, away: float) -> float:
    """How often a mean so far `away` from a border lies less than `reach` errors from it."""
    from scipy.special import nctdtr

    return 0.0 if math.isinf(away) else float(nctdtr(later.degrees, away / later.error, reach))
