"""The rank correlation of two pictures, against SciPy."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from pages.parts.mistakes.rank_correlation import rank_correlation


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_it_is_spearman_s_also_where_many_pixels_are_alike(levels: int):
    first, second = np.random.default_rng(levels).integers(0, levels, (2, 28, 28)).astype(np.float32)
    second += first
    expected = spearmanr(first.ravel(), second.ravel()).statistic
    assert rank_correlation(first, second) == pytest.approx(expected, abs=1e-12)


def test_ranks_without_any_order_have_no_similarity():
    assert np.isnan(rank_correlation(np.zeros(9), np.arange(9)))
    assert rank_correlation(np.arange(9), np.arange(9) ** 3) == pytest.approx(1)
