"""`RunSpec`: everything that decides a run's result, and nothing else.

The same object is the form on the page, the row in the store, `spec.json` in a folder, the argument of
the command line and the share link. A bad value is refused here, in a sentence that a learner understands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from fmnist_core.architecture.layers import Conv2d
from fmnist_core.architecture.networks import (
    ARCHITECTURES,
    Task,
    multiplications,
    network_layers,
    of_task,
    parameter_count,
    with_weights,
)
from fmnist_core.refusals import Part, as_tuple, explain, has_too_many_values, not_among, refusal
from fmnist_core.sentences import LabError, Sentence

TRAIN_IMAGES = 60_000
TRAIN_EVAL_SIZE = 10_000  # of the training images, how many an epoch's end evaluates
MAX_PARAMETERS = 20_000_000
SMALL_STEP = 16e6  # multiplications

LIMITS: dict[str, tuple[float, float]] = {
    "hidden_sizes": (1, 4096),
    "dropout": (0.0, 0.9),
    "momentum": (0.0, 0.99),
    "learning_rate": (1e-6, 10.0),
    "batch_size": (1, 5000),
    "epochs": (1, 500),
    "patience": (1, 100),
    "train_size": (100, TRAIN_IMAGES),
    "validation_size": (0, 20_000),
    "seed": (0, 2**31 - 1),
}
SCALINGS: dict[str, str] = {"unit": "[0, 1]", "symmetric": "[−1, 1]", "standard": "μ 0, σ 1"}
LABELS: dict[str, Sentence] = {
    "task": Sentence("Task"),
    "architecture": Sentence("Network"),
    "hidden_sizes": Sentence("Hidden size"),
    "dropout": Sentence("Dropout"),
    "pooling": Sentence("Pooling"),
    "loss": Sentence("Loss"),
    "optimizer": Sentence("Optimizer"),
    "momentum": Sentence("Momentum"),
    "learning_rate": Sentence("Learning rate"),
    "learning_rate_changes": Sentence("Learning rate changes"),
    "batch_size": Sentence("Batch size"),
    "epochs": Sentence("Epochs"),
    "patience": Sentence("Early stopping patience"),
    "train_size": Sentence("Training images"),
    "validation_size": Sentence("Validation images"),
    "scaling": Sentence("Input scaling"),
    "seed": Sentence("Seed"),
    "encoder": Sentence("Encoder"),
    "branch": Sentence("Branched from"),
}


MOST_CHARACTERS = 200_000  # far more than any run needs, and few enough to be read at once
TOO_LONG = Sentence(
    "This is too long for a spec: a run has some twenty settings, with a value or a short list each."
)


class SpecError(LabError):
    """A spec was refused; `fields` maps each refused field to its sentence ("" is the whole spec)."""

    def __init__(self, fields: dict[str, Sentence]) -> None:
        super().__init__(*fields.values())
        self.fields = fields


class EncoderSource(Part):
    """Where the encoder of an `encoder_classifier` comes from: fresh weights, a run, or a shipped model.

    A frozen one learns nothing. With `dropout` it goes on dropping units at random while the rest trains, as
    in the reports; without, it rests in evaluation mode.
    """

    architecture: Annotated[str, BeforeValidator(lambda name: _one_of("encoder", name))] = "conv_autoencoder"
    origin: Literal["random", "run", "model"] = "random"
    id: str | None = None
    frozen: bool = False
    dropout: bool = True

    @model_validator(mode="after")
    def _id_fits_origin(self) -> EncoderSource:
        if (self.origin == "random") != (self.id is None):
            raise refusal(Sentence("Say which trained encoder to use, or choose a random one."))
        if not (self.frozen or self.dropout):
            raise refusal(
                Sentence("Only a frozen encoder can go without dropout. Freeze it, or turn its dropout on.")
            )
        return self

    def untrained(self) -> EncoderSource:
        """The same with random weights, on which a classifier takes as long to train."""
        return self.model_copy(update={"origin": "random", "id": None})


class Surgery(Part):
    """One unit, or feature map, whose values a run begins with `factor` times as large as its parent's.

    `layer` is where they come out: one with weights, or the ReLU behind it.
    """

    layer: str
    unit: Annotated[int, Field(ge=0)]
    factor: Annotated[float, Field(ge=0.0, le=10.0)]


class BranchPoint(Part):
    """A moment of another run's training, with whose weights, after any surgery, this run starts."""

    run: str
    step: Annotated[int, Field(ge=0)]
    surgery: Surgery | None = None


