"""Words at places along a time axis, where something was changed: above the curves, none upon another.

Notes of one kind share a row. Those too near to each other for words of their own have them together, where
the first of them stands; how near that is depends on the width of the chart, which only the browser knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import altair

from pages.parts.widgets.chart import LARGE_TEXT, NOTE, NOTED, TALL

LETTER, GAP = 0.56, 1.5  # a letter's width, and the room between two words, in sizes of the text
NARROW, WIDE = 22, 50  # the width of a plot in sizes of its text: on a telephone, on a page
SIZE = f"(height > {TALL} ? {LARGE_TEXT} : 12)"
PITCH = 1.15  # of rows, in sizes of the text
PLACE = "scale('x', datum.x)"


@dataclass(frozen=True)
class Notes:
    """Notes of one kind: their places, in order, and `words(first, last)`, what those from the first up to
    but not including the last are called together.
    """

    places: Sequence[float]
    words: Callable[[int, int], str]


def laid_out(notes: Notes, begin: float, end: float, plot: float) -> list[str]:
    """The words at each place; none where they stand with those of an earlier one.

    The axis goes from `begin` to `end`, and is `plot` sizes of the text wide. The words of a note may go to
    either side of it, as the learner zooms, so there must be room for both between two notes.
    """
    groups = [(k, k + 1) for k in range(len(notes.places))]
    length = max(end - begin, 1e-9)
    k = 0
    while k + 1 < len(groups):
        (first, middle), (_middle, last) = groups[k : k + 2]
        letters = len(notes.words(first, middle)) + len(notes.words(middle, last))
        if (notes.places[middle] - notes.places[first]) / length * plot < letters * LETTER + GAP:
            groups[k : k + 2] = [(first, last)]
            k = max(k - 1, 0)
        else:
            k += 1
    words = [""] * len(notes.places)
    for first, last in groups:
        words[first] = notes.words(first, last)
    return words


def note_layers(notes: altair.Chart, large: bool) -> list[altair.Chart]:
    """A dotted line and its words for each row that has `note` (as on a page), `note_narrow` and `row`; in a
    `large` chart with text to be read from afar.
    """
    size = LARGE_TEXT if large else SIZE
    words = notes.mark_text(
        aria=False,
        style=NOTED,
        baseline="bottom",
        clip=False,  # above the plot, where marks of an axis that can be zoomed are cut off
        dy=altair.ExprRef(f"-4 - datum.row * {PITCH} * {size}"),
        # Towards the middle, so that no edge cuts them; if they are too long all the same, with an ellipsis.
        align=altair.ExprRef(f"{PLACE} > width / 2 ? 'right' : 'left'"),
        limit=altair.ExprRef(f"max({PLACE}, width - {PLACE})"),
        opacity=altair.ExprRef(f"inrange({PLACE}, [-1, width + 1]) ? 1 : 0"),
        text=altair.ExprRef(f"width > {WIDE} * {size} ? datum.note : datum.note_narrow"),
    ).encode(y=altair.value(0))
    return [notes.mark_rule(**NOTE, strokeDash=[2, 3]), words]
