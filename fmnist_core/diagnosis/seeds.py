"""The rule on two settings that are compared: whether luck alone may have made the difference between them.

Bouthillier and others, Accounting for variance in machine learning benchmarks, 2021, arXiv:2103.03098: runs
of one setting with other seeds differ, often by more than the improvement that is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from fmnist_core import statistics
from fmnist_core.diagnosis.finding import Finding, Severity, change
from fmnist_core.sentences import Sentence, loss_text
from fmnist_core.spec import RunSpec

FEWEST_REPEATS = 2  # runs beyond the first of a setting, of both together


def seed_noise(spec: RunSpec, one: Mapping[int, float], other: Mapping[int, float]) -> Finding | None:
    """`one` and `other` are the losses of two settings' runs, by seed; `spec` is that of the first.

    Both are taken to scatter alike. Nothing is said of fewer than two runs beyond the first of each.
    """
    groups = [[loss for loss in losses.values() if math.isfinite(loss)] for losses in (one, other)]
    repeats = sum(len(losses) - 1 for losses in groups)
    if not all(groups) or repeats < FEWEST_REPEATS:
        return None
    squares = sum(float(np.square(np.array(losses) - statistics.mean(losses)).sum()) for losses in groups)
    deviation = math.sqrt(squares / repeats)
    difference = abs(statistics.mean(groups[0]) - statistics.mean(groups[1]))
    reach = statistics.students_t(repeats) * deviation * math.sqrt(sum(1 / len(losses) for losses in groups))
    if not difference < reach:
        return None
    evidence = Sentence(
        "The losses differ by {difference}; runs that differ in their seed only scatter by {deviation}, "
        "so that up to {reach} may be luck (runs: {count}).",
        difference=loss_text(difference),
        deviation=loss_text(deviation),
        reach=loss_text(reach),
        count=sum(map(len, groups)),
    )
    what = Sentence("The difference may be luck.")
    fresh = next(seed for seed in range(len(one) + 1) if seed not in one)
    return Finding("seed_noise", Severity.COST, what, evidence, change(spec, "seed", fresh))
