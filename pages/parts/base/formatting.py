"""Figures as a learner reads them, the same in every language of the lab."""

from __future__ import annotations

from fmnist_core.sentences import duration_text, loss_text, share_text

NONE = "–"


def number(value: float | None) -> str:
    """A loss."""
    return NONE if value is None else loss_text(value)


def percent(value: float | None) -> str:
    """A share of one."""
    return NONE if value is None else share_text(value)


def duration(seconds: float | None) -> str:
    return NONE if seconds is None else duration_text(seconds)
