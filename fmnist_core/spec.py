"""`RunSpec`: everything that decides a run's result, and nothing else.

The same object is the form on the page, the row in the store, `spec.json` in a folder, the argument of
the command line and the share link. A bad value is refused here, in a sentence that a learner understands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from fmnist_core.sentences import LabError, Sentence

Task = Literal["autoencoder", "classifier"]
Architecture = Literal[
    "ff_autoencoder", "conv_autoencoder", "ff_classifier", "conv_classifier", "encoder_classifier"
]

PIXELS = 28 * 28
CLASSES = 10
TEST_SIZE = 10_000
TRAIN_IMAGES = 60_000
TRAIN_EVAL_SIZE = 10_000  # of the training images, how many an epoch's end evaluates
MAX_PARAMETERS = 20_000_000
SMALL_STEP = 16e6  # multiplications
CONVOLUTIONS = 1.2e6  # multiplications an image, at the least

TASKS: dict[str, str] = {
    "ff_autoencoder": "autoencoder",
    "conv_autoencoder": "autoencoder",
    "ff_classifier": "classifier",
    "conv_classifier": "classifier",
    "encoder_classifier": "classifier",
}
DEFAULT_HIDDEN_SIZES: dict[str, tuple[int, ...]] = {
    "ff_autoencoder": (64,),
    "conv_autoencoder": (64,),
    "ff_classifier": (128, 64),
    "conv_classifier": (600, 120),
    "encoder_classifier": (64,),
}
MAX_HIDDEN_LAYERS: dict[str, int] = {
    "ff_autoencoder": 1,
    "conv_autoencoder": 1,
    "ff_classifier": 4,
    "conv_classifier": 4,
    "encoder_classifier": 1,
}
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


class SpecError(LabError):
    """A spec was refused; `fields` maps each refused field to its sentence ("" is the whole spec)."""

    def __init__(self, fields: dict[str, Sentence]) -> None:
        super().__init__(*fields.values())
        self.fields = fields


def _as_tuple(value: Any) -> Any:
    """JSON has lists only, and strict validation would refuse them where a tuple is asked for."""
    return tuple(value) if isinstance(value, list) else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class EncoderSource(_Part):
    """Where the encoder of an `encoder_classifier` comes from: fresh weights, a run, or a shipped model."""

    architecture: Literal["ff_autoencoder", "conv_autoencoder"] = "conv_autoencoder"
    origin: Literal["random", "run", "model"] = "random"
    id: str | None = None
    frozen: bool = False

    @model_validator(mode="after")
    def _id_fits_origin(self) -> EncoderSource:
        if (self.origin == "random") != (self.id is None):
            raise _refusal(Sentence("Say which trained encoder to use, or choose a random one."))
        return self


class BranchPoint(_Part):
    """A kept point of another run's film, whose weights this run starts from."""

    run: str
    step: Annotated[int, Field(ge=0)]


class LearningRateChange(_Part):
    """From batch `step` on (0 is the first), train with `learning_rate`."""

    step: Annotated[int, Field(ge=0)]
    learning_rate: Annotated[float, Field(ge=LIMITS["learning_rate"][0], le=LIMITS["learning_rate"][1])]


def _between(name: str) -> Any:
    low, high = LIMITS[name]
    return Field(ge=low, le=high)


