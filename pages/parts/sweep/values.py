"""The values of a sweep in words, in their order, and which of them a run has."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.spec import LABELS, RunSpec
from fmnist_core.store.sweeps import Sweep
from pages.parts.base.i18n import say
from pages.parts.base.spec_words import words
from pages.parts.sweep import form


@dataclass(frozen=True)
class Values:
    """`words` name the values as axes and tables do; `setting` is the label of what varies."""

    task: str
    varied: str
    setting: str
    words: tuple[str, ...]

    def of(self, spec: RunSpec) -> str:
        return named(self.varied, spec)


def values_of(sweep: Sweep) -> Values:
    specs = sorted((member.spec for member in sweep.members), key=lambda spec: form.order(sweep.varied, spec))
    listed = tuple(dict.fromkeys(named(sweep.varied, spec) for spec in specs))
    return Values(specs[0].task, sweep.varied, say(LABELS[sweep.varied]), listed)


def named(varied: str, spec: RunSpec) -> str:
    """The value that a spec has of a setting."""
    if varied == "learning_rate":
        return form.text_of(varied, spec)
    return words(varied, getattr(spec, varied))
