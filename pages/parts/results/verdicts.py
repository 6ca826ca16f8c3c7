"""Verdicts as learners see them: always a sign, a word and a colour."""

from __future__ import annotations

from html import escape

from fmnist_core.replication.claims.wording import DECISIONS
from fmnist_core.statistics import Decision
from pages.parts.base.i18n import say

SIGNS: dict[Decision, str] = {"confirmed": "✓", "refuted": "✗", "noise": "≈", "missing": "○"}


def verdict_words(decision: Decision) -> str:
    return f"{SIGNS[decision]} {say(DECISIONS[decision])}"


def badge(decision: Decision) -> str:
    """As HTML; the style sheets give it its colour."""
    return f'<span class="verdict {decision}">{escape(verdict_words(decision))}</span>'
