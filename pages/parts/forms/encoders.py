"""The trained encoders that a classifier can start from: the learner's own, and those that the lab ships."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fmnist_core.data import shipped_models
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import StoreError
from pages.parts.base.services import store

MOST_RUNS = 40
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
    own = {f"run:{run.id}": Encoder(run.name, run.spec) for run in runs}
    if asked_for and asked_for.startswith("run:") and asked_for not in own:
        own |= _elsewhere(asked_for)
    return {**own, **_shipped()}


def _elsewhere(asked_for: str) -> dict[str, Encoder]:
    try:
        run = store().run(asked_for.removeprefix("run:"))
    except StoreError:
        return {}
    return {asked_for: Encoder(run.name, run.spec)} if run.spec.task == "autoencoder" else {}


@cache
def _shipped() -> dict[str, Encoder]:
    specs = shipped_models.specs().items()
    return {f"model:{name}": Encoder(name, spec) for name, spec in specs if spec.task == "autoencoder"}
