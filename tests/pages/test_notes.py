"""Notes on a time axis never stand upon each other, however wide the chart and to whichever side they go."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pages.parts.run.fork import Fork, fork_notes
from pages.parts.widgets.curves import Lines, Series
from pages.parts.widgets.notes import LETTER, NARROW, WIDE, Notes, laid_out

placed_words = some.lists(
    some.tuples(some.floats(0, 40), some.text("abc", min_size=1, max_size=20)), max_size=12
).map(sorted)


def joined(placed: list[tuple[float, str]]) -> Notes:
    return Notes([place for place, _word in placed], lambda a, b: " ".join(word for _p, word in placed[a:b]))


@given(placed_words, some.sampled_from([NARROW, WIDE]))
def test_no_two_of_a_row_overlap_to_whichever_side_they_go(placed: list[tuple[float, str]], plot: int):
    words = laid_out(joined(placed), 0, 40, plot)
    width = plot / 40
    labels = [
        (place * width, len(said) * LETTER) for (place, _), said in zip(placed, words, strict=True) if said
    ]
    for (left, its), (right, others) in pairwise(labels):
        assert left + its < right - others


@given(placed_words)
def test_all_words_are_said_once_and_in_order(placed: list[tuple[float, str]]):
    words = laid_out(joined(placed), 0, 40, NARROW)
    assert " ".join(said for said in words if said) == " ".join(word for _place, word in placed)


@pytest.mark.parametrize("begin", [0.0, 3.0])
def test_an_axis_without_length_has_all_words_at_one_place(begin: float):
    assert laid_out(joined([(begin, "a"), (begin, "b")]), begin, begin, WIDE) == ["a b", ""]


def test_each_kind_has_a_row_of_its_own():
    notes = [joined([(1.0, "rate")]), fork_notes([Fork(1.0, None)])]
    table = Lines.of([Series("a", [0.0, 2.0], [1.0, 2.0])], notes).table
    rows = [(row["note"], row["row"]) for row in table.to_pylist() if row["note"]]
    assert rows == [("rate", 0), ("↳ a deleted run", 1)]
