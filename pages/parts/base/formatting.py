"""Figures as a learner reads them, written as the learner's language writes numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from babel.dates import format_date, format_datetime

from fmnist_core.sentences import duration_text, loss_text, share_text
from pages.parts.base import numerals
from pages.parts.base.i18n import current_language, say
from pages.parts.base.number_text import typed

NONE = "–"


def figure(value: float, format_spec: str) -> str:
    """A number by Python's `format_spec`."""
    return numerals.written(value, format_spec, current_language())


def count(value: int) -> str:
    """A whole number, its thousands apart."""
    return figure(value, ",")


def in_full(value: float) -> str:
    """All digits of a setting: "0.00001", "3", "1.5"."""
    return figure(value, "")


def listed(items: Sequence[str]) -> str:
    """Several in one sentence: "16, 32 and 64"."""
    return numerals.listed(items, current_language())


def number(value: float | None) -> str:
    """A loss."""
    return NONE if value is None else say(loss_text(value))


def percent(value: float | None) -> str:
    """A share of one."""
    return NONE if value is None else say(share_text(value))


def duration(seconds: float | None) -> str:
    return NONE if seconds is None else say(duration_text(seconds))


def date_and_time(moment: datetime) -> str:
    """ "26 Nov 2026, 22:50"."""
    return format_datetime(moment, "d MMM y, HH:mm", locale=numerals.LOCALES[current_language()])


def day(on: date) -> str:
    """ "26 Nov 2026"."""
    return format_date(on, "d MMM y", locale=numerals.LOCALES[current_language()])


def typed_in_full(text: str) -> str:
    """A number that a form holds as text; what is no number stays as it is."""
    value = typed(float, text)
    return value if isinstance(value, str) else in_full(value)


def unbroken(text: str) -> str:
    """A kernel's size stays on one line."""
    return text.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
