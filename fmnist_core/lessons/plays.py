"""The controls that a lesson's explanation can offer to play with, and what a file may set of each.

How each is drawn is the pages' affair: `pages/parts/lessons/plays` has a function for every name here.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from fmnist_core.architecture.networks import Task
from fmnist_core.data import shipped_models
from fmnist_core.refusals import Part, as_tuple, not_among, refusal
from fmnist_core.replication.recipes import EXPERIMENTS


class PlaySettings(Part):
    """What a file may set of a play; this one has nothing to set."""


class OfRun(PlaySettings):
    """A play with one run of the lesson: `run` is its name, the first of the lesson where it is not given.

    It plays with networks of one `task` only, if it has one.
    """

    task: ClassVar[Task | None] = None

    run: str | None = None


class OfAutoencoder(OfRun):
    task: ClassVar[Task | None] = "autoencoder"


class OfClassifier(OfRun):
    task: ClassVar[Task | None] = "classifier"


def _experiment(name: str) -> str:
    if name not in EXPERIMENTS:
        raise refusal(not_among("experiments", ", ".join(EXPERIMENTS), name[:60]))
    return name


def _model(name: str) -> str:
    if name not in shipped_models.names():
        raise refusal(not_among("model", ", ".join(shipped_models.names()), name[:60]))
    return name


class OfExperiments(PlaySettings):
    """A play with curves of the evidence that the lab ships: of which experiments, and which curve."""

    experiments: Annotated[
        tuple[Annotated[str, AfterValidator(_experiment)], ...],
        BeforeValidator(as_tuple),
        Field(min_length=2, max_length=6),
    ]
    quantity: Literal["validation_loss", "train_loss_eval"] = "validation_loss"


class OfModel(PlaySettings):
    """A play with a trained network that the lab ships."""

    model: Annotated[str, AfterValidator(_model)]


PLAYS: dict[str, type[PlaySettings]] = {
    "film": OfRun,  # garments of a run, moment by moment
    "numbers": OfAutoencoder,  # a garment's latent numbers, each with a slider
    "patience": OfRun,  # when early stopping would have ended a run
    "dropout": PlaySettings,  # the lesson's runs measured with dropout on and off
    "rates": OfExperiments,  # curves of every seed, one setting after another
    "shift": PlaySettings,  # a garment moved, before and after pooling
    "confusions": OfClassifier,  # a run's matrix, and the garments of a cell
    "labels": OfModel,  # an encoder's numbers, and pixels, learned from few labels
    "draws": PlaySettings,  # single runs drawn at random: which setting is ahead?
}
