"""Names experiments beside one another by the settings in which they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.sentences import Sentence, figure
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
    if field not in WORDS:
        raise ValueError(f"nothing is named by its {field}")
    return WORDS[field](spec)


def position(spec: RunSpec, field: str) -> float | None:
    """Where the value stands on an axis, if it is a number."""
    value = spec.hidden_sizes[0] if field == "hidden_sizes" else getattr(spec, field)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def decimal(value: float) -> Sentence:
    """Small rates without an exponent: 0.00001."""
    decimals = f"{value:.7f}".partition(".")[2].rstrip("0")
    return figure(value, f".{len(decimals)}f")


def _encoder(source: EncoderSource | None) -> Sentence:
    if source is None:
        raise ValueError("this network stands on no encoder")
    if source.origin == "random":
        return Sentence("random, frozen") if source.frozen else Sentence("random")
    return Sentence("pre-trained, frozen") if source.frozen else Sentence("pre-trained")


WORDS: dict[str, Callable[[RunSpec], Sentence]] = {
    "architecture": lambda spec: ARCHITECTURES[spec.architecture].in_sentence,
    "hidden_sizes": lambda spec: Sentence("n {n}", n="–".join(map(str, spec.hidden_sizes))),
    "dropout": lambda spec: Sentence("p {p}", p=decimal(spec.dropout)),
    "pooling": lambda spec: Sentence("with pooling") if spec.pooling else Sentence("without pooling"),
    "loss": lambda spec: LOSSES[spec.loss],
    "optimizer": lambda spec: Sentence("{optimizer}", optimizer=OPTIMIZERS[spec.optimizer]),
    "momentum": lambda spec: Sentence("momentum {momentum}", momentum=decimal(spec.momentum)),
    "learning_rate": lambda spec: Sentence("learning rate {rate}", rate=decimal(spec.learning_rate)),
    "batch_size": lambda spec: Sentence("batches of {n:,}", n=spec.batch_size),
    "epochs": lambda spec: Sentence("{n} epochs", n=spec.epochs),
    "train_size": lambda spec: Sentence("{n:,} training images", n=spec.train_size),
    "scaling": lambda spec: Sentence("inputs {scaling}", scaling=SCALINGS[spec.scaling]),
    "encoder": lambda spec: _encoder(spec.encoder),
}
