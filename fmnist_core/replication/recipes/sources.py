"""Places in the reports, in words: where a figure or a sentence stands."""

from __future__ import annotations

from fmnist_core.sentences import Sentence


def caption(report: str, figure: str) -> Sentence:
    return Sentence("{report}, caption of Figure {figure}", report=report, figure=figure)


def beside_figure(report: str, figure: str) -> Sentence:
    return Sentence("{report}, text on Figure {figure}", report=report, figure=figure)


def in_figure(report: str, figure: str) -> Sentence:
    return Sentence("{report}, Figure {figure}", report=report, figure=figure)


def table(report: str, number: str) -> Sentence:
    return Sentence("{report}, Table {number}", report=report, number=number)


def section(report: str, number: str) -> Sentence:
    return Sentence("{report}, Section {number}", report=report, number=number)


def appendix(report: str) -> Sentence:
    return Sentence("{report}, appendix", report=report)


def conclusions(report: str) -> Sentence:
    return Sentence("{report}, conclusions", report=report)
