"""The field in which a whole number is typed: as text, which the form reads as people write numbers.

A browser's own number field drops a decimal comma without a word ("1,5" becomes 15), and refuses in English.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from fmnist_core.sentences import LabError, Sentence
from pages.parts.base.i18n import _
from pages.parts.base.number_text import typed


def number_field(label: str, key: str, *, help: str | None = None, **options: Any) -> str:
    """What is typed, number or not: whoever reads it refuses it in words. `options` are Streamlit's."""
    return st.text_input(label, key=key, help=help, placeholder=_("Type a number"), **options)


def whole_within(label: Sentence, text: str, low: int, high: int) -> int:
    """The number that was typed. Raises `LabError` for what is none, or lies outside."""
    value = typed(int, text)
    if isinstance(value, int) and low <= value <= high:
        return value
    raise LabError(no_whole_number(label, text, low, high))


def no_whole_number(label: Sentence | str, text: str, low: float, high: float) -> Sentence:
    """Why a text is none from `low` to `high`: 1.5 lies between 1 and 10, and is no whole number."""
    if not text.strip():
        return Sentence(
            "{label} is empty: type a whole number from {low} to {high}.", label=label, low=low, high=high
        )
    if isinstance(typed(int, text), int):
        return outside(label, text, low, high)
    return Sentence(
        "{label} must be a whole number from {low} to {high}; “{value}” is not.",
        label=label,
        low=low,
        high=high,
        value=text[:60],
    )


def outside(label: Sentence | str, text: str, low: float, high: float) -> Sentence:
    return Sentence(
        "{label} must lie between {low} and {high}; “{value}” does not.",
        label=label,
        low=low,
        high=high,
        value=text[:60],
    )