class RunSpec(_Part):
    """One training run. Sizes are counts of images, units or batches; rates are per optimizer step.

    `scaling` concerns what goes into the network: "unit" is [0, 1], "symmetric" [-1, 1], "standard" zero mean
    and unit variance of the training images. An autoencoder's target stays in [0, 1], so errors compare.
    """

    architecture: Architecture
    task: Task
    hidden_sizes: Annotated[
        tuple[Annotated[int, _between("hidden_sizes")], ...], BeforeValidator(_as_tuple), Field(min_length=1)
    ]
    dropout: Annotated[float, _between("dropout")] = 0.1
    pooling: bool = True
    loss: Literal["mse", "cross_entropy"]
    optimizer: Literal["adam", "sgd"] = "adam"
    momentum: Annotated[float, _between("momentum")] = 0.0
    learning_rate: Annotated[float, _between("learning_rate")] = 1e-3
    learning_rate_changes: Annotated[tuple[LearningRateChange, ...], BeforeValidator(_as_tuple)] = ()
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
        if not isinstance(values, Mapping) or values.get("architecture") not in list(TASKS):
            return values
        architecture = values["architecture"]
        filled = {"task": TASKS[architecture], "hidden_sizes": DEFAULT_HIDDEN_SIZES[architecture]}
        filled["loss"] = "mse" if TASKS[architecture] == "autoencoder" else "cross_entropy"
        if architecture == "encoder_classifier":
            filled["encoder"] = EncoderSource()
        return {**filled, **values}

    @model_validator(mode="after")
    def _parts_fit_together(self) -> RunSpec:
        if self.task != TASKS[self.architecture]:
            raise _refusal(
                Sentence("{network} is not a network for this task.", network=self.architecture), "task"
            )
        if len(self.hidden_sizes) > MAX_HIDDEN_LAYERS[self.architecture]:
            raise _refusal(
                Sentence(
                    "This network takes at most {most} hidden sizes; you gave {given}.",
                    most=MAX_HIDDEN_LAYERS[self.architecture],
                    given=len(self.hidden_sizes),
                ),
                "hidden_sizes",
            )
        if self.task == "autoencoder" and self.loss != "mse":
            raise _refusal(
                Sentence("An autoencoder compares images, so its loss is mean squared error."), "loss"
            )
        if (self.architecture == "encoder_classifier") != (self.encoder is not None):
            raise _refusal(
                Sentence("Only the classifier on an encoder takes an encoder, and it needs one."), "encoder"
            )
        if self.momentum and self.optimizer != "sgd":
            raise _refusal(Sentence("Momentum belongs to SGD; Adam has its own. Set it to 0."), "momentum")
        if self.batch_size > self.train_size:
            raise _refusal(
                Sentence(
                    "A batch of {batch} does not fit into {train} training images. Use a smaller batch.",
                    batch=self.batch_size,
                    train=self.train_size,
                ),
                "batch_size",
            )
        if self.train_size + self.validation_size > TRAIN_IMAGES:
            raise _refusal(
                Sentence(
                    "Training and validation images together exceed the {all} there are. Use fewer of one.",
                    all=TRAIN_IMAGES,
                ),
                "validation_size",
            )
        if self.patience is not None and self.validation_size == 0:
            raise _refusal(
                Sentence("Early stopping watches the validation loss, so it needs validation images."),
                "patience",
            )
        if self.parameter_count > MAX_PARAMETERS:
            raise _refusal(
                Sentence(
                    "This network would have {count:,} parameters; the limit is {limit:,}. "
                    "Use a smaller hidden size, or turn pooling on.",
                    count=self.parameter_count,
                    limit=MAX_PARAMETERS,
                ),
                "hidden_sizes",
            )
        return self

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch, the last, smaller one included."""
        return -(-self.train_size // self.batch_size)

    @property
    def total_steps(self) -> int:
        return self.epochs * self.steps_per_epoch

    @property
    def parameter_count(self) -> int:
        """Weights and biases of the network, by arithmetic, so that a page need not build it."""
        return parameter_count(self)

    @property
    def convolves(self) -> bool:
        """Whether the network, or the encoder that it stands on, has convolutions."""
        return "conv" in (self.encoder.architecture if self.encoder else self.architecture)

    @property
    def is_small_step(self) -> bool:
        """Whether a batch is so little work that calling for it takes as long as doing it.

        By multiplications on the way forward. Found by measuring: two threads train the smallest networks at
        the speed of one, and shorter numbers at less; from this size on both are half as fast again.
        """
        return self.batch_size * (CONVOLUTIONS if self.convolves else self.parameter_count) < SMALL_STEP

    def changed(self, **values: Any) -> RunSpec:
        """A copy with other values, checked anew. Raises `SpecError`."""
        return read_spec({**self.model_dump(), **values})

    def to_json(self) -> str:
        return self.model_dump_json(indent=2)


def read_spec(source: str | bytes | Mapping[str, Any]) -> RunSpec:
    """The door for anything from outside: JSON text or a mapping. Raises `SpecError`, in sentences."""
    if isinstance(source, str | bytes):
        try:
            source = json.loads(source)
            json.dumps(source, ensure_ascii=False).encode()  # fails on \ud800, which no page could show
        except (ValueError, RecursionError):
            raise SpecError(
                {"": Sentence("This is not valid JSON, so it cannot be read as a spec.")}
            ) from None
    if not isinstance(source, Mapping):
        raise SpecError({"": Sentence("A spec is a JSON object with named settings.")})
    try:
        return RunSpec.model_validate(source)
    except ValidationError as error:
        raise SpecError(_explain(error)) from None


def snapshot_steps(spec: RunSpec) -> tuple[int, ...]:
    """The batches after which the film takes a frame: none yet, log-spaced (six a decade), and the last."""
    grid = {round(10 ** (k / 6)) for k in range(6 * 7)}
    total = spec.total_steps
    return (0, *sorted(step for step in grid if step < total), total)


def parameter_count(spec: RunSpec) -> int:
    def linear(fan_in: int, fan_out: int) -> int:
        return fan_in * fan_out + fan_out

    def convolution(channels_in: int, channels_out: int, kernel: int) -> int:
        return channels_in * channels_out * kernel * kernel + channels_out

    def stack(*sizes: int) -> int:
        return sum(linear(a, b) for a, b in pairwise(sizes))

    hidden, n = spec.hidden_sizes, spec.hidden_sizes[0]
    flat = 800 if spec.pooling else 32 * 24 * 24
    conv_encoder = convolution(1, 16, 3) + convolution(16, 32, 3) + linear(flat, n)
    up_kernels = (5, 6) if spec.pooling else (3, 3)
    match spec.architecture:
        case "ff_autoencoder":
            return stack(PIXELS, n, PIXELS)
        case "conv_autoencoder":
            decoder = linear(n, flat) + convolution(32, 16, up_kernels[0]) + convolution(16, 1, up_kernels[1])
            return conv_encoder + decoder
        case "ff_classifier":
            return stack(PIXELS, *hidden, CLASSES)
        case "conv_classifier":
            side = 6 if spec.pooling else 26
            return convolution(1, 32, 3) + convolution(32, 64, 3) + stack(64 * side * side, *hidden, CLASSES)
        case "encoder_classifier":
            feed_forward = spec.encoder.architecture == "ff_autoencoder"
            encoder = linear(PIXELS, n) if feed_forward else conv_encoder
            return encoder + linear(n, CLASSES)


def _refusal(sentence: Sentence, field: str = "") -> PydanticCustomError:
    return PydanticCustomError("refusal", "{field}: {sentence}", {"field": field, "sentence": sentence})


def _explain(error: ValidationError) -> dict[str, Sentence]:
    """Pydantic's errors as sentences, one a field."""
    fields: dict[str, Sentence] = {}
    for problem in error.errors(include_url=False):
        if problem["type"] == "refusal":
            field = problem["ctx"]["field"] or (str(problem["loc"][0]) if problem["loc"] else "")
            fields.setdefault(field, problem["ctx"]["sentence"])
            continue
        field = str(problem["loc"][0]) if problem["loc"] else ""
        fields.setdefault(field, _sentence_for(problem))
    if "architecture" in fields:  # what it decides could not be filled in, which is no fault of its own
        fields = {
            field: sentence
            for field, sentence in fields.items()
            if field not in ("task", "hidden_sizes", "loss")
        }
    return fields


