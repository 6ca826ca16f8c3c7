"""When a difference between two settings is said to be luck, against the t test of SciPy."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from fmnist_core.diagnosis.seeds import seed_noise
from fmnist_core.spec import read_spec

SPEC = read_spec({"architecture": "ff_classifier", "seed": 0})

values = st.floats(0.1, 3.0)


@given(st.lists(values, min_size=2, max_size=5), st.lists(values, min_size=2, max_size=5))
def test_it_is_luck_where_a_t_test_of_equal_variances_finds_nothing(one: list[float], other: list[float]):
    assume(min(max(some) - min(some) for some in (one, other)) > 1e-6)
    p = ttest_ind(one, other).pvalue
    assume(abs(p - 0.05) > 1e-6)
    finding = seed_noise(SPEC, dict(enumerate(one)), dict(enumerate(other)))
    assert (finding is not None) == (p > 0.05)


def test_the_experiment_is_one_more_seed():
    finding = seed_noise(SPEC, {0: 0.5, 1: 0.6, 3: 0.4}, {0: 0.52})
    assert finding.change == {"seed": 2}
    assert "0.0200" in str(finding.evidence)
    assert finding.experiment(SPEC).seed == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [({0: 0.5}, {0: 0.6}), ({0: 0.5, 1: 0.6}, {0: 0.5}), ({}, {0: 0.5, 1: 0.6, 2: 0.7}), ({0: math.nan}, {})],
)
def test_nothing_is_said_of_too_few_runs(one: dict[int, float], other: dict[int, float]):
    assert seed_noise(SPEC, one, other) is None


def test_a_difference_far_beyond_the_scatter_is_none_of_luck():
    assert seed_noise(SPEC, {0: 0.5, 1: 0.51, 2: 0.49}, {0: 0.9, 1: 0.91, 2: 0.89}) is None
