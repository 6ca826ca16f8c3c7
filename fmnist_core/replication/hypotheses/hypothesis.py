"""A hypothesis: what an author may have done and a report does not say. It changes settings, or the measure.

All of it is data, and was written down before what is trained for it; what only measures otherwise reads runs
that were there. Nothing here trains or reads evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from fmnist_core.replication.hypotheses.measures import AS_TOLD, Measure
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec, SpecError

WRITTEN_ON = date(2026, 11, 27)  # before the first of them was trained
ENCODER = "encoder."  # ahead of a setting of the encoder's


@dataclass(frozen=True)
class Times:
    """So many times what the report says."""

    factor: float


@dataclass(frozen=True)
class Hypothesis:
    """`sentence` ends "it would agree if …". `settings` are fields of the spec, with a value or `Times`.

    `changes` counts what the author must have done otherwise, which may be fewer than the settings: 60,000
    training images leave none for validation.
    """

    id: str
    sentence: Sentence
    settings: Mapping[str, object] = field(default_factory=dict)
    measure: Measure = AS_TOLD
    changes: int = 1

    def spec(self, told: RunSpec) -> RunSpec | None:
        """The report's spec with this change; `None` where it cannot be made, as momentum with Adam."""
        values: dict[str, object] = {}
        for name, value in self.settings.items():
            if name.startswith(ENCODER):
                assert told.encoder is not None
                inner = {**told.encoder.model_dump(), name.removeprefix(ENCODER): value}
                values["encoder"] = inner
            elif isinstance(value, Times):
                values[name] = _times(getattr(told, name), value.factor)
            else:
                values[name] = value
        try:
            return told.changed(**values)
        except SpecError:
            return None


@dataclass(frozen=True)
class Study:
    """Figures of a report that belong together, and what may explain them.

    Hypotheses are `screened` on experiments of the report, by id, each with one seed; all `figures` of these
    experiments that stand at the places `where` must come out. `left_aside` are published values that the
    report itself gives otherwise. The `finalists`, by id, chosen when the screening was there, are trained on
    the `rest` of the study's experiments as well, with three seeds.
    """

    report: str
    id: str
    title: Sentence
    where: tuple[Sentence, ...]
    screened: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    left_aside: tuple[float, ...] = ()
    rest: tuple[str, ...] = ()
    finalists: tuple[str, ...] = ()


AS_REPORTED = Hypothesis("as-told", Sentence("all was as we read the report"), changes=0)


def name(experiment: str, hypothesis: Hypothesis) -> str:
    """How a report's experiment is called under a hypothesis."""
    return f"{experiment}+{hypothesis.id}"


def trained(study: Study, experiments: Mapping[str, Experiment]) -> Iterator[Experiment]:
    """What must be trained to screen the study's hypotheses; the settings as told once more among it.

    What the report, or one of our tests, has trained already is not trained again.
    """
    known = {experiment.spec for experiment in experiments.values()}
    for hypothesis in (AS_REPORTED, *study.hypotheses):
        if hypothesis is not AS_REPORTED and not hypothesis.settings:
            continue
        for id in study.screened + (study.rest if hypothesis.id in study.finalists else ()):
            told = experiments[id]
            spec = hypothesis.spec(told.spec)
            if spec is not None and (spec not in known or hypothesis is AS_REPORTED):
                yield Experiment(name(id, hypothesis), spec, told.published, ours=True)


def _times(value: float, factor: float) -> float:
    """Whole numbers stay whole; rates are written with as few digits as they have."""
    if isinstance(value, int):
        return max(1, round(value * factor))
    return float(f"{value * factor:.6g}")
