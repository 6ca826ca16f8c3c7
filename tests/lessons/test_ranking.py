"""Orders against values: Kendall's count by SciPy and by sorting, ties, the lowest and the highest."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from fmnist_core.lessons.quantities import QUANTITIES
from fmnist_core.lessons.ranking import judge_order, order_sentences

ACCURACY = QUANTITIES["validation_accuracy"]
LOSS = QUANTITIES["validation_loss"]
measured = st.lists(st.integers(0, 6).map(lambda level: level / 10), min_size=2, max_size=6)


def of(values: list[float]) -> dict[str, float]:
    return dict(zip("abcdef", values, strict=False))


def swaps(values: list[float]) -> int:
    """How often bubble sort exchanges neighbours: the pairs in the wrong order."""
    values, count = list(values), 0
    for end in range(len(values), 1, -1):
        for k in range(end - 1):
            if values[k] > values[k + 1]:
                values[k], values[k + 1] = values[k + 1], values[k]
                count += 1
    return count


@given(measured)
def test_pairs_are_those_that_sorting_need_not_exchange(values):
    judgement = judge_order("abcdef", of(values))
    assert judgement.pairs - judgement.right == swaps(values)


@given(measured)
def test_pairs_make_kendalls_tau(values):
    """Right minus wrong pairs, over the mean of all pairs and those without ties, as tau-b has it."""
    judgement = judge_order("abcdef", of(values))
    tau = kendalltau(range(len(values)), values).statistic
    if judgement.pairs == 0:
        assert math.isnan(tau)
        return
    every = len(values) * (len(values) - 1) / 2
    ours = (2 * judgement.right - judgement.pairs) / math.sqrt(every * judgement.pairs)
    assert ours == pytest.approx(tau)


@given(measured)
def test_an_order_by_value_is_right_and_its_reverse_is_not(values):
    named = of(values)
    order = sorted(named, key=named.get)
    judgement, reverse = judge_order(order, named), judge_order(order[::-1], named)
    assert judgement.right == judgement.pairs == reverse.pairs
    assert reverse.right == 0
    assert judgement.lowest_said in judgement.lowest
    assert judgement.highest_said in judgement.highest


@given(measured)
def test_ties_are_the_names_of_one_value(values):
    tied = {name for group in judge_order("abcdef", of(values)).ties for name in group}
    assert tied == {name for name, value in of(values).items() if values.count(value) > 1}


def test_what_was_right_is_named_and_what_was_not():
    values = {"a": 0.5, "b": 0.7, "c": 0.7, "d": math.inf}
    names = {"a": "no dropout", "b": "0.2", "c": "0.5", "d": "rate 10"}
    judgement = judge_order(["b", "a", "c", "d"], values)
    assert [str(sentence) for sentence in order_sentences(judgement, values, names, LOSS)] == [
        "4 of 5 pairs are in the right order.",
        "Not so: the lowest is “no dropout” (0.5000); you put “0.2” there.",
        "Right: the highest is “rate 10” (diverged).",
        "“0.2”, “0.5” read alike, so their order counts neither way.",
    ]


def test_whole_orders_are_called_right_reversed_or_undecided():
    values = {"a": 0.1, "b": 0.2, "c": 0.3}

    def first(order: str, values=values) -> str:
        judgement = judge_order(order, values)
        return str(order_sentences(judgement, values, {n: n for n in "abc"}, ACCURACY)[0])

    assert first("abc") == "Your order is right."
    assert first("cba") == "Your order is the reverse of what came."
    assert first("abc", dict.fromkeys("abc", 0.1)) == "All read alike, so no order is right or wrong."
    assert first("abc", {"a": 0.1}) == "There are no two values to compare."


def test_names_without_a_value_are_left_out():
    judgement = judge_order("abc", {"a": 0.2, "c": 0.1})
    assert (judgement.pairs, judgement.right) == (1, 0)
    assert judge_order("abc", {}) is None
