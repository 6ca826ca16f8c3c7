"""What a rule says of a run: what is happening, the evidence, and one controlled experiment to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from fmnist_core.architecture.networks import network_layers
from fmnist_core.diagnosis.curves import Curves
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
        """The run's settings with the one changed, to be trained from the first batch at one rate.

        What happened to the run is no setting: that it branched off, or that its rate was changed meanwhile.
        """
        if not self.change:
            return None
        return spec.changed(branch=None, learning_rate_changes=(), **self.change)


def change(spec: RunSpec, name: str, value: Any) -> dict[str, Any]:
    """The setting with its value, if a run can have it and is another one then.

    It may not be with another dropout: a frozen encoder can go without any.
    """
    if value == getattr(spec, name):
        return {}
    try:
        changed = spec.changed(**{name: value})
    except SpecError:
        return {}
    if name == "dropout" and network_layers(changed) == network_layers(spec):
        return {}
    return {name: value}


def rate(curves: Curves, factor: float) -> dict[str, Any]:
    """The learning rate of the last batch, times `factor`, within what a run can have, if that changes it.

    A rate that was too high is no more than ten times the usual one afterwards, or it would be so again; one
    that was too low is at least a tenth of it.
    The experiment has it from the first batch on, so that it may be the rate with which the run began.
    """
    low, high = LIMITS["learning_rate"]
    usual = curves.learning_rate / curves.times_usual_rate
    if factor < 1:
        high = min(high, 10 * usual)
    else:
        low = max(low, min(high, usual / 10))
    wanted = float(f"{min(high, max(low, factor * curves.learning_rate)):.2g}")
    return {"learning_rate": wanted} if wanted != curves.learning_rate else {}


def batch(spec: RunSpec, size: int) -> dict[str, Any]:
    return change(spec, "batch_size", min(size, spec.train_size))


def wider(spec: RunSpec, factor: int) -> dict[str, Any]:
    """Hidden layers `factor` times as large; a trained encoder has the size that it has."""
    if spec.encoder is not None and spec.encoder.id is not None:
        return {}
    most = int(LIMITS["hidden_sizes"][1])
    return change(spec, "hidden_sizes", tuple(min(most, factor * size) for size in spec.hidden_sizes))


def epochs(spec: RunSpec, count: int) -> dict[str, Any]:
    return change(spec, "epochs", min(int(LIMITS["epochs"][1]), count))
