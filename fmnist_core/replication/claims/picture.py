"""The pictures that decide claims as numbers: points and lines, every seed of its own, ready to be drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fmnist_core.replication.claims.claim import Claim, Confusion, Curves, Picture, Points
from fmnist_core.replication.claims.judge import numbers
from fmnist_core.replication.evidence.records import Records
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.naming import name, position, setting
from fmnist_core.sentences import Sentence

COLUMNS: dict[str, Sentence] = {
    "train_loss": Sentence("Training loss, with dropout"),
    "train_loss_eval": Sentence("Training loss"),
    "validation_loss": Sentence("Validation loss"),
    "test_loss": Sentence("Test loss"),
    "train_accuracy": Sentence("Training accuracy"),
    "validation_accuracy": Sentence("Validation accuracy"),
}


@dataclass(frozen=True)
class Point:
    """`x` is the setting's value if the picture has a numeric axis; `y` is not finite after divergence."""

    experiment: str
    name: Sentence
    seed: int
    x: float | None
    y: float


@dataclass(frozen=True, eq=False)
class Line:
    """A value an epoch, the first being epoch 1; not-a-number where there was none."""

    experiment: str
    name: Sentence
    seed: int
    column: str
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Matrix:
    """Counts of test images, rows true and columns predicted class, shape (10, 10)."""

    experiment: str
    name: Sentence
    seed: int
    counts: np.ndarray


def axis(claim: Claim, picture: Picture) -> str | None:
    """The setting on the x axis of points, a field of `RunSpec`; `None` if names stand there instead."""
    fields = _differing(claim, picture)
    specs = [EXPERIMENTS[id].spec for id in picture.experiments]
    numeric = len(fields) == 1 and all(position(spec, fields[0]) is not None for spec in specs)
    return fields[0] if numeric else None


def points(claim: Claim, picture: Points, records: Records) -> list[Point]:
    field = axis(claim, picture)
    return [
        Point(
            id,
            label(claim, picture, id),
            seed,
            position(EXPERIMENTS[id].spec, field) if field else None,
            value,
        )
        for id in picture.experiments
        for seed, value in numbers(picture.quantity, id, records).items()
    ]


def lines(claim: Claim, picture: Curves, records: Records) -> list[Line]:
    return [
        Line(
            id,
            label(claim, picture, id),
            seed,
            column,
            np.array([math.nan if value is None else value for value in record.history[column]]),
        )
        for id in picture.experiments
        for column in picture.columns
        for seed, record in records.get(id, {}).items()
    ]


def matrices(claim: Claim, picture: Confusion, records: Records) -> list[Matrix]:
    return [
        Matrix(id, label(claim, picture, id), seed, np.array(record.confusion))
        for id in picture.experiments
        for seed, record in records.get(id, {}).items()
        if record.confusion is not None
    ]


def label(claim: Claim, picture: Picture, experiment: str) -> Sentence:
    """What an experiment is called in the picture: by what differs there, else as in the claim."""
    return name(EXPERIMENTS[experiment], _differing(claim, picture) or claim.varied)


def _differing(claim: Claim, picture: Picture) -> list[str]:
    specs = [EXPERIMENTS[id].spec for id in picture.experiments]
    return [field for field in claim.varied if len({setting(spec, field) for spec in specs}) > 1]
