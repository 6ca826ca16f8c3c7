"""Which hypothesis explains a study's figures best: all that were tried, ranked by a rule.

The rule was written down before anything was trained. Of each figure, how far the published value lies from
ours under the hypothesis, in units of the spread over seeds, has a density by Student's distribution; the
score is the sum of their logarithms, and every change that the author must have made makes it less by the
logarithm of ten: a change must make the figures ten times as likely. Losses are compared as logarithms, and
accuracies as those of the share that is wrong, which scatters alike in good and in bad networks. (That of
accuracies was written when R3's runs were there already, and none of the others'.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fmnist_core.replication.evidence.records import Record
from fmnist_core.replication.hypotheses.hypothesis import AS_REPORTED, Hypothesis, Study, name
from fmnist_core.replication.hypotheses.measures import AS_TOLD, LOSSES, Measure
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.replication.recipes.report import Experiment, Figure, Published
from fmnist_core.statistics import CONFIDENCE, mean, standard_deviation, students_t

A_CHANGE = math.log(10)

Records = Mapping[str, Mapping[int, Record]]  # by experiment and seed


@dataclass(frozen=True)
class Spread:
    """The standard deviation over seeds of a figure's `logarithm`."""

    deviation: float
    degrees: int


@dataclass(frozen=True)
class Predicted:
    """A published figure, and ours, by seed, as it would be under a hypothesis."""

    experiment: Experiment
    published: Published
    values: Mapping[int, float]
    spread: Spread

    @property
    def middle(self) -> float:
        return mean(list(self.values.values()))

    @property
    def error(self) -> float:
        """Of the difference between one more run, such as the author's, and our mean, on the same images."""
        return self.spread.deviation * math.sqrt(1 + 1 / len(self.values))

    @property
    def distance(self) -> float:
        """From ours to the nearest number that the published one may stand for, in errors."""
        if not all(map(math.isfinite, self.values.values())):
            return math.inf
        figure, meant, ours = (
            self.published.figure,
            self.published.meant,
            logarithm(self.published.figure, self.middle),
        )
        low, high = sorted((logarithm(figure, meant.low), logarithm(figure, meant.high)))
        return max(low - ours, ours - high, 0.0) / self.error

    @property
    def agrees(self) -> bool:
        """Whether the published figure lies where one more run would, 95 times of 100."""
        return self.distance <= students_t(self.spread.degrees, CONFIDENCE)

    @property
    def log_density(self) -> float:
        """Of Student's distribution at the distance."""
        v, t = self.spread.degrees, self.distance
        if math.isinf(t):
            return -math.inf
        constant = math.lgamma((v + 1) / 2) - math.lgamma(v / 2) - 0.5 * math.log(v * math.pi)
        return constant - (v + 1) / 2 * math.log1p(t * t / v) - math.log(self.error)


@dataclass(frozen=True)
class Tried:
    """A hypothesis, and all `figures` of the study under it; of the `missing` ones nothing is known yet.

    `rest` are those of the study's other experiments, where it was trained on them as well.
    """

    hypothesis: Hypothesis
    figures: tuple[Predicted, ...]
    missing: int
    rest: tuple[Predicted, ...] = ()

    @property
    def score(self) -> float:
        """The higher the better; nothing can be said while a figure is missing."""
        if self.missing:
            return math.nan
        return sum(figure.log_density for figure in self.figures) - A_CHANGE * self.hypothesis.changes

    @property
    def explains(self) -> bool:
        """Whether every figure that it was screened on agrees."""
        return not self.missing and all(figure.agrees for figure in self.figures)


def logarithm(figure: Figure, value: float) -> float:
    """Of a loss, or of the share that is wrong where the figure is an accuracy."""
    part = value if figure in LOSSES else 1 - value
    return math.log(part) if part > 0 else -math.inf


def screen(study: Study, evidence: Records, screened: Records) -> tuple[Tried, ...]:
    """All hypotheses of a study, and none, the best first; behind them those that are not tried yet.

    `evidence` is of the report's own settings, `screened` of the runs for hypotheses.
    """
    tried = [_tried(study, hypothesis, evidence, screened) for hypothesis in (AS_REPORTED, *study.hypotheses)]
    done = sorted((each for each in tried if not each.missing), key=lambda each: -each.score)
    return (*done, *(each for each in tried if each.missing))


def best(tried: Sequence[Tried]) -> Tried | None:
    """The first of those that were tried, if it is one at all."""
    return tried[0] if tried and not tried[0].missing else None


def figures_of(study: Study, experiments: Sequence[str]) -> Iterator[tuple[Experiment, Published]]:
    """The published figures of these of a study's experiments that a hypothesis must explain."""
    for experiment in (EXPERIMENTS[id] for id in experiments):
        for published in experiment.published:
            if published.where in study.where and published.value not in study.left_aside:
                yield experiment, published


def runs_under(
    hypothesis: Hypothesis, experiment: Experiment, evidence: Records, screened: Records
) -> Mapping[int, Record]:
    """The runs, by seed, that show the experiment under a hypothesis; none, if it was not trained yet."""
    spec = hypothesis.spec(experiment.spec) or experiment.spec
    for known in EXPERIMENTS.values():
        if known.spec == spec and (runs := evidence.get(known.id)):
            return runs
    return screened.get(name(experiment.id, hypothesis), {})


def _tried(study: Study, hypothesis: Hypothesis, evidence: Records, screened: Records) -> Tried:
    places = list(figures_of(study, study.screened))
    known = [_predicted(study, hypothesis, *place, evidence, screened) for place in places]
    rest = [
        _predicted(study, hypothesis, *place, evidence, screened) for place in figures_of(study, study.rest)
    ]
    figures = tuple(each for each in known if each is not None)
    return Tried(
        hypothesis, figures, len(places) - len(figures), tuple(each for each in rest if each is not None)
    )


def _predicted(
    study: Study,
    hypothesis: Hypothesis,
    experiment: Experiment,
    published: Published,
    evidence: Records,
    screened: Records,
) -> Predicted | None:
    measure, figure = hypothesis.measure, published.figure
    values = _measured(measure, figure, runs_under(hypothesis, experiment, evidence, screened))
    if not values and not hypothesis.settings:  # what older records do not say, those of today do
        values = _measured(measure, figure, screened.get(name(experiment.id, AS_REPORTED), {}))
    spread = spread_of(study.report, figure, evidence)
    return Predicted(experiment, published, values, spread) if values and spread is not None else None


def _measured(measure: Measure, figure: Figure, runs: Mapping[int, Record]) -> dict[int, float]:
    values: dict[int, float] = {}
    for seed, record in runs.items():
        if record.reason == "diverged":
            values[seed] = math.inf
        elif (value := measure(figure, record)) is not None:
            values[seed] = value
    return values


def spread_of(report: str, figure: Figure, evidence: Records) -> Spread | None:
    """Over the seeds of all the report's experiments that publish such a figure, together."""
    squares, degrees = 0.0, 0
    for experiment in REPORTS[report].experiments:
        if all(published.figure != figure for published in experiment.published):
            continue
        runs = evidence.get(experiment.id, {})
        values = [logarithm(figure, value) for value in _measured(AS_TOLD, figure, runs).values()]
        if len(values) > 1 and all(map(math.isfinite, values)):
            squares += standard_deviation(values) ** 2 * (len(values) - 1)
            degrees += len(values) - 1
    return Spread(math.sqrt(squares / degrees), degrees) if degrees and squares else None
