"""The verdict rule: on made-up evidence of known answer, and by the laws that it must keep."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fmnist_core import statistics
from fmnist_core.statistics import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Range,
    all_of,
    decide,
    differences,
    estimate,
    hedges_g,
)
from tests.statistics.samples import samples, values

ranges = st.tuples(values, values).filter(lambda ends: ends[0] < ends[1]).map(lambda ends: Range(*ends))
OPPOSITE = {"confirmed": "refuted", "refuted": "confirmed", "noise": "noise", "missing": "missing"}
some_decisions = st.sampled_from(["confirmed", "margin", "refuted", "noise", "missing"])


@pytest.mark.parametrize(
    ("sample", "decision"),
    [
        ([0.010, 0.011, 0.012], "confirmed"),
        ([-0.010, -0.011, -0.012], "refuted"),
        ([0.010, -0.011, 0.012], "noise"),
        ([0.001, 0.010, 0.030], "noise"),  # all above zero, and yet three such seeds prove nothing
        ([0.010, 0.010, 0.010], "confirmed"),  # nothing left to chance
        ([0.0, 0.0, 0.0], "noise"),
        ([0.010, 0.011], "missing"),
        ([], "missing"),
        ([math.inf, math.inf, math.inf], "confirmed"),
        ([-math.inf] * 3, "refuted"),
        ([math.inf, 0.1, 0.1], "noise"),
    ],
)
def test_is_it_above_zero(sample: list[float], decision: str):
    assert decide(sample, ABOVE_ZERO) == decision


@pytest.mark.parametrize(
    ("sample", "decision"),
    [
        ([4.9, 5.0, 5.1], "confirmed"),
        ([6.4, 6.5, 6.6], "refuted"),
        ([3.4, 3.5, 3.6], "refuted"),
        ([3.9, 4.1, 4.0], "noise"),
        ([3.0, 5.0, 7.0], "noise"),
    ],
)
def test_is_it_about_five(sample: list[float], decision: str):
    assert decide(sample, Range(4, 6)) == decision


def test_seeds_are_paired():
    """Luck that both settings share drops out: what differs is the same in every pair."""
    one, other = {0: 0.50, 1: 0.70, 2: 0.60, 3: 0.1}, {2: 0.59, 1: 0.69, 0: 0.49}
    paired = differences(one, other)
    assert list(paired) == [0, 1, 2]
    assert decide(list(paired.values()), ABOVE_ZERO) == "confirmed"
    assert abs(hedges_g(one, other)) < 0.5  # small beside the spread of the settings all the same


@given(samples, values)
def test_to_refute_is_to_confirm_the_opposite(sample: list[float], border: float):
    over, under = decide(sample, Range(low=border)), decide(sample, Range(high=border))
    assert under == OPPOSITE[over]


@given(samples)
def test_the_mirror_image_gives_the_opposite(sample: list[float]):
    mirrored = [-value for value in sample]
    assert decide(mirrored, ABOVE_ZERO) == OPPOSITE[decide(sample, ABOVE_ZERO)]
    assert decide(mirrored, BELOW_ZERO) == decide(sample, ABOVE_ZERO)


@given(samples, ranges, st.floats(1, 100))
def test_more_noise_never_decides(sample: list[float], within: Range, factor: float):
    middle = statistics.mean(sample)
    noisier = [middle + factor * (value - middle) for value in sample]
    assert decide(noisier, within) in (decide(sample, within), "noise")


@given(samples, ranges)
def test_what_lies_in_a_range_lies_in_every_wider_one(sample: list[float], within: Range):
    if decide(sample, within) == "confirmed":
        assert decide(sample, Range(within.low - 1, within.high)) == "confirmed"
        assert decide(sample, Range(high=within.high)) == "confirmed"


@given(samples, ranges, st.permutations(range(3)))
def test_seeds_have_no_order(sample: list[float], within: Range, order: list[int]):
    assert decide([sample[k] for k in order], within) == decide(sample[:3], within)


@given(samples, st.floats(0.1, 10), values)
def test_units_do_not_matter(sample: list[float], factor: float, shift: float):
    known = estimate(sample)
    assume(min(abs(known.low), abs(known.high)) > 1e-6)
    assert decide([factor * value for value in sample], ABOVE_ZERO) == decide(sample, ABOVE_ZERO)
    moved = [value + shift for value in sample]
    assert decide(moved, Range(low=shift)) == decide(sample, ABOVE_ZERO)


@given(st.lists(values, max_size=2), ranges)
def test_two_seeds_decide_nothing(sample: list[float], within: Range):
    assert decide(sample, within) == "missing"


@given(st.lists(some_decisions, min_size=1))
def test_a_chain_is_as_strong_as_its_weakest_part(parts: list[str]):
    together = all_of(parts)
    assert together in parts
    assert (together == "confirmed") == (set(parts) == {"confirmed"})
    assert (together == "missing") == ("missing" in parts)
    assert together not in ("noise", "margin") or "refuted" not in parts
