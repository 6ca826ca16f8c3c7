"""Curves of runs that were never trained: each says only what a rule looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fmnist_core.diagnosis.curves import Curves
from fmnist_core.events import Epoch
from fmnist_core.spec import read_spec


def curves(
    training: Sequence[float],
    validation: Sequence[float] | None = None,
    with_dropout: Sequence[float] | None = None,
    batches: Sequence[float] | None = None,
    dead: float | None = None,
    ended: str | None = "epochs",
    **settings: Any,
) -> Curves:
    """A run of as many epochs as there are training losses; what is not given is as those."""
    given = {"architecture": "ff_classifier", "train_size": 1000, "validation_size": 500, "dropout": 0.0}
    spec = read_spec({**given, "epochs": max(1, len(training)), **settings})
    unseen = validation if validation is not None else training
    dropped = with_dropout if with_dropout is not None else training
    epochs = [
        Epoch(
            number,
            number * spec.steps_per_epoch,
            dropped[number - 1],
            loss,
            unseen[number - 1] if spec.validation_size else None,
            None,
            None,
            None,
            spec.learning_rate,
            1.0,
            dead,
        )
        for number, loss in enumerate(training, 1)
    ]
    losses = np.array(batches if batches is not None else training, np.float32)
    return Curves(spec, epochs, np.arange(1, len(losses) + 1), losses, ended)
