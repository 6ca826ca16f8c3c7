"""Lower, alike or higher: against a plain count, its symmetries, and what is said of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.lessons.direction import direction_sentences, judge_direction
from fmnist_core.lessons.quantities import QUANTITIES

OPPOSITE = {"lower": "higher", "higher": "lower", "alike": "alike"}
LOSS = QUANTITIES["validation_loss"]
values = st.floats(-10, 10) | st.sampled_from([0.0, math.inf, -math.inf])
shares = st.sampled_from([0.0, 0.02, 0.1, 0.5])


@given(values, values, shares)
def test_the_other_way_round_is_the_opposite(value, other, within):
    came = judge_direction("alike", value, other, within).came
    assert judge_direction("alike", other, value, within).came == OPPOSITE[came]


@given(values, values, shares)
def test_only_what_is_lower_is_called_lower(value, other, within):
    came = judge_direction("alike", value, other, within).came
    assert came == "alike" or came == ("lower" if value < other else "higher")


@given(st.floats(-10, 10), st.floats(0.001, 1000))
def test_the_unit_does_not_matter(ratio, unit):
    if abs(abs(ratio - 1) - 0.1 * max(1, abs(ratio))) > 1e-6:
        plain = judge_direction("alike", ratio, 1, 0.1).came
        assert judge_direction("alike", ratio * unit, unit, 0.1).came == plain


@pytest.mark.parametrize(
    ("value", "other", "within", "came"),
    [
        (98, 100, 0.02, "alike"),
        (97, 100, 0.02, "lower"),
        (100, 97, 0.02, "higher"),
        (0, 0, 0, "alike"),
        (0.001, -0.001, 0.5, "higher"),
        (math.inf, 2, 0.5, "higher"),
        (math.inf, math.inf, 0.0, "alike"),
    ],
)
def test_what_is_alike(value, other, within, came):
    assert judge_direction("alike", value, other, within).came == came


def test_the_figures_are_said():
    right = judge_direction("lower", 0.01, 0.02, 0.05)
    assert [str(sentence) for sentence in direction_sentences(right, "64", "4", LOSS)] == [
        "Right.",
        "Validation loss: “64” (0.0100) is lower than “4” (0.0200).",
    ]
    wrong = judge_direction("higher", 0.02, 0.0201, 0.05)
    assert [str(sentence) for sentence in direction_sentences(wrong, "64", "4", LOSS)] == [
        "Not so: you said “Higher”.",
        "Validation loss: “64” (0.0200) is about the same as “4” (0.0201).",
    ]
    assert [str(s) for s in direction_sentences(None, "64", "4", LOSS)] == [
        "There are no two values to compare."
    ]
