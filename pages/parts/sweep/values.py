"""The values of a sweep in their order, what each is called, and which of them a run has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fmnist_core.spec import LABELS, RunSpec
from fmnist_core.store.sweeps import Sweep
from pages.parts.base.i18n import say
from pages.parts.base.spec_words import words
from pages.parts.sweep import form


@dataclass(frozen=True)
class Values:
    """`words` says how axes and tables name each value; `setting` is the label of what varies."""

    task: str
    varied: str
    setting: str
    words: Mapping[Any, str]

    def of(self, spec: RunSpec) -> Any:
        return getattr(spec, self.varied)


def values_of(sweep: Sweep) -> Values:
    varied = sweep.varied
    specs = sorted((member.spec for member in sweep.members), key=lambda spec: form.order(varied, spec))
    named = {getattr(spec, varied): words(varied, getattr(spec, varied)) for spec in specs}
    return Values(specs[0].task, varied, say(LABELS[varied]), named)
