"""What a rule says of a run: what is happening, the evidence, and one controlled experiment to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from fmnist_core.sentences import Sentence
from fmnist_core.spec import LIMITS, RunSpec, SpecError


class Severity(IntEnum):
    """How much it matters, the worst last."""

    REMARK = 0
    WASTE = 1
    COST = 2
    HARM = 3
    RUIN = 4


@dataclass(frozen=True)
class Finding:
    """`kind` is the name of its rule. `change` is the one setting, with its value, in which the experiment
    differs from the run; it is empty where none can be offered.
    """

    kind: str
    severity: Severity
    what: Sentence
    evidence: Sentence
    change: Mapping[str, Any] = field(default_factory=dict)

    def experiment(self, spec: RunSpec) -> RunSpec | None:
        """The run's spec with the one setting changed, to be trained from its first batch."""
        if not self.change:
            return None
        return spec.changed(branch=None, learning_rate_changes=(), **self.change)


def change(spec: RunSpec, name: str, value: Any) -> dict[str, Any]:
    """The setting with its value, if that is another one and a run can have it."""
    if value == getattr(spec, name):
        return {}
    try:
        spec.changed(**{name: value})
    except SpecError:
        return {}
    return {name: value}


def rate(spec: RunSpec, factor: float) -> dict[str, Any]:
    """The learning rate at the end, times `factor`, within what a run can have."""
    low, high = LIMITS["learning_rate"]
    last = spec.learning_rate_at(spec.total_steps)
    return change(spec, "learning_rate", min(high, max(low, float(f"{factor * last:.2g}"))))


def batch(spec: RunSpec, size: int) -> dict[str, Any]:
    return change(spec, "batch_size", min(size, spec.train_size))


def wider(spec: RunSpec, factor: int) -> dict[str, Any]:
    """Hidden layers `factor` times as large."""
    most = int(LIMITS["hidden_sizes"][1])
    return change(spec, "hidden_sizes", tuple(min(most, factor * size) for size in spec.hidden_sizes))


def epochs(spec: RunSpec, count: int) -> dict[str, Any]:
    return change(spec, "epochs", min(int(LIMITS["epochs"][1]), count))
