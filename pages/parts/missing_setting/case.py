"""A case of the game: figures that a change explains, experiments to run, and a budget of training."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fmnist_core.replication.evidence.plan import cost
from fmnist_core.replication.hypotheses import AS_REPORTED, STUDIES, Study
from fmnist_core.replication.hypotheses.measures import AS_TOLD
from fmnist_core.replication.hypotheses.screening import Tried, explanations
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.naming import WORDS

SHARE = 1 / 3  # of what all experiments together take, the budget


@dataclass(frozen=True)
class Case:
    """`told` is how the figures come out as the report is read; `options` are experiments, by hypothesis.

    `answers` are the options that make every figure agree, the likeliest first.
    """

    study: Study
    told: Tried
    options: Mapping[str, Tried]
    answers: Sequence[str]

    def seconds(self, id: str) -> float:
        """That an experiment takes, all runs that it changes, as the lab forecasts them for one thread."""
        told = (EXPERIMENTS[name].spec for name in self.study.screened)
        changed = ((spec, self.options[id].hypothesis.spec(spec)) for spec in told)
        return sum(cost(new) for old, new in changed if new is not None and new != old)

    @property
    def budget(self) -> float:
        """Seconds: a part of what all take, and enough for the dearest."""
        every = [self.seconds(id) for id in self.options]
        return max(SHARE * sum(every), max(every))

    def affordable(self, ids: Sequence[str]) -> list[str]:
        """Those of the experiments asked for, once each and in order, for which the budget lasts."""
        bought: list[str] = []
        for id in ids:
            if id in self.options and id not in bought and self.left(bought) >= self.seconds(id):
                bought.append(id)
        return bought

    def left(self, bought: Sequence[str]) -> float:
        return self.budget - sum(self.seconds(id) for id in bought)

    @property
    def varied(self) -> tuple[str, ...]:
        """The settings that tell the study's experiments apart."""
        specs = [EXPERIMENTS[id].spec for id in self.study.screened]
        return tuple(field for field in WORDS if len({getattr(spec, field) for spec in specs}) > 1)


def cases(tried: Mapping[str, Sequence[Tried]]) -> dict[str, Case]:
    """By id, the studies whose figures a change of settings explains; their options in no telling order."""
    found: dict[str, Case] = {}
    for study in STUDIES:
        done = [each for each in tried.get(study.id, ()) if not each.missing]
        told = next((each for each in done if each.hypothesis is AS_REPORTED), None)
        options = [each for each in done if each.hypothesis.settings and each.hypothesis.measure is AS_TOLD]
        explaining = explanations(done)
        if told is None or not explaining or explaining[0] not in options:
            continue
        answers = [each.hypothesis.id for each in explaining if each in options]
        options.sort(key=lambda each: each.hypothesis.id)
        random.Random(study.id).shuffle(options)
        found[study.id] = Case(study, told, {each.hypothesis.id: each for each in options}, answers)
    return found
