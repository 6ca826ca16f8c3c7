"""Precision, recall, F1 and differences of confusion matrices, against scikit-learn and by their laws."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from pages.parts.base.confusion import class_scores, difference, shares

CLASSES = 5
answers = st.lists(
    st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=60
)
counts = arrays(np.int64, (CLASSES, CLASSES), elements=st.integers(0, 50))


@given(answers)
def test_scores_are_those_of_scikit_learn(pairs: list[tuple[int, int]]):
    true, predicted = zip(*pairs, strict=True)
    labels = list(range(CLASSES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, f1, _support = precision_recall_fscore_support(
            true, predicted, labels=labels, zero_division=np.nan
        )
    scores = class_scores(confusion_matrix(true, predicted, labels=labels))
    np.testing.assert_allclose(scores.precision, precision)
    np.testing.assert_allclose(scores.recall, recall)
    np.testing.assert_allclose(scores.f1, f1)


@given(counts)
def test_nothing_is_divided_by_zero(matrix: np.ndarray):
    with np.errstate(all="raise"):
        scores = class_scores(matrix)
    assert (np.isnan(scores.precision) == (matrix.sum(0) == 0)).all()
    assert (np.isnan(scores.recall) == (matrix.sum(1) == 0)).all()


@given(counts.filter(lambda matrix: (matrix.sum(1) > 0).all()))
def test_shares_score_as_a_matrix_of_equally_many_images_a_class(matrix: np.ndarray):
    alike = np.lcm.reduce(matrix.sum(1)) // matrix.sum(1)
    scores, expected = class_scores(shares(matrix)), class_scores(matrix * alike[:, None])
    np.testing.assert_allclose(scores.precision, expected.precision)
    np.testing.assert_allclose(scores.f1, expected.f1)


@given(counts, counts)
def test_a_difference_turned_round_has_the_other_sign_and_takes_from_one_cell_what_it_gives_another(
    first: np.ndarray, second: np.ndarray
):
    grown = difference(first, second)
    np.testing.assert_array_equal(grown, -difference(second, first))
    both = (first.sum(1) > 0) & (second.sum(1) > 0)
    assert grown[both].sum(1) == pytest.approx(np.zeros(both.sum()), abs=1e-12)
