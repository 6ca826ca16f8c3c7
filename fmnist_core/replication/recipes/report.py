"""What a report is made of: a question, experiments with their settings and published figures, open points.

Everything is data. Whatever a learner reads is a `Sentence`; nothing here trains, and nothing is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.statistics import Range

# The figures that reports publish, by the names that a run's own have: losses and accuracy are the test's,
# `train_loss_eval` is the training loss with dropout off, `mean_diagonal` the mean over classes of the share
# recognised.
Figure = Literal["train_loss_eval", "test_loss", "test_accuracy", "mean_diagonal"]
Relation = Literal["=", "≈", ">", "<"]
BEGINNING = date(2026, 11, 21)  # of the project: what was measured before, to settle open points
Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Published:
    """A figure as it stands in the report, with so many `decimals`; `None` means all of them.

    `relation` is the report's own "about", "over" or "under".
    """

    figure: Figure
    value: float
    where: Sentence
    relation: Relation = "="
    decimals: int | None = None

    @property
    def meant(self) -> Range:
        """The numbers that it may stand for: those that round to it; "about" is twice as wide."""
        value, unit = self.value, 10.0 ** -(self.decimals if self.decimals is not None else 12)
        match self.relation:
            case ">":
                return Range(low=value)
            case "<":
                return Range(high=value)
            case "≈":
                return Range(value - unit, value + unit)
        return Range(value - unit / 2, value + unit / 2)


@dataclass(frozen=True)
class Experiment:
    """One setting at the report's full length. Its seed is 0; evidence repeats it with others.

    `confusion` is the published confusion matrix, each row (true class) as shares, shape (10, 10).
    With `continues`, it is that experiment trained for more epochs, and may go on from where that one ended.
    `shipped`: the project ships the trained model. `ours`: the report has no such experiment; it tests why
    our figures differ.
    """

    id: str
    spec: RunSpec
    published: tuple[Published, ...] = ()
    confusion: Matrix | None = None
    continues: str | None = None
    shipped: bool = False
    ours: bool = False
    notes: tuple[Sentence, ...] = ()

    @property
    def encoder(self) -> str | None:
        """The experiment whose trained encoder this one starts from (that of the same seed)."""
        source = self.spec.encoder
        return source.id if source is not None and source.origin == "model" else None

    @property
    def needs(self) -> tuple[str, ...]:
        """The experiments that must have been trained before, with the same seed."""
        return tuple(other for other in (self.encoder, self.continues) if other is not None)


@dataclass(frozen=True)
class Study:
    """Experiments that differ in the settings `varied`, fields of `RunSpec`, in the report's order."""

    title: Sentence
    varied: tuple[str, ...]
    experiments: tuple[str, ...]


@dataclass(frozen=True)
class OpenPoint:
    """What a report does not say, or says in two ways, and what was chosen, for which reason.

    Where our figures differ it may be why: in those of `experiments` and `figures`, or in all if these are
    empty. `after_evidence` is the day, where the choice was made by how close figures came to the published.
    """

    question: Sentence
    choice: Sentence
    experiments: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    after_evidence: date | None = None


@dataclass(frozen=True)
class Report:
    """`year` is `None` where the report bears none."""

    id: str
    title: Sentence
    year: int | None
    asked: Sentence
    experiments: tuple[Experiment, ...]
    studies: tuple[Study, ...]
    open_points: tuple[OpenPoint, ...] = ()
