"""What the form of a lab page holds: values named as in a spec, and the spec that they make.

Values are what widgets give (numbers that may be typed freely are text); `spec_of` checks them all again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmnist_core.architecture import networks
from fmnist_core.architecture.networks import offered
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.sentences import Sentence
from fmnist_core.spec import LABELS, LIMITS, SCALINGS, RunSpec, SpecError, read_spec
from pages.parts.base.number_text import canonical, typed
from pages.parts.base.numerals import exact

ARCHITECTURES = {task: offered(task) for task in ("autoencoder", "classifier")}
OPTIMIZERS = ("adam", "sgd")
LOSSES = ("cross_entropy", "mse")
# Those that may pool; an encoder does as it was trained.
CONVOLUTIONAL = tuple(
    name
    for name, architecture in networks.ARCHITECTURES.items()
    if architecture.offered and not architecture.takes_encoder and read_spec({"architecture": name}).convolves
)
RANDOM = "random"

# A first run should be over while the learner still looks: a few seconds for a feed-forward network.
COMMON = {
    "pooling": True,
    "dropout": 0.1,
    "optimizer": "adam",
    "learning_rate": "0.001",
    "momentum": 0.0,
    "batch_size": "100",
    "train_size": "20000",
    "validation_size": "5000",
    "scaling": "unit",
    "seed": "0",
    "epochs": "10",
    "early_stopping": False,
    "patience": "3",
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "autoencoder": {"architecture": "ff_autoencoder", "hidden_sizes": "64", **COMMON},
    "classifier": {
        "architecture": "ff_classifier",
        "hidden_sizes": "128, 64",
        "encoder": RANDOM,
        "encoder_architecture": "conv_autoencoder",
        "frozen": False,
        "encoder_dropout": True,
        "loss": "cross_entropy",
        **COMMON,
        "dropout": 0.2,
    },
}
FORM_LABELS = {
    **LABELS,
    "early_stopping": Sentence("Early stopping"),
    "patience": Sentence("Patience"),
    "encoder_architecture": Sentence("Encoder network"),
    "frozen": Sentence("Keep the encoder frozen"),
    "encoder_dropout": Sentence("Dropout in the frozen encoder"),
    "vary": Sentence("Setting to vary"),
    "values": Sentence("Values"),
    "seeds": Sentence("Seeds"),
}
MOST_SEEDS = 10
FORM_LIMITS = {**LIMITS, "seeds": (1, MOST_SEEDS)}
# Settings that are typed freely, so that the form holds them as text, and what kind of number they are.
TYPED: dict[str, type[int] | type[float]] = {
    "learning_rate": float,
    **dict.fromkeys(("batch_size", "hidden_sizes", "train_size", "validation_size"), int),
    **dict.fromkeys(("seed", "epochs", "patience", "seeds"), int),
}
WHOLE_NUMBERS = tuple(name for name, kind in TYPED.items() if kind is int and name != "hidden_sizes")
ONE_NUMBER = ("learning_rate", "batch_size", "train_size", "validation_size", "seed", "epochs")
SAME_IN_SPEC = ("architecture", "dropout", "optimizer", "scaling")


def task_of(form: str) -> str:
    """The task that a form is about."""
    return {"transfer": "classifier"}.get(form, form.removeprefix("sweep_"))


def choices(form: str, encoders: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What the settings that are no numbers can be; `encoders` are what the form calls the trained ones."""
    return {
        "architecture": ("encoder_classifier",) if form == "transfer" else ARCHITECTURES[task_of(form)],
        "optimizer": OPTIMIZERS,
        "loss": LOSSES,
        "scaling": tuple(SCALINGS),
        "encoder": tuple(encoders) if form == "transfer" else (RANDOM, *encoders),
        "encoder_architecture": ARCHITECTURES["autoencoder"],
    }


def settled(name: str, value: Any) -> Any:
    """A setting's value in the form; what was typed as a number, in the text that such a number has."""
    if name not in TYPED or not isinstance(value, str):
        return value
    return ", ".join(canonical(TYPED[name], part) for part in parts_of(name, value))


def parts_of(name: str, value: Any) -> list[str]:
    """The numbers that a text holds; between hidden sizes stand commas, and elsewhere is but one number."""
    return str(value).split(",") if name == "hidden_sizes" else [str(value)]


