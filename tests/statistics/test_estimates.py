"""Means, their intervals and effect sizes: against printed tables, SciPy and the textbook's sums."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given

from fmnist_core import statistics
from fmnist_core.statistics import Range, contrast, estimate, hedges_g, prediction
from tests.statistics.samples import at_most, samples


@pytest.mark.parametrize(
    ("degrees", "printed"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (30, 2.042)]
)
def test_students_t_is_that_of_the_tables(degrees: int, printed: float):
    assert statistics.students_t(degrees) == pytest.approx(printed, abs=5e-4)


@given(samples)
def test_the_interval_is_that_of_scipys_paired_test(sample: list[float]):
    assume(np.std(sample) > 1e-6)
    expected = scipy.stats.ttest_rel(sample, np.zeros(len(sample))).confidence_interval(0.95)
    known = estimate(sample)
    scale = max(abs(known.low), abs(known.high))
    assert (known.low, known.high) == pytest.approx(tuple(expected), abs=1e-9 * scale)
    assert known.half_width == pytest.approx((known.high - known.low) / 2)


def test_the_interval_holds_the_truth_as_often_as_is_said():
    """The docstring promises 95 in 100; of 2,000 triples of seeds that is 1,900, give or take."""
    drawn = np.random.default_rng(0).normal(0.3, 0.1, (2000, 3))
    held = sum(known.low < 0.3 < known.high for known in map(estimate, drawn.tolist()))
    assert held == pytest.approx(1900, abs=40)


def test_one_more_seed_lies_where_it_is_foreseen_as_often_as_is_said():
    drawn = np.random.default_rng(0).normal(0.3, 0.1, (2000, 4))
    foreseen = map(prediction, drawn[:, :3].tolist())
    held = sum(known.low < more < known.high for known, more in zip(foreseen, drawn[:, 3], strict=True))
    assert held == pytest.approx(1900, abs=40)


def test_effect_size_is_hedges_g():
    """Cohen's d, less the share that Hedges' exact correction takes off; ours is his approximation."""
    one, other = {0: 0.50, 1: 0.54, 2: 0.52, 7: 9.0}, {0: 0.41, 1: 0.43, 2: 0.45, 8: -9.0}
    pooled = math.sqrt((np.var([0.50, 0.54, 0.52], ddof=1) + np.var([0.41, 0.43, 0.45], ddof=1)) / 2)
    exact = math.gamma(4 / 2) / (math.sqrt(4 / 2) * math.gamma(3 / 2))
    assert hedges_g(one, other) == pytest.approx((0.52 - 0.43) / pooled * exact, rel=0.01)
    for undefined in ({0: 1.0, 1: 1.0}, {0: 1.0, 1: math.inf}, {0: 1.0}):
        assert hedges_g(undefined, {0: 0.0, 1: 0.0}) is None


def test_of_many_seeds_hedges_g_is_the_true_distance():
    draw = np.random.default_rng(0)
    g = [
        hedges_g(dict(enumerate(draw.normal(1, 1, 3))), dict(enumerate(draw.normal(0, 1, 3))))
        for _trial in range(2000)
    ]
    assert np.mean(g) == pytest.approx(1.0, abs=0.06)


@given(samples, samples)
def test_effect_size_turns_round_with_its_sides(one: list[float], other: list[float]):
    ours, theirs = dict(enumerate(one)), dict(enumerate(other))
    g = hedges_g(ours, theirs)
    assert hedges_g(theirs, ours) == (None if g is None else -g)


@pytest.mark.parametrize(("unequal", "share"), [(1, 0.05), (3, 0.07)])
@pytest.mark.parametrize("pair", [0, 1, 2])
def test_pooled_luck_seldom_decides_a_pair_even_where_spreads_are_unequal(
    pair: int, unequal: float, share: float
):
    draw, decided, trials = np.random.default_rng(pair), 0, 800
    weights, spreads = np.zeros(4), np.geomspace(1, unequal, 4)[:, None]
    weights[[pair, pair + 1]] = 1, -1
    for _trial in range(trials):
        reach = contrast(draw.normal(0, spreads, (4, 3)), weights).interval()
        decided += not reach.low < 0 < reach.high
    assert decided <= at_most(share, trials)


@pytest.mark.parametrize("seed", range(6))
def test_a_contrast_is_that_of_the_analysis_of_variance(seed: int):
    """Against the textbook's sums of squares, by SciPy's distribution; or the pair's own 90 % if wider."""
    table = np.random.default_rng(seed).normal(size=(4, 5))
    known = contrast(table, (1, -1, 0, 0))
    residual = table - table.mean(0) - (table.mean(1) - table.mean())[:, None]
    pooled = scipy.stats.t.ppf(0.975, 12) * math.sqrt((residual**2).sum() / 12 * 2 / 5)
    own = scipy.stats.t.ppf(0.95, 4) * scipy.stats.sem(table[0] - table[1])
    reach = max(pooled, own)
    assert (known.low, known.high) == pytest.approx((known.mean - reach, known.mean + reach))
    assert known.mean == pytest.approx(table[0].mean() - table[1].mean())
    two = contrast(table[:2], (1, -1))
    paired = estimate((table[0] - table[1]).tolist())
    assert (two.mean, two.error, two.degrees) == pytest.approx((paired.mean, paired.error, paired.degrees))


def test_the_luck_of_the_images_widens_and_more_seeds_do_not_end_it():
    alone, shared = estimate([0.90, 0.91, 0.92]), estimate([0.90, 0.91, 0.92], luck=0.003)
    assert shared.error == pytest.approx(math.hypot(alone.error, 0.003))
    assert shared.with_seeds(10_000).error == pytest.approx(0.003, rel=0.01)
    satterthwaite = shared.error**4 / (alone.error**4 / 2)
    assert shared.degrees == pytest.approx(satterthwaite)
    assert shared.with_seeds(3).error == pytest.approx(shared.error)


def test_whole_numbers_that_agree_are_not_known_exactly():
    known = estimate([12.0, 12.0, 12.0], least=1 / math.sqrt(12), possible=Range(low=1.0))
    assert known.low < 12 < known.high
    assert estimate([1.0, 2.0, 1.0], possible=Range(low=1.0)).low == 1.0
