"""Claims of several parts: how often luck decides them, margins, and how many seeds would decide."""

import math

import numpy as np
import pytest

from fmnist_core.statistics import (
    ABOVE_ZERO,
    POWER,
    Hypothesis,
    Range,
    all_of,
    decide,
    decisions,
    estimate,
    seeds_to_decide,
)
from tests.statistics.samples import SPREADS, TRIALS, at_most


def held(sample, within: Range, **how) -> Hypothesis:
    return Hypothesis(estimate(sample), within, **how)


@pytest.mark.parametrize("parts", [1, 3, 8])
@pytest.mark.parametrize("spread", SPREADS)
def test_luck_seldom_decides_a_claim_whose_parts_lie_at_their_borders(parts: int, spread: str):
    """True differences of zero: refuted in 2.5 of 100 claims at most, and confirmed no more often."""
    draw, said = np.random.default_rng(parts), []
    for _trial in range(TRIALS):
        pairs = SPREADS[spread](draw, (2 * parts, 3)).reshape(parts, 2, 3)
        least = 0.01 / math.sqrt(6) if spread == "ties" else 0.0
        samples = [estimate((one - other).tolist(), least=least) for one, other in pairs]
        said.append(all_of(decisions([Hypothesis(known, ABOVE_ZERO) for known in samples])))
    assert said.count("refuted") <= at_most(0.025)
    assert said.count("confirmed") <= at_most(0.025)


def test_uncorrected_eight_parts_would_be_refuted_by_luck_in_18_of_100_claims():
    draw, refuted = np.random.default_rng(0), 0
    for _trial in range(TRIALS):
        refuted += any(
            decide(sample, ABOVE_ZERO) == "refuted" for sample in draw.normal(size=(8, 3)).tolist()
        )
    assert refuted == pytest.approx((1 - 0.975**8) * TRIALS, abs=0.045 * TRIALS)


def test_what_is_just_not_alike_is_seldom_said_to_be():
    """The true difference lies at the margin: two one-sided tests say "alike" in 5 of 100 trials."""
    drawn = np.random.default_rng(0).normal(1.0, 0.2, (2000, 3)).tolist()
    said = [decisions([held(sample, Range(-1, 1), confidence=0.90)])[0] for sample in drawn]
    assert said.count("confirmed") == pytest.approx(100, abs=30)


@pytest.mark.parametrize(
    ("sample", "decision"),
    [
        ([0.001, -0.001, 0.0005], "confirmed"),
        ([0.004, 0.0045, 0.005], "margin"),  # better, by less than a point
        ([-0.004, -0.0045, -0.005], "confirmed"),
        ([0.02, 0.021, 0.022], "refuted"),
        ([0.0, 0.01, 0.02], "noise"),
    ],
)
def test_no_better_by_a_margin(sample: list[float], decision: str):
    test = held(sample, Range(high=0.01), confidence=0.90, claimed=Range(high=0.0))
    assert decisions([test]) == (decision,)


def test_a_part_without_evidence_takes_no_part_in_the_correction():
    refuting = held([-0.010, -0.011, -0.012], ABOVE_ZERO)
    assert decisions([refuting, Hypothesis(None, ABOVE_ZERO)]) == ("refuted", "missing")
    assert decisions([]) == ()


def test_seeds_to_decide_have_the_power_that_is_said():
    known = estimate([0.1, -0.02, 0.11, 0.05])
    seeds = seeds_to_decide(Hypothesis(known, ABOVE_ZERO))
    drawn = np.random.default_rng(0).normal(known.mean, known.standard_deviation, (1500, seeds)).tolist()
    power = sum(decide(sample, ABOVE_ZERO) == "confirmed" for sample in drawn) / 1500
    assert POWER - 0.03 < power < 0.95
    fewer = [sample[:-1] for sample in drawn]
    assert sum(decide(sample, ABOVE_ZERO) == "confirmed" for sample in fewer) / 1500 < POWER + 0.03
    assert seeds_to_decide(held([1e-6, -1e-6, 1e-7], ABOVE_ZERO)) is None
    assert seeds_to_decide(held([-0.5, -0.51, -0.52], ABOVE_ZERO)) == 3
