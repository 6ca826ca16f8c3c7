"""What a lesson asks its learner to predict, in one of three forms: a curve, an order or a direction."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from fmnist_core.architecture.networks import CLASSES
from fmnist_core.lessons.texts import Paragraph
from fmnist_core.refusals import Part, as_tuple, refusal
from fmnist_core.sentences import Sentence

Quantity = Literal[
    "validation_loss",
    "validation_accuracy",
    "train_loss_eval",
    "train_accuracy",
    "gap",  # the validation loss minus the training loss
    "seconds_per_epoch",
]


WIDEST, NARROWEST = 1e6, 1e-6  # axes whose ticks can be written and told apart


class CurvePrediction(Part):
    """A line to draw: a value of `quantity` for each run, or for each epoch of the run `of`."""

    form: Literal["curve"]
    ask: Paragraph
    quantity: Quantity
    along: Literal["runs", "epochs"]
    of: str | None = None
    range: Annotated[tuple[float, float] | None, BeforeValidator(as_tuple)] = None

    @model_validator(mode="after")
    def _parts_fit_together(self) -> CurvePrediction:
        if (self.along == "epochs") != (self.of is not None):
            raise refusal(
                Sentence("A curve along epochs needs “of”, the name of a run; a curve along runs has none."),
                "of",
            )
        if self.range is not None and not self.range[0] < self.range[1]:
            raise refusal(Sentence("A range begins with its lower end, like [0, 1]."), "range")
        if self.range is not None and not _drawable(*self.range):
            raise refusal(
                Sentence("A range lies between −1,000,000 and 1,000,000, its ends at least 0.000001 apart."),
                "range",
            )
        if self.along == "epochs" and self.quantity == "seconds_per_epoch":
            raise refusal(Sentence("Seconds an epoch are one number for a run: ask along runs."), "quantity")
        return self

    @property
    def named_runs(self) -> tuple[str, ...]:
        return () if self.of is None else (self.of,)


def _drawable(low: float, high: float) -> bool:
    """Whether an axis between them has ticks that can be told apart."""
    return max(abs(low), abs(high)) <= WIDEST and high - low >= NARROWEST * max(1.0, abs(low), abs(high))


class OrderPrediction(Part):
    """The runs to rank by their `quantity` at the end, lowest first.

    Along classes, what is ranked are `classes` (0 to 9, as in the data), by the share of their validation
    images that the run `of` recognises: the quantity "recall".
    """

    form: Literal["order"]
    ask: Paragraph
    quantity: Literal[Quantity, "recall"]
    along: Literal["runs", "classes"] = "runs"
    of: str | None = None
    classes: Annotated[
        tuple[Annotated[int, Field(ge=0, le=CLASSES - 1)], ...], BeforeValidator(as_tuple)
    ] = ()

    @model_validator(mode="after")
    def _parts_fit_together(self) -> OrderPrediction:
        by_class = self.along == "classes"
        if by_class != (self.of is not None) or by_class != (self.quantity == "recall"):
            raise refusal(
                Sentence(
                    "An order along classes needs “of”, the name of a run, and the quantity “recall”; an "
                    "order along runs has neither."
                ),
                "along",
            )
        enough = len(self.classes) >= 2 if by_class else not self.classes
        if not enough or len(set(self.classes)) < len(self.classes):
            raise refusal(
                Sentence(
                    "An order along classes ranks two to ten classes, each once; one along runs names none."
                ),
                "classes",
            )
        return self

    @property
    def named_runs(self) -> tuple[str, ...]:
        return () if self.of is None else (self.of,)


class DirectionPrediction(Part):
    """Whether the `quantity` of `of` ends lower than that of `than`, about the same, or higher.

    It is the same within `alike_within`, a share of the larger of the two.
    """

    form: Literal["direction"]
    ask: Paragraph
    quantity: Quantity
    of: str
    than: str
    alike_within: Annotated[float, Field(ge=0.0, le=0.5)] = 0.02

    @model_validator(mode="after")
    def _compares_two(self) -> DirectionPrediction:
        if self.of == self.than:
            raise refusal(Sentence("A direction compares two runs: “of” and “than” must differ."), "than")
        return self

    @property
    def named_runs(self) -> tuple[str, ...]:
        return self.of, self.than


Prediction = Annotated[CurvePrediction | OrderPrediction | DirectionPrediction, Field(discriminator="form")]
