"""The trained encoders that a classifier can start from: the learner's own, and those that the lab ships."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from fmnist_core.data import shipped_models
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import StoreError
from pages.parts.base.distinctions import names_apart, unique
from pages.parts.base.formatting import in_full
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.services import store
from pages.parts.base.spec_words import network_name
from pages.parts.base.typed_text import isolated

MOST_RUNS = 40
REPORT = re.compile(r"r\d(?=-)")
TRAINED = ("finished", "stopped", "paused")


@dataclass(frozen=True)
class Encoder:
    name: str
    spec: RunSpec


def encoders(learner: str, asked_for: str | None = None) -> dict[str, Encoder]:
    """By what the form calls them: "run:<id>", newest first, then "model:<name>".

    `asked_for` is one to find besides, in a link perhaps to another learner's run.
    """
    runs = [run for run in store().runs(learner, TRAINED) if run.spec.task == "autoencoder"][:MOST_RUNS]
    own = {
        f"run:{run.id}": Encoder(name, run.spec) for run, name in zip(runs, names_apart(runs), strict=True)
    }
    if asked_for and asked_for.startswith("run:") and asked_for not in own:
        own |= _elsewhere(asked_for)
    return {**own, **_shipped()}


def _elsewhere(asked_for: str) -> dict[str, Encoder]:
    try:
        run = store().run(asked_for.removeprefix("run:"))
    except StoreError:
        return {}
    return {asked_for: Encoder(isolated(run.name), run.spec)} if run.spec.task == "autoencoder" else {}


def _shipped() -> dict[str, Encoder]:
    specs = {model: spec for model, spec in _shipped_specs().items() if spec.task == "autoencoder"}
    names = unique([in_words(model, spec) for model, spec in specs.items()])
    return {
        f"model:{model}": Encoder(name, spec)
        for (model, spec), name in zip(specs.items(), names, strict=True)
    }


def in_words(model: str, spec: RunSpec) -> str:
    """The report that a shipped model comes from, or its network, and what decides its code."""
    report = REPORT.match(model)
    parts = [report[0].upper() if report else network_name(spec.architecture)]
    if spec.convolves and not spec.pooling:
        parts.append(_("no pooling"))
    parts.append(_("dropout {p}").format(p=in_full(spec.dropout)))
    n = spec.hidden_sizes[0]
    parts.append(ngettext("{n:,} number", "{n:,} numbers", n).format(n=n))
    return ", ".join(parts)


@cache
def _shipped_specs() -> dict[str, RunSpec]:
    return shipped_models.specs()
