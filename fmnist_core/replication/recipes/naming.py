"""What experiments are called beside one another: by the settings in which they differ."""

from __future__ import annotations

from collections.abc import Iterable

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.sentences import Sentence
from fmnist_core.spec import SCALINGS, EncoderSource, RunSpec

OPTIMIZERS = {"adam": "Adam", "sgd": "SGD"}
LOSSES: dict[str, Sentence] = {
    "mse": Sentence("mean squared error"),
    "cross_entropy": Sentence("cross-entropy"),
}


def name(experiment: Experiment, varied: Iterable[str]) -> Sentence:
    """By its values of the settings `varied`, fields of `RunSpec`: "n 64, p 0.2"."""
    first, *others = (setting(experiment.spec, field) for field in varied)
    for other in others:
        first = Sentence("{one}, {other}", one=first, other=other)
    return first


def setting(spec: RunSpec, field: str) -> Sentence:
    """The value of one setting, in as few words as tell which it is."""
    value = getattr(spec, field)
    match field:
        case "architecture":
            return ARCHITECTURES[value].in_sentence
        case "hidden_sizes":
            return Sentence("n {n}", n="–".join(map(str, value)))
        case "dropout":
            return Sentence("p {p}", p=_decimal(value))
        case "pooling":
            return Sentence("with pooling") if value else Sentence("without pooling")
        case "loss":
            return LOSSES[value]
        case "optimizer":
            return Sentence("{optimizer}", optimizer=OPTIMIZERS[value])
        case "momentum":
            return Sentence("momentum {momentum}", momentum=_decimal(value))
        case "learning_rate":
            return Sentence("learning rate {rate}", rate=_decimal(value))
        case "batch_size":
            return Sentence("batches of {n:,}", n=value)
        case "epochs":
            return Sentence("{n} epochs", n=value)
        case "train_size":
            return Sentence("{n:,} training images", n=value)
        case "scaling":
            return Sentence("inputs {scaling}", scaling=SCALINGS[value])
        case "encoder":
            return _encoder(value)
    raise ValueError(f"nothing is named by its {field}")


def position(spec: RunSpec, field: str) -> float | None:
    """Where the value stands on an axis, if it is a number."""
    value = spec.hidden_sizes[0] if field == "hidden_sizes" else getattr(spec, field)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _decimal(value: float) -> str:
    """Small rates without an exponent: 0.00001."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _encoder(source: EncoderSource) -> Sentence:
    if source.origin == "random":
        return Sentence("random, frozen") if source.frozen else Sentence("random")
    return Sentence("pre-trained, frozen") if source.frozen else Sentence("pre-trained")
