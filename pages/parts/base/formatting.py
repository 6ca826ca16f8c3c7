"""Figures as a learner reads them, the same in every language of the lab."""

from __future__ import annotations

from fmnist_core.sentences import loss_text, share_text

NONE = "–"


def number(value: float | None) -> str:
    """A loss."""
    return NONE if value is None else loss_text(value)


def percent(value: float | None) -> str:
    """A share of one."""
    return NONE if value is None else share_text(value)


def duration(seconds: float | None) -> str:
    """Rounded for people: "0.4 s", "12 s", "3 min", "1 h 5 min"."""
    if seconds is None:
        return NONE
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