class LearningRateChange(Part):
    """From batch `step` on (0 is the first), train with `learning_rate`."""

    step: Annotated[int, Field(ge=0)]
    learning_rate: Annotated[float, Field(ge=LIMITS["learning_rate"][0], le=LIMITS["learning_rate"][1])]


def _between(name: str) -> Any:
    low, high = LIMITS[name]
    return Field(ge=low, le=high)


class RunSpec(Part):
    """One training run. Sizes are counts of images, units or batches; rates are per optimizer step.

    `scaling` concerns what goes into the network: "unit" is [0, 1], "symmetric" [-1, 1], "standard" zero mean
    and unit variance of the training images. An autoencoder's target stays in [0, 1], so errors compare.
    """

    architecture: Annotated[str, BeforeValidator(lambda name: _one_of("architecture", name))]
    task: Task
    hidden_sizes: Annotated[
        tuple[Annotated[int, _between("hidden_sizes")], ...], BeforeValidator(as_tuple), Field(min_length=1)
    ]
    dropout: Annotated[float, _between("dropout")] = 0.1
    pooling: bool = True
    loss: Literal["mse", "cross_entropy"]
    optimizer: Literal["adam", "sgd"] = "adam"
    momentum: Annotated[float, _between("momentum")] = 0.0
    learning_rate: Annotated[float, _between("learning_rate")] = 1e-3
    learning_rate_changes: Annotated[tuple[LearningRateChange, ...], BeforeValidator(as_tuple)] = ()
    batch_size: Annotated[int, _between("batch_size")] = 100
    epochs: Annotated[int, _between("epochs")] = 10
    patience: Annotated[int, _between("patience")] | None = None
    train_size: Annotated[int, _between("train_size")] = 50_000
    validation_size: Annotated[int, _between("validation_size")] = 10_000
    scaling: Literal["unit", "symmetric", "standard"] = "unit"
    seed: Annotated[int, _between("seed")] = 0
    encoder: EncoderSource | None = None
    branch: BranchPoint | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill_what_the_architecture_decides(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or values.get("architecture") not in list(ARCHITECTURES):
            return values
        architecture = ARCHITECTURES[values["architecture"]]
        filled: dict[str, Any] = {
            "task": architecture.task,
            "hidden_sizes": architecture.default_hidden_sizes,
        }
        filled["loss"] = "mse" if architecture.task == "autoencoder" else "cross_entropy"
        if architecture.takes_encoder:
            filled["encoder"] = EncoderSource()
        return {**filled, **values}

    @model_validator(mode="after")
    def _parts_fit_together(self) -> RunSpec:
        architecture = ARCHITECTURES[self.architecture]
        if self.task != architecture.task:
            raise refusal(
                Sentence("{network} is not a network for this task.", network=self.architecture), "task"
            )
        if architecture.takes_encoder != (self.encoder is not None):
            raise refusal(
                Sentence("Only the classifier on an encoder takes an encoder, and it needs one."), "encoder"
            )
        sized = architecture if self.encoder is None else ARCHITECTURES[self.encoder.architecture]
        if len(self.hidden_sizes) > sized.most_hidden_sizes:
            raise refusal(
                Sentence(
                    "Hidden sizes of this network: at most {most}; you gave {given}.",
                    most=sized.most_hidden_sizes,
                    given=len(self.hidden_sizes),
                ),
                "hidden_sizes",
            )
        if self.task == "autoencoder" and self.loss != "mse":
            raise refusal(
                Sentence("An autoencoder compares images, so its loss is mean squared error."), "loss"
            )
        if self.momentum and self.optimizer != "sgd":
            raise refusal(Sentence("Momentum belongs to SGD; Adam has its own. Set it to 0."), "momentum")
        if self.batch_size > self.train_size:
            raise refusal(
                Sentence(
                    "A batch of {batch} does not fit into {train} training images. Use a smaller batch.",
                    batch=self.batch_size,
                    train=self.train_size,
                ),
                "batch_size",
            )
        if self.train_size + self.validation_size > TRAIN_IMAGES:
            raise refusal(
                Sentence(
                    "Training and validation images together exceed the {all} there are. Use fewer of one.",
                    all=TRAIN_IMAGES,
                ),
                "validation_size",
            )
        if self.patience is not None and self.validation_size == 0:
            raise refusal(
                Sentence("Early stopping watches the validation loss, so it needs validation images."),
                "patience",
            )
        if self.parameter_count > MAX_PARAMETERS:
            raise refusal(
                Sentence(
                    "This network would have {count:,} parameters; the limit is {limit:,}. "
                    "Use a smaller hidden size, or turn pooling on.",
                    count=self.parameter_count,
                    limit=MAX_PARAMETERS,
                ),
                "hidden_sizes",
            )
        return self

    @model_validator(mode="after")
    def _has_the_unit(self) -> RunSpec:
        if self.branch is None or (surgery := self.branch.surgery) is None:
            return self
        source = with_weights(network_layers(self), surgery.layer)
        if source is None or surgery.unit >= source.behind[0]:
            raise refusal(
                Sentence(
                    "This network has no unit {unit} in “{name}”.", unit=surgery.unit, name=surgery.layer[:40]
                ),
                "branch",
            )
        return self

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch, the last, smaller one included."""
        return -(-self.train_size // self.batch_size)

    @property
    def total_steps(self) -> int:
        return self.epochs * self.steps_per_epoch

    def learning_rate_at(self, step: int) -> float:
        """The rate that batch `step` is trained with, the first batch being 0."""
        begun = [change for change in self.learning_rate_changes if change.step <= step]
        return max(begun, key=lambda change: change.step).learning_rate if begun else self.learning_rate

    @property
    def parameter_count(self) -> int:
        """Weights and biases of the network."""
        return parameter_count(self)

    @property
    def convolves(self) -> bool:
        """Whether the network, or the encoder that it stands on, has convolutions."""
        return any(isinstance(placed.layer, Conv2d) for placed in network_layers(self))

    @property
    def lacks(self) -> frozenset[str]:
        """Settings that its network, or its optimizer, does not have: their values decide nothing."""
        return frozenset(["pooling"] * (not self.convolves) + ["momentum"] * (self.optimizer != "sgd"))

    @property
    def starts_from_a_run(self) -> bool:
        """Whether its first weights are another run's, so that they do not follow from the spec alone."""
        return self.branch is not None or (self.encoder is not None and self.encoder.origin == "run")

    @property
    def is_small_step(self) -> bool:
        """Whether a batch is so little work that calling for it takes as long as doing it.

        By multiplications on the way forward. Found by measuring: two threads train the smallest networks at
        the speed of one, and shorter numbers at less; from this size on both are half as fast again.
        """
        return self.batch_size * multiplications(self) < SMALL_STEP

    def changed(self, **values: Any) -> RunSpec:
        """A copy with other values, checked anew. Raises `SpecError`."""
        return read_spec({**self.model_dump(), **values})

    def to_json(self) -> str:
        return self.model_dump_json(indent=2)


def read_spec(source: str | bytes | Mapping[str, Any]) -> RunSpec:
    """The door for anything from outside: JSON text or a mapping. Raises `SpecError`, in sentences."""
    if isinstance(source, str | bytes):
        if len(source) > MOST_CHARACTERS:
            raise SpecError({"": TOO_LONG})
        try:
            source = json.loads(source)
            json.dumps(source, ensure_ascii=False).encode()  # fails on \ud800, which no page could show
        except (ValueError, RecursionError):
            raise SpecError(
                {"": Sentence("This is not valid JSON, so it cannot be read as a spec.")}
            ) from None
    if not isinstance(source, Mapping):
        raise SpecError({"": Sentence("A spec is a JSON object with named settings.")})
    if has_too_many_values(source):
        raise SpecError({"": TOO_LONG})
    try:
        return RunSpec.model_validate(source)
    except ValidationError as error:
        raise SpecError(explain(error, LABELS)) from None


def snapshot_steps(spec: RunSpec) -> tuple[int, ...]:
    """The batches after which the film takes a frame: none yet, log-spaced (six a decade), and the last."""
    grid = {round(10 ** (k / 6)) for k in range(6 * 7)}
    total = spec.total_steps
    return (0, *sorted(step for step in grid if step < total), total)


def _one_of(field: str, name: object) -> object:
    """The name of an architecture; as an encoder, of an autoencoder."""
    names = of_task("autoencoder") if field == "encoder" else tuple(ARCHITECTURES)
    if name not in names:
        usual = [known for known in names if ARCHITECTURES[known].offered]
        raise refusal(not_among(LABELS[field], ", ".join(usual), str(name)[:60]))
    return name
