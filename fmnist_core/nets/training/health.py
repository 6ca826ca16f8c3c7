"""Watches a run's health: numbers that overflow, a loss that climbs, outputs that are all alike.

It sees only losses and tallies, at points fixed by the step, so what it says does not depend on slices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from fmnist_core.diagnosis.curves import OPENING_IMAGES, UNTRAINED
from fmnist_core.events import Notice
from fmnist_core.nets.training.evaluation import Tally
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec

LOOK_EVERY = 20  # batches; a GPU has to wait for each look
CLIMBED, BACK = 2.0, 1.5  # times the loss at the start; apart, so that noise does not blink
ALIKE = 1e-3

OVERFLOW = Sentence(
    "The loss is no longer a number: the weights grew without bound. Start again with a lower learning rate."
)
DIVERGENCE = Sentence(
    "The loss has climbed far above its start: the steps overshoot. Try a lower learning rate."
)
COLLAPSE = {
    "autoencoder": Sentence(
        "The network draws the same picture for every garment: its hidden units have died. "
        "Start again with a lower learning rate or less dropout."
    ),
    "classifier": Sentence(
        "The network gives the same class to every garment. "
        "If that lasts, try another learning rate or less dropout."
    ),
}


@dataclass
class Health:
    """`opening` holds the losses of the first hundred images or more, `recent` the last few batches'."""

    opening: list[float] = field(default_factory=list)
    recent: list[float] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)

    def see(self, spec: RunSpec, losses: list[float]) -> None:
        missing = -(-OPENING_IMAGES // spec.batch_size) - len(self.opening)
        self.opening += losses[: max(0, missing)]
        self.recent = (self.recent + losses)[-LOOK_EVERY:]

    def overflowed(self) -> bool:
        return not all(map(math.isfinite, self.recent))

    def judge_losses(self, step: int, spec: RunSpec) -> list[Notice]:
        recent = sum(self.recent) / len(self.recent)
        start = min(sum(self.opening) / len(self.opening), UNTRAINED[spec.task, spec.loss])
        limit = BACK if "divergence" in self.raised else CLIMBED
        return self._change(step, "divergence", recent > limit * start, DIVERGENCE)

    def judge_outputs(self, step: int, spec: RunSpec, tally: Tally) -> list[Notice]:
        one_class = np.count_nonzero(tally.counts.sum(0)) == 1
        alike = one_class if spec.task == "classifier" else tally.output_range < ALIKE
        return self._change(step, "collapse", alike, COLLAPSE[spec.task])

    def _change(self, step: int, kind: str, holds: bool, sentence: Sentence) -> list[Notice]:
        if holds == (kind in self.raised):
            return []
        if holds:
            self.raised.append(kind)
            return [Notice(step, kind, sentence)]
        self.raised.remove(kind)
        return [Notice(step, kind, None)]
