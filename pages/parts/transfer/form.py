"""The settings of a race: on which encoder, with how many labels, for how long; and the runs that they make.

Four cases start with the same seed and train for as long: from a trained encoder or a random one of the same
shape, which is trained further or kept frozen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec, SpecError, read_spec
from pages.parts.base.number_text import typed
from pages.parts.forms import form_values, url_state
from pages.parts.forms.encoders import Encoder
from pages.parts.forms.form_values import RANDOM

FORM = "transfer"
CASES: dict[tuple[bool, bool], Sentence] = {  # by whether the encoder is trained, and frozen
    (True, False): Sentence("Pre-trained"),
    (True, True): Sentence("Pre-trained, frozen"),
    (False, False): Sentence("Random"),
    (False, True): Sentence("Random, frozen"),
}
# Labels: epochs, images a batch. Few labels need many rounds to have the same chance.
BUDGETS = {100: (60, 20), 300: (30, 20), 1000: (20, 50), 10_000: (6, 100), 50_000: (2, 100)}
VALIDATION = 1000
FIRST = 1000
REPORTS_OWN = "model:r4-p0.1"


def label_counts(dataset: Dataset) -> list[int]:
    """Those for which the data in use has enough images."""
    available = len(dataset.train_labels) - VALIDATION
    return [count for count in BUDGETS if count <= available]


def defaults(trained: Mapping[str, Encoder]) -> dict[str, Any]:
    """A fresh form, on an encoder that the lab ships, which everybody has: R4's, if that is there."""
    shipped = [id for id in fitting(trained, pooling=True) if id.startswith("model:")]
    shipped.sort(key=lambda id: (id != REPORTS_OWN, not trained[id].spec.convolves))
    return {
        "architecture": "encoder_classifier",
        "pooling": True,
        "encoder": next(iter(shipped), ""),
        "train_size": FIRST,
        "epochs": str(BUDGETS[FIRST][0]),
        "dropout": 0.1,
        "encoder_dropout": True,
        "learning_rate": "0.001",
        "seed": "0",
    }


def fitting(trained: Mapping[str, Encoder], pooling: bool) -> dict[str, Encoder]:
    """Encoders with or without pooling; one without convolutions has neither, and is offered with both."""
    return {
        id: encoder
        for id, encoder in trained.items()
        if encoder.spec.pooling == pooling or not encoder.spec.convolves
    }


def read(
    given: Mapping[str, str], fresh: Mapping[str, Any], trained: Mapping[str, Encoder], counts: list[int]
) -> tuple[dict[str, Any], list[Sentence]]:
    """The form that an address asks for, and a sentence for each part of it that had to be ignored."""
    base, size = dict(fresh), typed(int, given.get("train_size", ""))
    if size in counts:
        base["epochs"] = str(BUDGETS[size][0])

    def check(values: Mapping[str, Any]) -> None:
        if values["encoder"]:
            specs(values, trained, [values["train_size"]])

    choices = {**form_values.choices(FORM, trained), "train_size": counts}
    values, ignored = url_state.read(given, base, choices, check)
    if "encoder" in given and values["encoder"] in trained:
        encoder = trained[values["encoder"]].spec
        values["pooling"] = encoder.pooling if encoder.convolves else values["pooling"]
    return values, ignored


def specs(values: Mapping[str, Any], trained: Mapping[str, Encoder], counts: Iterable[int]) -> list[RunSpec]:
    """The four cases for each number of labels, the fewest first. Raises `SpecError`."""
    encoder = trained.get(values["encoder"])
    if encoder is None:
        raise SpecError({"encoder": Sentence("Choose a trained encoder: without one there is no race.")})
    origin, id = values["encoder"].split(":", 1)
    planned = []
    for count in counts:
        epochs, batch_size = BUDGETS[count]
        shared = {
            "architecture": "encoder_classifier",
            "hidden_sizes": list(encoder.spec.hidden_sizes),
            "pooling": encoder.spec.pooling,
            "scaling": encoder.spec.scaling,
            "dropout": values["dropout"],
            "learning_rate": typed(float, values["learning_rate"]),
            "batch_size": batch_size,
            "epochs": typed(int, values["epochs"]) if count == values["train_size"] else epochs,
            "train_size": count,
            "validation_size": VALIDATION,
            "seed": typed(int, values["seed"]),
        }
        for is_trained, frozen in CASES:
            source = {"origin": origin, "id": id} if is_trained else {"origin": RANDOM}
            source |= {"architecture": encoder.spec.architecture, "frozen": frozen}
            source["dropout"] = values["encoder_dropout"] or not frozen
            planned.append(read_spec({**shared, "encoder": source}))
    return planned


def case_of(spec: RunSpec) -> tuple[bool, bool]:
    return spec.encoder.origin != RANDOM, spec.encoder.frozen


def as_fast(spec: RunSpec) -> RunSpec:
    """A spec that takes as long, of which there are fewer: a trained encoder is as slow as a random one."""
    return spec.changed(encoder=spec.encoder.untrained())
