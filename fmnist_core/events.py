"""What a run reports while it trains: small frozen dataclasses, drained by engine, command line and tests.

`step` counts batches trained so far; epoch `n` has ended when `step == n * spec.steps_per_epoch`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.sentences import Sentence


@dataclass(frozen=True)
class Batches:
    """Mean loss of each batch (float32); the first of them is batch number `first_step`, counted from 1."""

    first_step: int
    losses: np.ndarray


@dataclass(frozen=True)
class Epoch:
    """The end of an epoch. Losses are means over images; `None` where there is nothing to measure.

    `train_loss` is the mean over the epoch's own batches, dropout on and weights moving; `train_loss_eval` is
    taken at the epoch's end with dropout off, on a fixed 10,000 of the training images (or all, if fewer).
    `confusion` counts validation images, rows true and columns predicted class, shape (10, 10).
    `seconds` is the time spent training and evaluating this epoch, pauses left out. `dead_units` is the share
    of units, in the hidden layer where it is largest, that stay at zero for 1,000 training images; `None` of
    runs from before it was recorded.
    """

    epoch: int
    step: int
    train_loss: float
    train_loss_eval: float
    validation_loss: float | None
    train_accuracy: float | None
    validation_accuracy: float | None
    confusion: np.ndarray | None
    learning_rate: float
    seconds: float
    dead_units: float | None = None


@dataclass(frozen=True)
class Snapshot:
    """Ten fixed test garments, one a class, through the network at this step.

    `outputs` is uint8 (10, 28, 28) for an autoencoder, float32 probabilities (10, 10) for a classifier.
    `state` is the saved training state, from which a branch can start; `fingerprint` the CRC-32 of its
    weights, if the same batches would give the same weights again.
    """

    step: int
    epoch: float
    outputs: np.ndarray
    state: bytes
    fingerprint: int | None = None


@dataclass(frozen=True)
class Notice:
    """Something a learner should know: "collapse", "divergence", "device", on what the run trains, "repeat",
    how far training went back, "memory", that the optimizer's began anew, or "branch", that it did so at the
    start.

    `sentence` is None once it has passed.
    """

    step: int
    kind: str
    sentence: Sentence | None


@dataclass(frozen=True)
class Finished:
    """The run's end and its test figures; `reason` is "epochs", "early_stopping", "stopped" or "diverged".

    With early stopping the test figures are those of the best weights, from the end of `best_epoch`.
    After divergence they are `None`.
    """

    step: int
    epoch: int
    reason: str
    test_loss: float | None
    test_accuracy: float | None
    test_confusion: np.ndarray | None
    best_epoch: int | None


Event = Batches | Epoch | Snapshot | Notice | Finished
