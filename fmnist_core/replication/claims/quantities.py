"""The numbers that claims speak of, each taken from one run's record: where a curve ends, turns or swings.

Every threshold in them was fixed before there was any evidence to judge; where a definition is younger, it
says so. "At the end" is the mean of the last three epochs, since single epochs go up and down; a run of fewer
epochs has what it has.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.fashion_mnist import CLASSES
from fmnist_core.replication.evidence.records import Record
from fmnist_core.sentences import Sentence, loss_text, share_text
from fmnist_core.statistics import ANY, Range

EPOCHS_TOGETHER = 3
RISES = 0.05  # above the lowest: what an eye sees in a plot
HALFWAY, EARLY, LAST = 15, 6, 5  # epochs, of 30
SHIRT, PULLOVER, T_SHIRT = (CLASSES.index(name) for name in ("Shirt", "Pullover", "T-shirt/top"))

Curve = NDArray[np.float64]  # a value an epoch
# How a number is written: losses, and differences of two, with four decimals; shares of images and parts of a
# loss in percent; seconds with two decimals.
Unit = Literal["loss", "loss_difference", "share", "part", "epochs", "seconds"]
AT_LEAST_ZERO = Range(low=0.0)


@dataclass(frozen=True)
class Quantity:
    """`of` takes it from a record; a run that diverged has `diverged`, one without a number not-a-number.

    `moves` says that the number tells how far a loss rises, or falls. `luck` is the standard error that the
    choice of the test images alone makes, of numbers that speak of garments at large. `possible` are the
    values that it can have.
    """

    label: Sentence
    unit: Unit
    of: Callable[[Record], float | None]
    diverged: float = math.nan
    moves: Literal["rises", "falls"] | None = None
    luck: Callable[[Record], float] | None = None
    possible: Range = ANY

    @property
    def step(self) -> float:
        """The least by which two of its values can differ."""
        return 1.0 if self.unit == "epochs" else 0.0

    def text(self, value: float, decimals: int | None = None) -> Sentence:
        """A loss or a share, as a report would give it; with fewer decimals if it gave fewer.

        `decimals` are those of the number, of which a share in percent shows two less.
        """
        if self.unit == "share":
            return share_text(value, min(3, 3 if decimals is None else decimals) - 2)
        return loss_text(value, min(4, 4 if decimals is None else decimals))

    def __call__(self, record: Record) -> float:
        if record.reason == "diverged":
            return self.diverged
        value = self.of(record)
        return math.nan if value is None else float(value)


def unseen(record: Record) -> Curve:
    """The loss, epoch by epoch, on images that are not trained on: validation images, else test images."""
    return _column(record, "validation_loss" if "validation_loss" in record.history else "test_loss")


def _column(record: Record, name: str) -> Curve:
    return np.array([math.nan if value is None else value for value in record.history[name]])


def _smooth(values: Curve) -> Curve:
    """Means over three epochs in a row."""
    width = min(EPOCHS_TOGETHER, len(values))
    return np.convolve(values, np.ones(width) / width, "valid")


def _end(values: Curve) -> float:
    return float(_smooth(values)[-1])


def _steep_end(record: Record) -> float:
    """Where the curve lies farthest under the straight line from its first point to its last.

    It was first defined as 90 % of the fall. The first runs of R1 showed that to lie at epoch 115, where the
    report, speaking of the bend that one sees, says 25.
    """
    curve = unseen(record)
    line = np.linspace(curve[0], curve[-1], len(curve))
    return float(np.argmax(line - curve)) + 1


def _rise(record: Record) -> float:
    curve = _smooth(unseen(record))
    return float(curve[-1] / curve.min() - 1)


def _onset(record: Record) -> float:
    if _rise(record) < RISES:
        return record.epochs
    return int(np.argmin(_smooth(unseen(record)))) + 1 + EPOCHS_TOGETHER // 2


def _roughness(record: Record) -> float:
    """How much the curve's slope changes from one step to the next, in the mean; of a straight line nothing.

    Steps are those of the loss's logarithm, so that the changes are parts of the loss.
    """
    steps = np.diff(np.log(unseen(record)))
    return float(np.abs(np.diff(steps)).mean()) if len(steps) > 1 else 0.0


def at_epoch(number: int) -> Quantity:
    """The validation loss at the end of an epoch, the first being 1; a run that ended before has none."""
    return Quantity(
        Sentence("Validation loss at epoch {number}", number=number),
        "loss",
        lambda record: unseen(record)[number - 1] if record.epochs >= number else None,
        diverged=math.inf,
    )


def _late_slope(record: Record) -> float:
    """Of the straight line through the last five epochs, in parts of the loss an epoch."""
    curve = np.log(unseen(record)[-LAST:])
    return float(np.polyfit(np.arange(len(curve)), curve, 1)[0]) if len(curve) > 1 else 0.0


def _until(values: Curve, epoch: int) -> float:
    return _end(values[:epoch]) if len(values) >= epoch else math.nan


def _gain(record: Record) -> float:
    curve = _column(record, "validation_accuracy")
    return _end(curve) - _until(curve, HALFWAY)


def _epoch_seconds(record: Record) -> float:
    """By the clock: whatever else the machine had to do is in it."""
    return record.seconds / record.epochs if record.epochs else math.nan


def _shirts(record: Record) -> float:
    """The rarer of the two named confusions, less the mean of all others, both ways together."""
    named, others = _confusions(record)
    return min(named) - float(np.mean(others))


def _shirts_luck(record: Record) -> float:
    named, _others = _confusions(record)
    images = 2 * sum(record.confusion[SHIRT]) if record.confusion else 0
    return math.sqrt(min(named) * (1 - min(named)) / images)


def _confusions(record: Record) -> tuple[list[float], list[float]]:
    """The share of two classes' images taken for one another: of the two named pairs, and of all others."""
    counts = np.array(record.confusion)
    shares = (counts + counts.T) / (counts.sum(1)[:, None] + counts.sum(1)[None, :])
    pairs = {frozenset((i, j)): float(shares[i, j]) for i in range(len(shares)) for j in range(i)}
    named = [pairs.pop(frozenset((SHIRT, other))) for other in (PULLOVER, T_SHIRT)]
    return named, list(pairs.values())


