"""Single runs of two settings, drawn at random from the shipped evidence: which setting is ahead?"""

from __future__ import annotations

from fmnist_core.lessons.plays import PlaySettings
from pages.parts.lessons.plays.trained import Trained
from pages.parts.luck.guess import guess
from pages.parts.luck.settings import comparables
from pages.parts.results.shipped_evidence import shipped_evidence


def draws(settings: PlaySettings, trained: Trained) -> None:
    studies = comparables(shipped_evidence().records)
    guess({word: study for word, study in studies.items() if study.luck > 0})
