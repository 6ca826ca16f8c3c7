"""Which hypothesis explains a study's figures best: all that were tried, ranked by a rule.

Of each figure, how far the published value lies from ours under the hypothesis, in units of the spread over
seeds, has a density by Student's distribution. The score is the sum of their logarithms, as if figures were
independent, which those of one run are not; every change that the author must have made makes it less by the
logarithm of ten: a change must make the figures ten times as likely. It is taken from seed 0 alone, which all
have. Losses are compared as logarithms, and accuracies as those of the share that is wrong. Each experiment
has a spread of its own, as in the verdicts on published figures. (The rule was last changed on 27 November
2026, when R3's runs and the first of R2's and R5's were there.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from fmnist_core.replication.evidence.records import Record, Records
from fmnist_core.replication.hypotheses.hypothesis import AS_REPORTED, Hypothesis, Study, name
from fmnist_core.replication.hypotheses.measures import AS_TOLD, LOSSES, Measure
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.report import Experiment, Figure, Published
from fmnist_core.statistics import CONFIDENCE, FEWEST_SEEDS, mean, standard_deviation, students_t
from fmnist_core.statistics.estimates import ROUNDING

A_CHANGE = math.log(10)


@dataclass(frozen=True)
class Spread:
    """The standard deviation over seeds of a figure's `logarithm`."""

    deviation: float
    degrees: int


@dataclass(frozen=True)
class Predicted:
    """A published figure, and ours, by seed, as it would be under a hypothesis.

    `told` is the spread of the experiment as the report is read.
    """

    experiment: Experiment
    published: Published
    values: Mapping[int, float]
    told: Spread

    @property
    def middle(self) -> float:
        return mean(list(self.values.values()))

    @property
    def agrees(self) -> bool:
        """Whether the published figure lies where one more run would, 95 times of 100."""
        spread = spread_among(self.published.figure, list(self.values.values())) if self.is_sure else None
        spread = spread or self.told
        error = spread.deviation * math.sqrt(1 + 1 / len(self.values))
        return self._off(self.middle) <= error * students_t(spread.degrees, CONFIDENCE)

    @property
    def is_sure(self) -> bool:
        """Whether its own seeds are enough to know how far they lie apart."""
        return len(self.values) >= FEWEST_SEEDS

    @property
    def diverged(self) -> bool:
        return not all(map(math.isfinite, self.values.values()))

    @property
    def log_density(self) -> float:
        """Of Student's distribution at the published value, around that of the first seed."""
        v, error = self.told.degrees, self.told.deviation * math.sqrt(2)
        distance = self._off(self.values[min(self.values)]) / error
        if math.isinf(distance):
            return -math.inf
        constant = math.lgamma((v + 1) / 2) - math.lgamma(v / 2) - 0.5 * math.log(v * math.pi)
        return constant - (v + 1) / 2 * math.log1p(distance**2 / v) - math.log(error)

    def _off(self, ours: float) -> float:
        """From ours to the nearest number that the published one may stand for."""
        if self.diverged:
            return math.inf
        figure, meant = self.published.figure, self.published.meant
        low, high = sorted((logarithm(figure, meant.low), logarithm(figure, meant.high)))
        return max(low - logarithm(figure, ours), logarithm(figure, ours) - high, 0.0)


@dataclass(frozen=True)
class Tried:
    """A hypothesis, and all `figures` of the study under it; of the `missing` ones nothing is known yet.

    `rest` are those of the study's other experiments, where it was trained on them as well. The runs of
    `mixed` experiments were calculated in several precisions, and are not compared.
    """

    hypothesis: Hypothesis
    figures: tuple[Predicted, ...]
    missing: int
    rest: tuple[Predicted, ...] = ()
    mixed: tuple[str, ...] = ()

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

    @property
    def runs(self) -> int:
        """Of each experiment, the fewest."""
        return min((len(figure.values) for figure in self.figures), default=0)


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


def explanations(tried: Sequence[Tried]) -> list[Tried]:
    """The changes that make every figure agree and are likelier than the report as it is read, best first."""
    likelier = takewhile(lambda each: each.hypothesis is not AS_REPORTED, tried)
    return [each for each in likelier if each.explains]


def explanation(tried: Sequence[Tried]) -> Tried | None:
    """The likeliest of them."""
    return next(iter(explanations(tried)), None)


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
    by_experiment = {
        id: _runs(hypothesis, EXPERIMENTS[id], evidence, screened) for id in (*study.screened, *study.rest)
    }
    mixed = tuple(id for id, runs in by_experiment.items() if len(_precisions(runs)) > 1)

    def predicted(experiments: Sequence[str]) -> list[Predicted]:
        found = []
        for experiment, published in figures_of(study, experiments):
            values = _measured(hypothesis.measure, published.figure, by_experiment[experiment.id])
            told = spread_of(experiment.id, published.figure, evidence)
            if values and told is not None and experiment.id not in mixed:
                found.append(Predicted(experiment, published, values, told))
        return found

    figures, rest = predicted(study.screened), predicted(study.rest)
    missing = len(list(figures_of(study, study.screened))) - len(figures)
    return Tried(hypothesis, tuple(figures), missing, tuple(rest), mixed)


def _runs(
    hypothesis: Hypothesis, experiment: Experiment, evidence: Records, screened: Records
) -> Mapping[int, Record]:
    """Those from which its measure can be taken; what older records do not say, those of today do."""
    known = runs_under(hypothesis, experiment, evidence, screened)
    if hypothesis.settings or any(hypothesis.measure.takes(record) for record in known.values()):
        return known
    return screened.get(name(experiment.id, AS_REPORTED), {})


def _precisions(runs: Mapping[int, Record]) -> set[str]:
    return {record.precision for record in runs.values() if record.precision is not None}


def _measured(measure: Measure, figure: Figure, runs: Mapping[int, Record]) -> dict[int, float]:
    values: dict[int, float] = {}
    for seed, record in runs.items():
        if record.reason == "diverged":
            values[seed] = math.inf
        elif (value := measure(figure, record)) is not None:
            values[seed] = value
    return values


def spread_of(experiment: str, figure: Figure, evidence: Records) -> Spread | None:
    """Over the seeds of an experiment of a report."""
    return spread_among(figure, list(_measured(AS_TOLD, figure, evidence.get(experiment, {})).values()))


def spread_among(figure: Figure, values: Sequence[float]) -> Spread | None:
    """`None` where nothing scatters, or where there is a seed only, or one diverged."""
    logarithms = [logarithm(figure, value) for value in values]
    if len(logarithms) < 2 or not all(map(math.isfinite, logarithms)):
        return None
    deviation = standard_deviation(logarithms)
    return Spread(deviation, len(logarithms) - 1) if deviation > ROUNDING else None
