"""Drawn curves against those that came: step by step, against numpy, and by the laws that they must keep."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fmnist_core.lessons.drawn_curve import (
    FLAT_CURVE,
    MOST_PLACES,
    CurveJudgement,
    Stretch,
    courses,
    curve_sentences,
    drawn_epochs,
    judge_curve,
)
from fmnist_core.lessons.quantities import QUANTITIES

AXIS = (0.0, 1.0)
LOSS = QUANTITIES["validation_loss"]
levels = st.integers(0, 1000).map(lambda level: level / 1000)
places = st.one_of(st.none(), levels)
pairs = st.lists(st.tuples(places, places), min_size=1, max_size=10)


def judged(*both: tuple[float | None, float | None]) -> CurveJudgement:
    drawn, came = zip(*both, strict=True)
    return judge_curve(drawn, came, AXIS)


@given(pairs)
def test_the_distance_is_the_mean_over_the_places_that_both_have(both):
    known = [(one, other) for one, other in both if None not in (one, other)]
    off = judged(*both).off
    if not known:
        assert off is None
    else:
        drawn, came = np.array(known).T
        assert off == pytest.approx(np.abs(drawn - came).mean())


@given(pairs)
def test_stretches_follow_one_another_and_cover_every_step_that_both_have(both):
    """Against one step after the other, none merged."""
    known = [k for k, values in enumerate(both) if None not in values]
    stretches = judged(*both).stretches
    steps = {}
    for stretch in stretches:
        inside = [k for k in known if stretch.first <= k <= stretch.last]
        steps |= dict.fromkeys(pairwise(inside), (stretch.drawn, stretch.came))
    assert list(steps) == list(pairwise(known))
    for one, other in pairwise(stretches):
        assert one.last == other.first
        assert (one.drawn, one.came) != (other.drawn, other.came)
    for side in (0, 1):
        curve = [both[k][side] for k in known]
        change = max(curve, default=0) - min(curve, default=0)
        for before, after in steps:
            rise = both[after][side] - both[before][side]
            still = change <= 0.02 or abs(rise) <= 0.05 * change
            assert steps[before, after][side] == ("flat" if still else "rising" if rise > 0 else "falling")


@given(st.lists(levels, min_size=2, max_size=10))
def test_who_draws_what_came_is_right_everywhere(came):
    judgement = judge_curve(came, came, AXIS)
    assert all(stretch.is_right for stretch in judgement.stretches)
    assert judgement.flat_drawn == judgement.flat_came
    assert judgement.off == 0


@given(st.lists(levels, min_size=2, max_size=10))
def test_a_curve_upside_down_falls_where_it_rose(values):
    swap = {"falling": "rising", "rising": "falling", "flat": "flat"}
    upside_down = [1 - value for value in values]
    assume(abs(max(values) - min(values) - FLAT_CURVE) > 1e-9)
    near = [abs(abs(b - a) - 0.05 * (max(values) - min(values))) < 1e-9 for a, b in pairwise(values)]
    for one, other, border in zip(courses(values, 1), courses(upside_down, 1), near, strict=True):
        assert border or one == swap[other]


def test_a_curve_that_falls_and_flattens():
    judgement = judged((0.9, 0.8), (0.6, 0.4), (0.3, 0.39), (0.0, 0.38))
    assert judgement.stretches == (Stretch(0, 1, "falling", "falling"), Stretch(1, 3, "falling", "flat"))
    assert (judgement.flat_drawn, judgement.flat_came) == (None, 1)
    assert [str(sentence) for sentence in curve_sentences(judgement, ["4", "16", "64", "256"], LOSS)] == [
        "Right: from 4 to 16 it falls, as you drew.",
        "Not so: from 16 to 256 it hardly changes; in your drawing it falls.",
        "It flattens at 16; your curve changes to its end.",
        "On average your curve is off by 0.1925.",
    ]


def test_steps_of_one_size_are_no_flat_end():
    assert set(courses([k / 100 for k in range(MOST_PLACES)], 1)) == {"rising"}


def test_a_hand_that_trembles_draws_a_flat_line():
    assert set(courses([0.5, 0.51, 0.495, 0.5], 1)) == {"flat"}


@pytest.mark.parametrize(
    ("drawn", "came", "said"),
    [
        ((1, 0.5, 0.5), (1, 0.5, 0.5), "It flattens at b, where you drew it."),
        ((1, 0.5, 0.2, 0.2), (1, 0.5, 0.5, 0.5), "It flattens at b; you drew that at c."),
        ((1, 0.5, 0.5), (1, 0.5, 0.1), "Your curve flattens at b; this one changes to its end."),
    ],
)
def test_where_it_flattens_is_said(drawn, came, said):
    sentences = curve_sentences(judge_curve(drawn, came, AXIS), "abcd", LOSS)
    assert said in map(str, sentences)


def test_many_stretches_are_counted():
    zigzag, falling = [0, 1] * 4, [k / 8 for k in range(8, 0, -1)]
    first, *_ = curve_sentences(judge_curve(zigzag, falling, AXIS), "abcdefgh", LOSS)
    assert str(first) == "In 3 of 7 steps it goes the way that you drew."


def test_places_without_a_value_are_not_judged():
    judgement = judged((0.9, 0.8), (0.5, None), (None, 0.3), (0.2, math.inf), (0.1, 0.3))
    assert judgement.stretches == (Stretch(0, 4, "falling", "falling"),)
    assert judgement.off == pytest.approx(0.15)
    assert curve_sentences(judged((None, 0.1), (0.2, None)), "ab", LOSS) == ()


def test_curves_of_other_places_are_refused():
    with pytest.raises(ValueError, match="2 places were drawn, and 1 came"):
        judge_curve([0.1, 0.2], [0.1], AXIS)


@given(st.integers(1, 500))
def test_epochs_to_draw_are_few_in_order_and_evenly_apart(epochs):
    drawn = drawn_epochs(epochs)
    assert drawn[0] == 1
    assert drawn[-1] == epochs
    assert len(drawn) == min(epochs, MOST_PLACES)
    gaps = np.diff(drawn)
    assert len(gaps) == 0 or (gaps.min() >= 1 and gaps.max() - gaps.min() <= 1)
