"""The recorded curves of one run, and the few quantities of them that the rules of the diagnosis compare.

Nothing here raises, whatever was recorded: what cannot be said of a run is not a number, and no comparison
with that holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fmnist_core.architecture.layers import ReLUDropout
from fmnist_core.architecture.networks import network_layers
from fmnist_core.events import Epoch
from fmnist_core.spec import RunSpec

OPENING_IMAGES = 100
# The loss of the best answer that is the same for every image: the mean garment, or equal chances.
CONSTANT_ANSWER = {
    ("autoencoder", "mse"): 0.0868,
    ("classifier", "cross_entropy"): math.log(10),
    ("classifier", "mse"): 0.09,
}
# The loss of a network that has not learned yet: a grey picture (at most), or equal chances.
UNTRAINED = {
    ("autoencoder", "mse"): 0.25,
    ("classifier", "cross_entropy"): math.log(10),
    ("classifier", "mse"): 0.1,
}
# A rate to begin with. An autoencoder's loss is a mean over 784 pixels, so that its gradients are small.
USUAL_RATE = {
    ("autoencoder", "adam"): 1e-3,
    ("autoencoder", "sgd"): 1.0,
    ("classifier", "adam"): 1e-3,
    ("classifier", "sgd"): 0.1,
}


@dataclass(frozen=True)
class Curves:
    """A run's epochs, in order, and the losses of its batches: `losses[i]` of `steps[i]` and those around it.

    `end_reason` is as in `Finished`, `None` while the run may go on.
    """

    spec: RunSpec
    epochs: Sequence[Epoch]
    steps: np.ndarray
    losses: np.ndarray
    end_reason: str | None = None

    @property
    def last(self) -> int:
        """The epochs that have ended."""
        return self.epochs[-1].epoch if self.epochs else 0

    @cached_property
    def training(self) -> np.ndarray:
        """At each epoch's end, the loss of training images with dropout off."""
        return _numbers([epoch.train_loss_eval for epoch in self.epochs])

    @cached_property
    def with_dropout(self) -> np.ndarray:
        """Over each epoch, the loss of its own batches, dropout on and weights moving."""
        return _numbers([epoch.train_loss for epoch in self.epochs])

    @cached_property
    def validation(self) -> np.ndarray:
        """At each epoch's end; not a number where no image was held back."""
        return _numbers([epoch.validation_loss for epoch in self.epochs])

    @property
    def dead_units(self) -> float:
        """Of the last epoch, as in `Epoch`; not a number where the encoder is frozen: no unit learns."""
        is_frozen = self.spec.encoder is not None and self.spec.encoder.frozen
        return _number(self.epochs[-1].dead_units) if self.epochs and not is_frozen else math.nan

    @property
    def dropout(self) -> float:
        """The largest share that a layer drops: that of the settings, or 0 where the encoder goes without."""
        layers = (placed.layer for placed in network_layers(self.spec))
        return max((layer.p for layer in layers if isinstance(layer, ReLUDropout)), default=0.0)

    @property
    def learning_rate(self) -> float:
        """That of the last batch."""
        step = int(self.steps[-1]) if len(self.steps) else 0
        return self.spec.learning_rate_at(max(0, step - 1))

    @property
    def times_usual_rate(self) -> float:
        """The learning rate of the last batch, in times the usual one."""
        return self.learning_rate / USUAL_RATE[self.spec.task, self.spec.optimizer]

    @property
    def constant_answer(self) -> float:
        """The loss of the best answer that is the same for every image."""
        return CONSTANT_ANSWER[self.spec.task, self.spec.loss]

    @property
    def level(self) -> float:
        """The last training loss, as a share of that of a constant answer: 1 knows nothing of an image."""
        return at_end(self.training) / self.constant_answer

    @cached_property
    def by_hundreds(self) -> np.ndarray:
        """The loss of a hundred images or more that were trained one after the other, from each step on."""
        if not len(self.losses):
            return self.losses
        width = max(1, (int(self.steps[-1]) - int(self.steps[0])) // max(1, len(self.steps) - 1))
        count = min(len(self.losses), -(-OPENING_IMAGES // (self.spec.batch_size * width)))
        return np.convolve(self.losses.astype(np.float64), np.full(count, 1 / count), mode="valid")

    @property
    def start(self) -> float:
        """The loss of the first hundred images, or that of a network without training, if it is smaller.

        Not a number for a branch, which starts where another run had come to.
        """
        if self.spec.branch is not None or not len(self.by_hundreds):
            return math.nan
        return min(float(self.by_hundreds[0]), UNTRAINED[self.spec.task, self.spec.loss])

    @property
    def highest(self) -> tuple[float, int]:
        """The largest loss of a hundred images on the way, and the batch about which it was."""
        if not len(self.by_hundreds):
            return math.nan, 0
        place = int(self.by_hundreds.argmax())
        return float(self.by_hundreds[place]), int(self.steps[place])

    @property
    def overshoot(self) -> float:
        """The largest loss on the way, in times that at the start."""
        return ratio(self.highest[0], self.start)


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def at_end(values: np.ndarray) -> float:
    return float(values[-1]) if len(values) else math.nan


def descent(values: np.ndarray, share: float = 0.25) -> float:
    """By which share of itself a curve fell over the last part of the epochs, one at least."""
    before = len(values) - 1 - max(1, round(share * len(values)))
    return 1 - ratio(float(values[-1]), float(values[before])) if before >= 0 else math.nan


def lowest_so_far(values: np.ndarray) -> np.ndarray:
    """At each epoch the lowest value of a curve up to it; what is not a number counts as none."""
    return np.fmin.accumulate(values)


def rises(values: np.ndarray) -> float:
    """How far a curve rose from one epoch to the next, all rises together, as a share of where it ends."""
    if len(values) < 2:
        return math.nan
    return ratio(float(np.clip(np.diff(values), 0, None).sum()), float(values[-1]))


def smooth(values: np.ndarray) -> np.ndarray:
    """Each value averaged with its two neighbours, so that one epoch's luck decides nothing."""
    if len(values) < 3:
        return values
    return np.convolve(np.pad(values, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array([_number(value) for value in values], np.float64)


def _number(value: float | None) -> float:
    """Infinite losses count as none: no rule but that of divergence has anything to say of them."""
    return value if value is not None and math.isfinite(value) else math.nan
