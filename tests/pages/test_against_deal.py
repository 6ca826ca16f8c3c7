"""Which garments a game shows, and what its answers come to: against scikit-learn and SciPy."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix

from fmnist_core.data import fashion_mnist
from pages.parts.against.deal import deal
from pages.parts.against.score import Score, wilson

LABELS = np.repeat(np.arange(10), 100)[np.random.default_rng(3).permutation(1000)]


@pytest.mark.parametrize("seed", [0, 1, 2026, 9999])
def test_garments_depend_on_the_seed_only_and_are_distinct(seed: int):
    forty = deal(LABELS, seed, 40)
    np.random.default_rng(1).random(5)
    np.testing.assert_array_equal(forty, deal(LABELS.copy(), seed, 40))
    np.testing.assert_array_equal(forty[:20], deal(LABELS, seed, 20))
    assert len(set(forty.tolist())) == 40
    for block in (forty[:20], forty[20:]):
        assert set(LABELS[block]) == set(range(10))


def test_other_seeds_deal_other_garments_and_a_class_may_come_more_often():
    dealt = [deal(LABELS, seed, 20) for seed in range(200)]
    assert len({tuple(garments) for garments in dealt}) == 200
    most = {int(np.bincount(LABELS[garments]).max()) for garments in dealt}
    assert min(most) >= 2
    assert max(most) > 3, "as many of each class would give the last ones away"
    last = np.bincount([LABELS[garments[-1]] for garments in dealt], minlength=10)
    assert last.min() > 5, "any class may come last"


@pytest.mark.parametrize("count", [10, 30, 1020])
def test_what_cannot_be_dealt_is_refused(count: int):
    with pytest.raises(ValueError, match=f"{count} of 1000 garments"):
        deal(LABELS, 0, count)


def test_the_sample_has_enough_for_the_longest_game():
    labels = fashion_mnist.load().test_labels
    assert set(labels[deal(labels, 5, 40)]) == set(range(10))


@pytest.mark.parametrize("seed", range(5))
def test_accuracy_and_matrix_are_those_of_scikit_learn(seed: int):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, 40)
    answers = np.where(generator.random(40) < 0.7, labels, generator.integers(0, 10, 40))
    score = Score(answers, labels)
    assert score.accuracy == pytest.approx(accuracy_score(labels, answers))
    np.testing.assert_array_equal(score.confusion, confusion_matrix(labels, answers, labels=range(10)))
    assert score.count == score.confusion.trace()


@pytest.mark.parametrize(("right", "count"), [(0, 1), (1, 1), (0, 20), (13, 20), (20, 20), (37, 40)])
def test_the_interval_is_wilsons(right: int, count: int):
    known = binomtest(right, count).proportion_ci(method="wilson")
    assert wilson(right, count) == pytest.approx((known.low, known.high), abs=1e-12)
