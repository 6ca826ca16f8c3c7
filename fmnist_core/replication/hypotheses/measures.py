"""Ways in which an author may have taken a figure, each from the record of one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fmnist_core.replication.evidence.records import Record
from fmnist_core.replication.recipes.report import Figure
from fmnist_core.statistics import mean

LOSSES = {"test_loss", "train_loss_eval"}


@dataclass(frozen=True)
class Measure:
    """`loss` and `accuracy` take it from a record; `None` where the record does not have it."""

    id: str
    loss: Callable[[Record], float | None]
    accuracy: Callable[[Record], float | None]

    def __call__(self, figure: Figure, record: Record) -> float | None:
        return (self.loss if figure in LOSSES else self.accuracy)(record)

    def takes(self, record: Record) -> bool:
        """Whether the record has it at all."""
        return self.loss(record) is not None


def _at(name: str, epoch: int) -> Callable[[Record], float | None]:
    """Of a column of the history; -1 is the last epoch."""
    return lambda record: record.history[name][epoch] if name in record.history else None


def _halfway(name: str) -> Callable[[Record], float | None]:
    return lambda record: record.history[name][(record.epochs - 1) // 2] if name in record.history else None


def _over(name: str, summary: Callable[[list[float]], float]) -> Callable[[Record], float | None]:
    """Over all epochs of a column."""

    def of(record: Record) -> float | None:
        known = [value for value in record.history.get(name, ()) if value is not None]
        return summary(known) if known else None

    return of


AS_TOLD = Measure(
    "test",
    lambda record: record.test_loss,
    lambda record: record.test_accuracy,
)
DROPOUT_ON = Measure(
    "dropout-on",
    lambda record: record.dropout_on[0] if record.dropout_on else None,
    lambda record: record.dropout_on[1] if record.dropout_on else None,
)
TRAINING = Measure(
    "training",
    _at("train_loss_eval", -1),
    _at("train_accuracy", -1),
)
WHILE_TRAINING = Measure(
    "while-training",
    _at("train_loss", -1),
    lambda record: None,
)
FIRST_EPOCH = Measure(
    "first-epoch",
    _at("validation_loss", 0),
    _at("validation_accuracy", 0),
)
HALFWAY = Measure(
    "halfway",
    _halfway("validation_loss"),
    _halfway("validation_accuracy"),
)
BEST_EPOCH = Measure(
    "best-epoch",
    _over("validation_loss", min),
    _over("validation_accuracy", max),
)
MEAN = Measure(
    "mean",
    _over("validation_loss", mean),
    _over("validation_accuracy", mean),
)
