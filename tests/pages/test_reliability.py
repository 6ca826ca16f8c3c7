"""Calibration against scikit-learn, and doubtful labels against the library of those who thought of them."""

import warnings

import numpy as np
import pytest
from cleanlab.filter import find_label_issues
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from pages.parts.base.confusion import class_scores
from pages.parts.mistakes.answered import Answered
from pages.parts.mistakes.calibration import BINS, reliability
from pages.parts.mistakes.hardest import wrong_counts
from pages.parts.mistakes.label_doubts import label_doubts


def random_answers(seed: int, n: int = 400, classes: int = 10) -> Answered:
    generator = np.random.default_rng(seed)
    scores = generator.normal(0, generator.uniform(0.5, 3), (n, classes))
    labels = generator.integers(0, classes, n)
    scores[np.arange(n), labels] += generator.uniform(0, 4)
    chances = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    return Answered(chances.astype(np.float32), labels.astype(np.uint8))


@given(st.integers(0, 10_000))
def test_the_bins_are_those_of_scikit_learn_and_the_error_follows_from_them(seed: int):
    answered = random_answers(seed)
    right = answered.guesses == answered.labels
    bins = reliability(answered.confidences, right)
    accuracy, confidence = calibration_curve(right, answered.confidences, n_bins=BINS)
    filled = bins.count > 0
    np.testing.assert_allclose(bins.accuracy[filled], accuracy, rtol=1e-6)
    np.testing.assert_allclose(bins.confidence[filled], confidence, rtol=1e-6)
    share = bins.count[filled] / len(right)
    assert bins.error == pytest.approx(float(share @ np.abs(accuracy - confidence)), abs=1e-6)


def test_sure_of_everything_and_right_in_half_is_an_error_of_one_half():
    bins = reliability(np.ones(10), np.arange(10) < 5)
    assert bins.error == pytest.approx(0.5)
    assert bins.count.tolist() == [0] * (BINS - 1) + [10]


def test_confidence_that_comes_true_is_no_error():
    confidences = np.repeat([0.5, 0.9], [100, 100])
    right = np.concatenate([np.arange(100) < 50, np.arange(100) < 90])
    assert reliability(confidences, right).error == pytest.approx(0, abs=1e-12)


@given(st.integers(0, 10_000))
def test_the_matrix_and_the_means_of_its_classes_are_those_of_scikit_learn(seed: int):
    answered = random_answers(seed, n=120)
    matrix = confusion_matrix(answered.labels, answered.guesses, labels=range(10))
    np.testing.assert_array_equal(answered.confusion, matrix)
    scores = class_scores(answered.confusion)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for mine, theirs in (
            (scores.precision, precision_score),
            (scores.recall, recall_score),
            (scores.f1, f1_score),
        ):
            macro = theirs(
                answered.labels, answered.guesses, labels=range(10), average="macro", zero_division=np.nan
            )
            assert np.nanmean(mine) == pytest.approx(macro)


@pytest.mark.parametrize("seed", range(8))
def test_doubtful_labels_are_those_of_cleanlab_in_its_order(seed: int):
    answered = random_answers(seed)
    wrong = np.random.default_rng(seed).random(len(answered.labels)) < 0.1
    labels = np.where(wrong, (answered.labels + 3) % 10, answered.labels)
    theirs = find_label_issues(
        labels,
        answered.probabilities.astype(np.float64),
        filter_by="confident_learning",
        return_indices_ranked_by="normalized_margin",
        n_jobs=1,
    )
    mine = label_doubts(labels, answered.probabilities.astype(np.float64))
    assert mine.indices.tolist() == theirs.tolist()


def test_labels_that_were_made_wrong_are_doubted_first():
    answered = random_answers(3, n=1000)
    chances = np.full((1000, 10), 0.01, np.float32)
    chances[np.arange(1000), answered.labels] = 0.91
    labels = answered.labels.copy()
    labels[:30] = (labels[:30] + 1) % 10
    doubts = label_doubts(labels, chances)
    assert sorted(doubts.indices.tolist()) == list(range(30))
    np.testing.assert_array_equal(doubts.suggested, answered.labels[doubts.indices])


def test_a_class_without_images_is_suggested_for_none():
    chances = np.full((20, 3), 1 / 3)
    assert len(label_doubts(np.zeros(20, np.int64), chances).indices) == 0


def test_how_many_networks_are_wrong_of_each_garment():
    labels = np.array([0, 1, 2])
    assert wrong_counts([np.array([0, 1, 0]), np.array([0, 2, 0])], labels).tolist() == [0, 1, 2]
