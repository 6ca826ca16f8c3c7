"""The settings that can be compared: those of one study whose runs are recorded with more seeds than one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

from fmnist_core.replication.evidence.records import Records
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.spec import RunSpec
from fmnist_core.statistics import mean
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _, say
from pages.parts.luck.odds import wrong_winner
from pages.parts.results.report_table import setting_name


@dataclass(frozen=True)
class Setting:
    """`figures` are test accuracies, or test losses of an autoencoder, one a seed."""

    name: str
    spec: RunSpec
    figures: tuple[float, ...]

    @property
    def scores(self) -> tuple[float, ...]:
        """The figures, the higher the better."""
        return self.figures if self.is_classifier else tuple(-figure for figure in self.figures)

    @property
    def is_classifier(self) -> bool:
        return self.spec.task == "classifier"

    @property
    def mean(self) -> float:
        return mean(self.figures)

    @property
    def which_is_better(self) -> str:
        if self.is_classifier:
            return _("Test accuracy: the higher, the better.")
        return _("Test loss: the lower, the better.")

    def written(self, figure: float) -> str:
        return percent(figure) if self.is_classifier else number(figure)


@dataclass(frozen=True)
class Comparable:
    """A study: what it is called, and its settings by the id of their experiment."""

    title: str
    settings: dict[str, Setting]

    @property
    def luck(self) -> float:
        """The chance that one run of each names the wrong winner, of the two hardest to tell apart."""
        return max(
            wrong_winner(*in_order(one, other), 1) for one, other in combinations(self.settings.values(), 2)
        )


def in_order(one: Setting, other: Setting) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The scores of the setting that is ahead over all its runs, and those of the other."""
    first, second = sorted((one.scores, other.scores), key=mean, reverse=True)
    return first, second


def comparables(records: Records) -> dict[str, Comparable]:
    """The studies with two such settings or more, by their word in the address.

    Those in which luck matters most come first.
    """
    studies = {}
    for report in REPORTS.values():
        for place, study in enumerate(report.studies, 1):
            settings = {}
            for id in study.experiments:
                setting = _setting(records, id, study.varied)
                if setting is not None:
                    settings[id] = setting
            tasks = {setting.spec.task for setting in settings.values()}
            if len(settings) > 1 and len(tasks) == 1:
                studies[f"{report.id}-{place}"] = Comparable(f"{report.id} · {say(study.title)}", settings)
    return dict(sorted(studies.items(), key=lambda item: -item[1].luck))


def _setting(records: Records, id: str, varied: tuple[str, ...]) -> Setting | None:
    experiment = EXPERIMENTS[id]
    figures = tuple(
        run.test_accuracy if experiment.spec.task == "classifier" else run.test_loss
        for run in records.get(id, {}).values()
    )
    finite = tuple(figure for figure in figures if figure is not None and math.isfinite(figure))
    if len(finite) < 2 or len(finite) < len(figures):  # one that diverged has no place among the others
        return None
    return Setting(setting_name(experiment, varied), experiment.spec, finite)
