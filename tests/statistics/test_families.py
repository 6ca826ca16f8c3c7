"""Several tests at once: Holm's correction, and how often a lead is named where there is none."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from fmnist_core.statistics import apart, holm, two_sided_p
from tests.statistics.samples import SPREADS, TRIALS, at_most, samples


@given(samples)
def test_the_p_value_is_that_of_scipys_paired_test(sample: list[float]):
    assume(np.std(sample) > 1e-6)
    expected = scipy.stats.ttest_rel(sample, np.zeros(len(sample))).pvalue
    assert two_sided_p(sample) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_holms_own_steps():
    """Four p-values, the smallest against a quarter of the level, the next against a third, and so on."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]).size == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.randoms())
def test_holm_is_between_no_correction_and_bonferronis_and_knows_no_order(raw: list[float], luck):
    adjusted, order = holm(raw), luck.sample(range(len(raw)), len(raw))
    assert np.all(adjusted >= raw)
    assert np.all(adjusted <= np.minimum(1, np.array(raw) * len(raw)) + 1e-12)
    assert holm([raw[k] for k in order]) == pytest.approx(adjusted[order])


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("settings", [2, 4, 8, 12])
def test_of_settings_that_are_alike_the_best_is_seldom_said_to_lead(settings: int, spread: str):
    draw, named = np.random.default_rng(settings), 0
    for _trial in range(TRIALS):
        figures = SPREADS[spread](draw, (settings, 3))
        best = figures.mean(1).argmax()
        named += apart(figures, 0.01 if spread == "ties" else 0.0)[best].any()
    assert named <= at_most(0.05)


def test_without_the_correction_it_often_is():
    """Eight values, each but the best held against it alone: in about 4 sweeps of 10."""
    draw, named = np.random.default_rng(8), 0
    for _trial in range(TRIALS):
        figures = draw.normal(size=(8, 3))
        best = figures.mean(1).argmax()
        p_values = two_sided_p(figures[best] - np.delete(figures, best, axis=0))
        named += (p_values < 0.05).any()
    assert named == pytest.approx(0.42 * TRIALS, abs=0.05 * TRIALS)


def test_who_adds_seeds_until_a_lead_shows_is_wrong_as_often_as_the_page_says():
    figures = np.random.default_rng(0).normal(size=(4000, 10))
    shown = [two_sided_p(figures[:, :seeds]) < 0.05 for seeds in range(3, 11)]
    assert np.any(shown, axis=0).mean() == pytest.approx(0.17, abs=0.02)


def test_settings_that_differ_are_told_apart():
    figures = np.random.default_rng(0).normal(0, 0.001, (4, 5)) + np.array([[0.0], [0.0], [1.0], [2.0]])
    beyond = apart(figures)
    expected = [[a != b and {a, b} != {0, 1} for a in range(4)] for b in range(4)]
    assert beyond.tolist() == expected


def test_figures_that_agree_by_accident_are_no_proof():
    """Three accuracies of 100 images, each one image apart."""
    assert not apart([[0.80, 0.81, 0.79], [0.81, 0.82, 0.80]], resolution=0.01)[0, 1]
    assert apart([[0.80, 0.81, 0.79], [0.91, 0.92, 0.90]], resolution=0.01)[0, 1]
