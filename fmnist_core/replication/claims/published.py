"""Published figures beside ours: whether they agree, and where they do not, the likeliest reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.replication.claims.judge import numbers
from fmnist_core.replication.claims.quantities import (
    MEAN_DIAGONAL,
    TEST_ACCURACY,
    TEST_LOSS,
    TRAIN_LOSS,
    Quantity,
)
from fmnist_core.replication.evidence.records import Record, Records
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.naming import setting
from fmnist_core.replication.recipes.report import Experiment, Figure, OpenPoint, Published, Report
from fmnist_core.sentences import Sentence, share_text
from fmnist_core.statistics import (
    ABOVE_ZERO,
    Decision,
    Estimate,
    decide,
    differences,
    estimate,
    mean,
    prediction,
)

FIGURES: dict[Figure, Quantity] = {
    "train_loss_eval": TRAIN_LOSS,
    "test_loss": TEST_LOSS,
    "test_accuracy": TEST_ACCURACY,
    "mean_diagonal": MEAN_DIAGONAL,
}
AGREEMENT: dict[Decision, Sentence] = {
    "confirmed": Sentence("agrees"),
    "refuted": Sentence("differs"),
    "noise": Sentence("within seed noise"),
    "missing": Sentence("not enough evidence yet"),
}


@dataclass(frozen=True)
class Comparison:
    """`values` are ours, by seed; `reasons` are there only where the figures differ."""

    report: Report
    experiment: Experiment
    published: Published
    values: Mapping[int, float]
    estimate: Estimate | None
    decision: Decision
    reasons: tuple[Sentence, ...]


def comparisons(report: Report, records: Records) -> list[Comparison]:
    """One for each published number of the report, in its order."""
    return [
        compare(report, experiment, published, records)
        for experiment in report.experiments
        for published in experiment.published
    ]


def compare(report: Report, experiment: Experiment, published: Published, records: Records) -> Comparison:
    values = numbers(FIGURES[published.figure], experiment.id, records)
    known = list(values.values())
    decision = decide(known, published.meant)
    if decision == "refuted":  # the figure has luck of its own, of which our mean knows nothing
        decision = decide(known, published.meant, of=prediction)
    differs = decision == "refuted"
    return Comparison(
        report,
        experiment,
        published,
        values,
        estimate(known) if len(known) > 1 else None,
        decision,
        tuple(reasons(report, experiment, published, records)) if differs else (),
    )


def reasons(
    report: Report, experiment: Experiment, published: Published, records: Records
) -> Iterator[Sentence]:
    """What was tested first, then what the recipe notes, then what the report leaves open."""
    yield from _tested(report, experiment, published, records)
    yield from experiment.notes
    for point in report.open_points:
        if _concerns(point, experiment, published):
            yield Sentence("Left open by the report: {question}", question=point.question)


def mean_confusion(runs: Mapping[int, Record]) -> NDArray[np.float64] | None:
    """The mean over seeds of the test images' confusion matrix, each row as shares, shape (10, 10)."""
    matrices = [np.array(record.confusion) for record in runs.values() if record.confusion is not None]
    if not matrices:
        return None
    shares = np.array([counts / counts.sum(1, keepdims=True) for counts in matrices])
    return np.asarray(shares.mean(axis=0), dtype=np.float64)


def _tested(
    report: Report, experiment: Experiment, published: Published, records: Records
) -> Iterator[Sentence]:
    quantity = FIGURES[published.figure]
    distances = _distances(quantity, experiment.id, published, records)
    for study in report.studies:
        if experiment.id != study.experiments[0]:
            continue
        for other in (EXPERIMENTS[id] for id in study.experiments[1:]):
            if not other.ours:
                continue
            changed = [f for f in study.varied if getattr(other.spec, f) != getattr(experiment.spec, f)]
            if published.figure == "test_loss" and "loss" in changed:
                continue  # numbers of two kinds
            nearer = differences(distances, _distances(quantity, other.id, published, records))
            ours = numbers(quantity, other.id, records)
            yield _tested_sentence(
                decide(list(nearer.values()), ABOVE_ZERO),
                setting(other.spec, changed[0]),
                _written(quantity, list(ours.values())),
            )


def _tested_sentence(nearer: Decision, change: Sentence, ours: Sentence | str) -> Sentence:
    """Whether another setting brings our figure nearer to the published one."""
    if nearer == "missing":
        return Sentence("Not tested yet: {change}.", change=change)
    match nearer:
        case "confirmed":
            return Sentence(
                "Tested: with {change} our figure is {mean}, nearer to the published one.",
                change=change,
                mean=ours,
            )
        case "refuted":
            return Sentence(
                "Tested, and not the reason: with {change} our figure is {mean}, farther off.",
                change=change,
                mean=ours,
            )
    return Sentence(
        "Tested: with {change} our figure is {mean}, no nearer beyond seed noise.",
        change=change,
        mean=ours,
    )


def _written(quantity: Quantity, values: Sequence[float]) -> Sentence | str:
    """The mean, in the quantity's unit."""
    if not values:
        return ""
    if quantity.unit == "share":
        return share_text(mean(values))
    return quantity.text(mean(values))


def _distances(
    quantity: Quantity, experiment: str, published: Published, records: Records
) -> dict[int, float]:
    ours = numbers(quantity, experiment, records)
    return {seed: abs(value - published.value) for seed, value in ours.items()}


def _concerns(point: OpenPoint, experiment: Experiment, published: Published) -> bool:
    return (not point.experiments or experiment.id in point.experiments) and (
        not point.figures or published.figure in point.figures
    )
