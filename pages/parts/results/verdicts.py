"""Verdicts as learners see them: always a sign, a word and a colour."""

from __future__ import annotations

from html import escape

from fmnist_core.replication.claims.judge import Verdict
from fmnist_core.replication.claims.wording import DECISIONS, verdict_word
from fmnist_core.statistics import Decision
from pages.parts.base.i18n import say

SIGNS: dict[Decision, str] = {"confirmed": "✓", "margin": "≲", "refuted": "✗", "noise": "≈", "missing": "○"}


def verdict_words(decision: Decision) -> str:
    return f"{SIGNS[decision]} {say(DECISIONS[decision])}"


def badge(decision: Decision) -> str:
    """As HTML; the style sheets give it its colour."""
    return _badge(decision, verdict_words(decision))


def claim_badge(verdict: Verdict) -> str:
    """As `badge`; of a claim that holds within a margin only, with what is true of it."""
    return _badge(verdict.decision, f"{SIGNS[verdict.decision]} {say(verdict_word(verdict))}")


def _badge(decision: Decision, words: str) -> str:
    return f'<span class="verdict {decision}">{escape(words)}</span>'
