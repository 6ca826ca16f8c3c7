"""A small table of numbers, typed with a line for each row; what is no such table gets a sentence."""

from __future__ import annotations

import re
from math import isfinite

import numpy as np
import streamlit as st

from fmnist_core.sentences import LabError, Sentence
from pages.parts.base.i18n import _, say
from pages.parts.base.number_text import typed
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.form_state import KEEP

MOST_VALUE = 1_000_000
SEPARATORS = re.compile(r"[\s;|]+")
TOGETHER = re.compile(r"0\d+")  # as reports print a table of digits; no number is written so


def cells_field(label: str, key: str, usual: str, *, most: int, square: bool = False) -> np.ndarray | None:
    """float64 (rows, columns), or `None` once the page has said what is wrong. The text stays as typed."""
    st.session_state.setdefault(key, usual)
    text = st.text_area(
        label,
        key=key,
        height=_height(usual),
        help=_("One line for each row, spaces between the numbers."),
        placeholder=_("Type numbers"),
        **KEEP,
    )
    try:
        return read_cells(text, most=most, square=square)
    except LabError as refused:
        st.warning(as_typed(say(refused)), icon=":material/edit_off:")
        return None


def read_cells(text: str, *, most: int, square: bool = False) -> np.ndarray:
    """At most `most` rows of as many numbers, decimal points or commas. Raises `LabError`."""
    lines = [line.strip(" \t;|") for line in text.splitlines() if line.strip(" \t;|")]
    if not lines:
        raise LabError(Sentence("There is no number here. Write one line for each row."))
    if len(lines) > most:
        raise LabError(_too_large(most))
    rows: list[list[float]] = []
    for line in lines:
        texts = SEPARATORS.split(line)
        if len(texts) > most:
            raise LabError(_too_large(most))
        rows.append([_number(cell, len(rows) + 1, place) for place, cell in enumerate(texts, 1)])
        if len(rows[-1]) != len(rows[0]):
            raise LabError(
                Sentence(
                    "Every row needs as many numbers as the first: row 1 has {first}, row {row} has {count}.",
                    first=len(rows[0]),
                    row=len(rows),
                    count=len(rows[-1]),
                )
            )
    if square and len(rows) != len(rows[0]):
        raise LabError(
            Sentence(
                "A filter here is square; this one is {rows} × {columns}.",
                rows=len(rows),
                columns=len(rows[0]),
            )
        )
    return np.array(rows)


def _number(text: str, row: int, column: int) -> float:
    if TOGETHER.fullmatch(text):
        raise LabError(
            Sentence(
                "In row {row}, number {column}, stands “{value}”. Where these are several numbers, put "
                "spaces between them: {spaced}.",
                row=row,
                column=column,
                value=text[:30],
                spaced=" ".join(text[:30]),
            )
        )
    value = typed(float, text)
    if isinstance(value, str) or not isfinite(value):
        raise LabError(
            Sentence(
                "In row {row}, number {column}, stands “{value}”, which is no number. Write one such as 1 or "
                "0.5, with spaces between.",
                row=row,
                column=column,
                value=text[:30],
            )
        )
    if abs(value) > MOST_VALUE:
        raise LabError(
            Sentence(
                "In row {row}, number {column} is too large to follow: at most {most:,}.",
                row=row,
                column=column,
                most=MOST_VALUE,
            )
        )
    return value


def _too_large(most: int) -> Sentence:
    return Sentence("This table is too large to follow: at most {most} × {most}.", most=most)


def _height(usual: str) -> int:
    return 34 + 25 * (usual.count("\n") + 1)
