"""What is known of a lesson's runs while they train and once they have ended: values, and why some lack."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fmnist_core.events import Epoch
from fmnist_core.lessons.quantities import Quantity
from fmnist_core.sentences import Sentence

State = Literal["waiting", "training", "finished", "stopped", "diverged", "missing"]


@dataclass(frozen=True)
class RunResult:
    """The epochs of a run so far, and how it stands; "missing" is one that failed, or was deleted."""

    state: State = "waiting"
    epochs: tuple[Epoch, ...] = ()

    def curve(self, quantity: Quantity) -> dict[int, float]:
        """Its value at the end of each epoch where it was measured; numbers that are none are left out."""
        values = {epoch.epoch: quantity.of_epoch(epoch) for epoch in self.epochs}
        return {n: value for n, value in values.items() if value is not None and math.isfinite(value)}

    def value(self, quantity: Quantity) -> float | None:
        """One value for the run, so far or at its end; `None` where it has none to compare."""
        if self.state == "diverged":
            return quantity.diverged
        if self.state in ("stopped", "missing"):
            return None
        curve = self.curve(quantity)
        return quantity.of_run(list(curve.values())) if curve else None


Results = Mapping[str, RunResult]


def values(results: Results, quantity: Quantity) -> dict[str, float]:
    """By the names of the runs that have one, in their order."""
    held = {name: result.value(quantity) for name, result in results.items()}
    return {name: value for name, value in held.items() if value is not None}


def absences(results: Results, quantity: Quantity, names: Mapping[str, str]) -> list[Sentence]:
    """Why runs are left out, or count as worse than all others, and that some still train.

    `names` are what the runs are called on the page.
    """
    sentences = []
    for run, result in results.items():
        name = names[run]
        if result.state == "stopped":
            sentences.append(Sentence("“{name}” was stopped before its end, so it is left out.", name=name))
        elif result.state == "missing":
            sentences.append(Sentence("“{name}” has no result, so it is left out.", name=name))
        elif result.state == "diverged" and quantity.diverged is not None:
            sentences.append(Sentence("“{name}” diverged, so it counts as worse than all others.", name=name))
        elif result.state == "diverged":
            sentences.append(Sentence("“{name}” diverged, so it is left out.", name=name))
        elif result.state == "finished" and result.value(quantity) is None:
            sentences.append(Sentence("“{name}” measured nothing to compare, so it is left out.", name=name))
    if any(result.state in ("waiting", "training") for result in results.values()):
        sentences.append(Sentence("Training goes on, so this may still change."))
    return sentences


def cut_short(result: RunResult, name: str) -> list[Sentence]:
    """The same for the epochs of one run, of which those that it has are compared."""
    last = result.epochs[-1].epoch if result.epochs else 0
    if result.state == "stopped" and last:
        return [Sentence("“{name}” was stopped after epoch {n}: the rest is left out.", name=name, n=last)]
    if result.state == "diverged" and last:
        return [Sentence("“{name}” diverged after epoch {n}: the rest is left out.", name=name, n=last)]
    if result.state in ("stopped", "diverged", "missing"):
        return [Sentence("“{name}” has no result, so it is left out.", name=name)]
    if result.state in ("waiting", "training"):
        return [Sentence("Training goes on, so this may still change.")]
    return []