def _diagonal_luck(record: Record) -> float:
    """Of a share of each class's images: the binomial error, class by class."""
    counts = np.array(record.confusion)
    images = counts.sum(1)
    shares = counts.diagonal() / images
    return math.sqrt(float((shares * (1 - shares) / images).sum())) / len(counts)


def _accuracy_luck(record: Record) -> float:
    """The binomial error of a share of all test images: 0.3 points at 91 %."""
    counts = np.array(record.confusion)
    share = float(counts.trace() / counts.sum())
    return math.sqrt(share * (1 - share) / float(counts.sum()))


def mean_diagonal(record: Record) -> float:
    """The mean over classes of the share of a class's images that are recognised."""
    counts = np.array(record.confusion)
    return float((counts.diagonal() / counts.sum(1)).mean())


TEST_LOSS = Quantity(Sentence("Test error"), "loss", lambda record: record.test_loss, math.inf)
TRAIN_LOSS = Quantity(
    Sentence("Training error at the last epoch"),
    "loss",
    lambda record: _column(record, "train_loss_eval")[-1],
    math.inf,
)
TEST_ACCURACY = Quantity(
    Sentence("Test accuracy"),
    "share",
    lambda record: record.test_accuracy,
    diverged=-math.inf,
    luck=_accuracy_luck,
    possible=Range(0.0, 1.0),
)
MEAN_DIAGONAL = Quantity(
    Sentence("Mean diagonal"),
    "share",
    mean_diagonal,
    diverged=-math.inf,
    luck=_diagonal_luck,
    possible=Range(0.0, 1.0),
)
GAP = Quantity(
    Sentence("Validation loss minus training loss, at the end"),
    "loss_difference",
    lambda record: _end(unseen(record) - _column(record, "train_loss_eval")),
)
RELATIVE_GAP = Quantity(
    Sentence("Test error above training error, at the end"),
    "part",
    lambda record: _end(unseen(record)) / _end(_column(record, "train_loss_eval")) - 1,
)
RISE = Quantity(
    Sentence("Rise of the loss above its lowest"), "part", _rise, moves="rises", possible=AT_LEAST_ZERO
)
ONSET = Quantity(Sentence("Epoch at which overfitting begins"), "epochs", _onset, possible=Range(low=1.0))
STEEP_END = Quantity(
    Sentence("Epoch at which the steep part ends"), "epochs", _steep_end, possible=Range(low=1.0)
)
LATE_FALL = Quantity(
    Sentence("Validation loss after 15 epochs above that at the end"),
    "part",
    lambda record: _until(unseen(record), HALFWAY) / _end(unseen(record)) - 1,
)
LATE_GAIN = Quantity(Sentence("Validation accuracy gained after 15 epochs"), "share", _gain)
LOWEST = Quantity(
    Sentence("Lowest validation loss"), "loss", lambda record: unseen(record).min(), diverged=math.inf
)
AFTER_SIX = Quantity(
    Sentence("Validation loss after 6 epochs"),
    "loss",
    lambda record: unseen(record)[:EARLY][-1],
    diverged=math.inf,
)
TRAINED_EPOCHS = Quantity(
    Sentence("Epochs until training stops"), "epochs", lambda record: record.epochs, possible=Range(low=1.0)
)
FALL = Quantity(
    Sentence("Fall of the validation loss since the first epochs"),
    "part",
    lambda record: 1 - _end(unseen(record)) / _smooth(unseen(record))[0],
    diverged=-math.inf,
    moves="falls",
)
ROUGHNESS = Quantity(
    Sentence("Change of the validation curve’s slope from epoch to epoch"),
    "part",
    _roughness,
    diverged=math.inf,
    possible=AT_LEAST_ZERO,
)
EPOCH_SECONDS = Quantity(
    Sentence("Seconds of training an epoch"), "seconds", _epoch_seconds, possible=AT_LEAST_ZERO
)
LOSS_TIMES_SECONDS = Quantity(
    Sentence("Test error times seconds an epoch"),
    "loss",
    lambda record: None if record.test_loss is None else record.test_loss * _epoch_seconds(record),
    diverged=math.inf,
    possible=AT_LEAST_ZERO,
)
LATE_SLOPE = Quantity(
    Sentence("Slope of the validation loss over the last five epochs"), "part", _late_slope, diverged=math.inf
)
SHIRTS = Quantity(
    Sentence("Shirts taken for pullovers or T-shirts, minus the mean of the other confusions"),
    "share",
    _shirts,
    luck=_shirts_luck,
)
