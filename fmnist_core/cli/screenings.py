"""What `python -m fmnist_core verify --hypotheses --check` prints: all that was tried to explain figures.

Nothing is trained, and hypotheses that are not tried yet are no error.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from pathlib import Path

from fmnist_core.replication.claims.judge import arranged
from fmnist_core.replication.claims.published import FIGURES
from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.records import Records
from fmnist_core.replication.hypotheses import AS_REPORTED, STUDIES, TRAINED, Study
from fmnist_core.replication.hypotheses.screening import Predicted, Tried, explanation, figures_of, screen
from fmnist_core.replication.recipes import EXPERIMENTS


def screened(file: Path, reports: Collection[str] | None = None) -> str:
    """A table for each study, best first, from the runs in `file` and the evidence that the package has.

    Of these reports, or of all. Raises `EvidenceError` if a file is damaged or out of date.
    """
    evidence = arranged(records.read(records.SHIPPED, EXPERIMENTS))
    runs = arranged(records.read(file, TRAINED, records.SCREENS))
    wanted = {report.upper() for report in reports} if reports is not None else None
    lines = [f"{sum(map(len, runs.values()))} runs in {file}."]
    for study in STUDIES:
        if wanted is None or study.report in wanted:
            lines += ["", *_study(study, evidence, runs)]
    return "\n".join(lines)


def _study(study: Study, evidence: Records, runs: Records) -> list[str]:
    tried = screen(study, evidence, runs)
    places = [
        f"{experiment.id} {FIGURES[published.figure].text(published.value, published.decimals)}"
        for experiment, published in figures_of(study, study.screened)
    ]
    lines = [f"{study.report} · {study.title}: {', '.join(places)}"]
    lines += [_line(each) for each in tried]
    changes = [each for each in tried if each.hypothesis is not AS_REPORTED]
    left = sum(bool(each.missing) for each in changes)
    found = explanation(tried)
    words = f"explained: {found.hypothesis.sentence}" if found else "unexplained so far"
    return [*lines, f"{len(changes) - left} changes tried, {left} not yet; {words}."]


def _line(each: Tried) -> str:
    score = "not yet" if each.missing else "diverged" if math.isinf(each.score) else f"{each.score:.1f}"
    rest = f"   elsewhere: {_figures(each.rest)}" if each.rest else ""
    return f"{score:>9}  {_figures(each.figures):36} {each.hypothesis.sentence}{rest}"


def _figures(figures: Sequence[Predicted]) -> str:
    return " ".join(
        "diverged"
        if figure.diverged
        else f"{FIGURES[figure.published.figure].text(figure.middle)}{'✓' if figure.agrees else '≠'}"
        for figure in figures
    )