def defaults(task: str, dataset: Dataset) -> dict[str, Any]:
    """The values of a fresh form; with less than the full data, sizes that it has."""
    values = dict(DEFAULTS[task_of(task)])
    available = len(dataset.train_labels)
    if int(values["train_size"]) + int(values["validation_size"]) > available:
        validation = available // 7
        values |= {"validation_size": str(validation), "train_size": str(available - validation)}
    return values


def spec_of(task: str, values: Mapping[str, Any], encoders: Mapping[str, RunSpec]) -> RunSpec:
    """The spec that a form's values make. Raises `SpecError`.

    `encoders` are the trained autoencoders at hand, by what the form calls them ("run:…", "model:…").
    """
    task = task_of(task)
    if values["architecture"] not in ARCHITECTURES[task]:
        refused = Sentence(
            "{label} cannot be “{value}”.", label=LABELS["architecture"], value=values["architecture"]
        )
        raise SpecError({"architecture": refused})
    spec: dict[str, Any] = {name: values[name] for name in SAME_IN_SPEC}
    spec |= {name: typed(TYPED[name], values[name]) for name in ONE_NUMBER}
    spec["hidden_sizes"] = [typed(int, part) for part in parts_of("hidden_sizes", values["hidden_sizes"])]
    spec["patience"] = typed(int, values["patience"]) if values["early_stopping"] else None
    if values["architecture"] in CONVOLUTIONAL:
        spec["pooling"] = values["pooling"]
    if values["optimizer"] == "sgd":
        spec["momentum"] = values["momentum"]
    if task == "classifier":
        spec["loss"] = values["loss"]
    if networks.ARCHITECTURES[values["architecture"]].takes_encoder:
        spec |= _encoder(values, encoders)
    return read_spec(spec)


def values_of(spec: RunSpec) -> dict[str, Any]:
    """The form's values that make this spec; what happened to the run (branch, changes) is no setting."""
    values = dict(DEFAULTS[spec.task])
    values |= {name: value for name, value in spec.model_dump().items() if name in SAME_IN_SPEC}
    values |= {"pooling": spec.pooling, "momentum": spec.momentum}
    values["hidden_sizes"] = ", ".join(map(str, spec.hidden_sizes))
    values |= {name: exact(getattr(spec, name)) for name in ONE_NUMBER}
    values["early_stopping"] = spec.patience is not None
    values["patience"] = exact(spec.patience) if spec.patience else values["patience"]
    if spec.task == "classifier":
        values["loss"] = spec.loss
    if spec.encoder is not None:
        fresh = spec.encoder.origin == RANDOM
        values["encoder"] = RANDOM if fresh else f"{spec.encoder.origin}:{spec.encoder.id}"
        values["encoder_architecture"] = spec.encoder.architecture
        values["frozen"] = spec.encoder.frozen
        values["encoder_dropout"] = spec.encoder.dropout
    return values


def with_network(values: Mapping[str, Any], architecture: str) -> dict[str, Any]:
    """The values of a fresh form in which a network has been chosen: each has hidden sizes of its own."""
    sizes = ", ".join(map(str, networks.ARCHITECTURES[architecture].default_hidden_sizes))
    return {**values, "architecture": architecture, "hidden_sizes": sizes}


def _encoder(values: Mapping[str, Any], encoders: Mapping[str, RunSpec]) -> dict[str, Any]:
    chosen, frozen = values["encoder"], values["frozen"]
    source = {"frozen": frozen, "dropout": values["encoder_dropout"] or not frozen}
    if chosen == RANDOM:
        source["architecture"] = values["encoder_architecture"]
        pooling = values["pooling"] if values["encoder_architecture"] in CONVOLUTIONAL else True
        return {"encoder": source, "pooling": pooling}
    if chosen not in encoders:
        raise SpecError({"encoder": Sentence("This trained encoder is no longer there. Choose another one.")})
    trained = encoders[chosen]
    origin, id = chosen.split(":", 1)
    source |= {"architecture": trained.architecture, "origin": origin, "id": id}
    return {"encoder": source, "hidden_sizes": list(trained.hidden_sizes), "pooling": trained.pooling}
