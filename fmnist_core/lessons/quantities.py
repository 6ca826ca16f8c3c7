"""What a lesson can ask to predict: how each quantity is read off an epoch, and how its values are written.

A value that is missing, such as a validation loss without validation images, is `None`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from fmnist_core.events import Epoch
from fmnist_core.sentences import Sentence, figure, loss_text, share_text

Word = Literal[
    "validation_loss",
    "validation_accuracy",
    "train_loss_eval",
    "train_accuracy",
    "gap",
    "seconds_per_epoch",
]
Unit = Literal["loss", "share", "seconds"]


def _last(values: Sequence[float]) -> float:
    return values[-1]


@dataclass(frozen=True)
class Quantity:
    """`of_epoch` reads it off an epoch's end, `of_run` makes one value of a run's epochs, of which there is
    at least one. `diverged` is what counts for a run whose numbers grew beyond all bounds, if anything does.
    """

    label: Sentence
    unit: Unit
    of_epoch: Callable[[Epoch], float | None]
    of_run: Callable[[Sequence[float]], float] = _last
    diverged: float | None = None

    def text(self, value: float) -> Sentence:
        """A value as a learner reads it."""
        if not math.isfinite(value):
            return Sentence("diverged")
        if self.unit == "share":
            return share_text(value)
        if self.unit == "seconds":
            return Sentence("{seconds} s", seconds=figure(value, ".1f"))
        return loss_text(value)

    def distance_text(self, distance: float) -> Sentence:
        """How far two values lie apart; shares do in percentage points, which are no percent."""
        if self.unit == "share":
            return Sentence("{points} percentage points", points=figure(100 * distance, ".1f"))
        return self.text(distance)

    def as_read(self, value: float) -> float:
        """Rounded as `text` rounds: what reads alike is alike."""
        if self.unit == "share":
            return round(100 * value, 1) / 100
        return round(value, 1 if self.unit == "seconds" else 4)


def _gap(epoch: Epoch) -> float | None:
    return None if epoch.validation_loss is None else epoch.validation_loss - epoch.train_loss_eval


def recall(label: int) -> Quantity:
    """The share of a class's validation images that a classifier recognises."""
    return Quantity(RECALL, "share", lambda epoch: _recall(epoch, label))


def _recall(epoch: Epoch, label: int) -> float | None:
    if epoch.confusion is None or not epoch.confusion[label].any():
        return None
    return float(epoch.confusion[label, label] / epoch.confusion[label].sum())


RECALL = Sentence("Share recognised")
QUANTITIES: dict[Word, Quantity] = {
    "validation_loss": Quantity(
        Sentence("Validation loss"), "loss", lambda epoch: epoch.validation_loss, diverged=math.inf
    ),
    "validation_accuracy": Quantity(
        Sentence("Validation accuracy"), "share", lambda epoch: epoch.validation_accuracy, diverged=-math.inf
    ),
    "train_loss_eval": Quantity(
        Sentence("Training loss"), "loss", lambda epoch: epoch.train_loss_eval, diverged=math.inf
    ),
    "train_accuracy": Quantity(
        Sentence("Training accuracy"), "share", lambda epoch: epoch.train_accuracy, diverged=-math.inf
    ),
    "gap": Quantity(Sentence("Gap between the losses"), "loss", _gap),
    "seconds_per_epoch": Quantity(
        Sentence("Seconds an epoch"), "seconds", lambda epoch: epoch.seconds, of_run=median
    ),
}