def _sentence_for(problem: Any) -> Sentence:
    field = ".".join(str(part) for part in problem["loc"])
    label = LABELS.get(str(problem["loc"][0]), field) if problem["loc"] else field
    context = problem.get("ctx", {})
    value = str(problem["input"])[:60]
    match problem["type"]:
        case "extra_forbidden":
            return Sentence(
                "There is no setting named “{field}”. Remove it, or check its spelling.", field=field
            )
        case "missing":
            return Sentence("The setting “{field}” is missing.", field=field)
        case "greater_than_equal":
            return Sentence(
                "{label} must be at least {low}; you gave {value}.",
                label=label,
                low=context["ge"],
                value=value,
            )
        case "less_than_equal":
            return Sentence(
                "{label} can be at most {high}; you gave {value}.",
                label=label,
                high=context["le"],
                value=value,
            )
        case "literal_error":
            return Sentence(
                "{label} can be {choices}; you gave “{value}”.",
                label=label,
                choices=context["expected"].replace("'", "").replace(" or ", ", "),
                value=value,
            )
        case "tuple_type":
            return Sentence(
                "{label} must be a list, like [64]; you gave “{value}”.", label=label, value=value
            )
        case "bool_type":
            return Sentence("{label} is true or false; you gave “{value}”.", label=label, value=value)
        case "int_type" | "int_from_float":
            return Sentence("{label} must be a whole number; you gave “{value}”.", label=label, value=value)
        case "float_type" | "finite_number":
            return Sentence("{label} must be a number; you gave “{value}”.", label=label, value=value)
        case "too_short":
            return Sentence("{label} needs at least one value.", label=label)
        case _:
            return Sentence("{label} cannot be “{value}”.", label=label, value=value)
