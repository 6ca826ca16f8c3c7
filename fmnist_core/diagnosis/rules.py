"""All rules on one run, and which findings are shown: the worst first, without what others explain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fmnist_core.diagnosis import fit
from fmnist_core.diagnosis.curves import Curves
from fmnist_core.diagnosis.duration import plateau, still_improving
from fmnist_core.diagnosis.finding import Finding
from fmnist_core.diagnosis.fit import dropout_too_strong, overfitting, underfitting, validation_below_training
from fmnist_core.diagnosis.step_size import (
    batch_too_large,
    batch_too_small,
    divergence,
    rate_too_high,
    rate_too_low,
)
from fmnist_core.diagnosis.units import dead_units, same_output, some_dead_units

Rule = Callable[[Curves], Finding | None]

RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        divergence,
        same_output,
        rate_too_high,
        rate_too_low,
        batch_too_small,
        batch_too_large,
        dropout_too_strong,
        overfitting,
        underfitting,
        dead_units,
        still_improving,
        plateau,
        validation_below_training,
    )
}
MOST = 3
LEAST_EPOCHS = fit.LEAST_EPOCHS  # with fewer, most rules cannot speak: their silence says nothing
# What is a consequence of something else, and so not said beside it.
EXPLAINED_BY: dict[str, set[str]] = {
    "rate_too_high": {"divergence"},
    "dead_units": {"divergence"},
    "same_output": {"divergence", "rate_too_low"},
    "underfitting": {
        "divergence",
        "same_output",
        "rate_too_high",
        "rate_too_low",
        "dropout_too_strong",
        "batch_too_small",
    },
    "still_improving": {"divergence", "same_output", "rate_too_low", "batch_too_large"},
    "plateau": {"divergence", "same_output", "overfitting", "rate_too_high", "rate_too_low"},
    "validation_below_training": {"dropout_too_strong"},
}


def fired(curves: Curves) -> dict[str, Finding]:
    """What each rule finds, by its name, in the order of `RULES`."""
    with np.errstate(all="ignore"):  # what cannot be divided is not a number, and no rule holds of it
        findings = {name: rule(curves) for name, rule in RULES.items()}
    return {name: finding for name, finding in findings.items() if finding is not None}


def remarks(curves: Curves) -> list[Finding]:
    """What is said where `diagnose` finds nothing: no trouble, and so none of the rules."""
    remark = some_dead_units(curves) if len(curves.epochs) >= LEAST_EPOCHS else None
    return [] if remark is None else [remark]


def diagnose(curves: Curves) -> list[Finding]:
    """The findings to be shown, the worst first, three at most; none where all is well."""
    findings = fired(curves)
    own = [
        finding for name, finding in findings.items() if not EXPLAINED_BY.get(name, set()) & findings.keys()
    ]
    return sorted(own, key=lambda finding: -finding.severity)[:MOST]
