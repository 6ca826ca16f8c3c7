"""A sweep's part of the form: which setting varies, over which values, with how many seeds; and its runs.

The rest is the lab's own form. Values are text, as they are typed and as a link carries them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.data import fashion_mnist
from fmnist_core.engine.sweep_queue import MOST_RUNS, too_many
from fmnist_core.sentences import Sentence
from fmnist_core.spec import SCALINGS, RunSpec, SpecError
from pages.parts.base.number_text import canonical, typed
from pages.parts.base.numerals import exact
from pages.parts.forms import form_state, form_values, url_state
from pages.parts.forms.controls import BATCH_SIZES, LEARNING_RATES
from pages.parts.forms.form_values import CONVOLUTIONAL, MOST_SEEDS, RANDOM
from pages.parts.forms.number_field import whole_within

MOST_VALUES = 8
FIRST = "hidden_sizes"
# Names that only a sweep's form has.
OWN = ("vary", "values", "seeds")
SUGGESTED: dict[str, tuple[str, ...]] = {
    "hidden_sizes": ("2", "8", "16", "32", "64", "128", "256", "512"),
    "dropout": ("0", "0.05", "0.1", "0.15", "0.2", "0.3", "0.5"),
    "pooling": ("on", "off"),
    "optimizer": ("adam", "sgd"),
    "learning_rate": LEARNING_RATES,
    "batch_size": BATCH_SIZES,
    "train_size": ("300", "1000", "3000", "10000", "20000", "50000"),
    "scaling": tuple(SCALINGS),
}
USUAL: dict[str, tuple[str, ...]] = {
    "hidden_sizes": ("16", "64", "256"),
    "dropout": ("0", "0.2", "0.5"),
    "pooling": ("on", "off"),
    "optimizer": ("adam", "sgd"),
    "learning_rate": ("0.01", "0.001", "0.0001"),
    "batch_size": ("32", "100", "500"),
    "train_size": ("300", "1000", "3000"),
    "scaling": tuple(SCALINGS),
}
FIXED = ("pooling", "optimizer", "scaling")  # of which there are no other values
# A first sweep of nine runs should take a minute or two.
BASE = {"train_size": "3000", "validation_size": "1000", "epochs": "5"}


def defaults(name: str, dataset: fashion_mnist.Dataset) -> dict[str, Any]:
    """A fresh form; `name` is "sweep_autoencoder" or "sweep_classifier"."""
    return {
        **form_values.defaults(name, dataset),
        **BASE,
        "vary": FIRST,
        "values": usual(FIRST),
        "seeds": "3",
    }


def usual(vary: str) -> str:
    return ", ".join(USUAL[vary])


def read(name: str, fresh: Mapping[str, Any]) -> dict[str, Any]:
    """As `form.read`."""
    base = {key: value for key, value in fresh.items() if key not in OWN}
    vary = st.session_state.setdefault(form_state.key(name, "vary"), fresh["vary"])
    key = _values_key(name, vary)
    listed = list(dict.fromkeys(settled(vary, text) for text in st.session_state.get(key, USUAL[vary])))
    if listed != st.session_state.get(key):
        st.session_state[key] = listed
    seeds = form_state.read_setting(name, "seeds", fresh["seeds"])
    return {**form_state.read(name, base), "vary": vary, "values": ", ".join(listed), "seeds": seeds}


def fill(name: str, values: Mapping[str, Any]) -> None:
    """As `form.fill`."""
    form_state.fill(name, {key: value for key, value in values.items() if key not in OWN})
    vary = values["vary"] if values["vary"] in SUGGESTED else FIRST
    st.session_state[form_state.key(name, "vary")] = vary
    st.session_state[_values_key(name, vary)] = split(values["values"]) or list(USUAL[vary])
    st.session_state[form_state.key(name, "seeds")] = values["seeds"]


def read_address(
    form: str, given: Mapping[str, str], fresh: Mapping[str, Any], encoders: Mapping[str, RunSpec]
) -> tuple[dict[str, Any], list[Sentence]]:
    """The form that an address asks for, and a sentence for each part of it that had to be ignored.

    The values of the sweep stay as they are: where one is none, the form says so.
    """
    choices = {**form_values.choices(form, encoders), "vary": tuple(SUGGESTED)}
    vary = given.get("vary") if given.get("vary") in SUGGESTED else fresh["vary"]

    def check(values: Mapping[str, Any]) -> None:
        settings = {name: value for name, value in values.items() if name not in OWN}
        form_values.spec_of(form, settings, encoders)

    return url_state.read(given, {**fresh, "values": usual(vary)}, choices, check)


def settled(vary: str, text: str) -> str:
    """A value that was typed, in the one text that it has: two layers 128-64, decimals 0.3."""
    match vary:
        case "hidden_sizes":
            return "-".join(canonical(int, part) for part in re.split("[,–-]", text))
        case "batch_size" | "train_size":
            return canonical(int, text)
        case "dropout" | "learning_rate":
            return canonical(float, text)
    return text.strip()


def split(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def can_vary(values: Mapping[str, Any]) -> list[str]:
    """The settings that matter for the network that the form describes."""
    on_encoder = ARCHITECTURES[values["architecture"]].takes_encoder
    trained = on_encoder and values["encoder"] != RANDOM
    convolves = values["encoder_architecture"] if on_encoder else values["architecture"]
    pools = convolves in CONVOLUTIONAL and not trained
    matters = {"hidden_sizes": not trained, "pooling": pools}
    return [name for name in SUGGESTED if matters.get(name, True)]


def plan(name: str, values: Mapping[str, Any], encoders: Mapping[str, RunSpec]) -> list[RunSpec]:
    """The runs: every value with the first seed, then with the next. Raises `LabError`s."""
    vary = values["vary"]
    texts = list(dict.fromkeys(settled(vary, text) for text in split(values["values"])))
    if len(texts) < 2:
        raise _refused(Sentence("Choose at least two values: a sweep compares them."))
    asked = {key: value for key, value in values.items() if key not in OWN}
    if vary not in FIXED:  # what the form holds for it is out of use, and may be anything
        asked[vary] = texts[0].replace("-", ",") if vary == "hidden_sizes" else change(vary, texts[0])[vary]
    base = form_values.spec_of(name, asked, encoders)
    seeds = whole_within(form_values.FORM_LABELS["seeds"], values["seeds"], 1, MOST_SEEDS)
    if len(texts) * seeds > MOST_RUNS:
        raise too_many(len(texts) * seeds)
    if len(texts) > MOST_VALUES:
        raise _refused(
            Sentence(
                "{given} values are too many to tell apart; choose at most {most}.",
                given=len(texts),
                most=MOST_VALUES,
            )
        )
    varied = list(dict.fromkeys(base.changed(**change(vary, text)) for text in texts))
    varied.sort(key=lambda spec: order(vary, spec))
    specs = [spec.changed(seed=base.seed + k) for k in range(seeds) for spec in varied]
    for spec in specs:
        fashion_mnist.check(spec, fashion_mnist.load())
    return specs


def change(vary: str, text: str) -> dict[str, Any]:
    """What a value changes in a spec, which checks it."""
    match vary:
        case "hidden_sizes":
            return {vary: [typed(int, part) for part in text.split("-")]}
        case "pooling":
            return {vary: {"on": True, "off": False}.get(text, text)}
        case "optimizer":
            return {vary: text} | ({"momentum": 0.0} if text == "adam" else {})
        case "dropout" | "learning_rate":
            return {vary: typed(float, text)}
        case "batch_size" | "train_size":
            return {vary: typed(int, text)}
    return {vary: text}


def text_of(vary: str, spec: RunSpec) -> str:
    """The value of a spec, as it is typed."""
    value = getattr(spec, vary)
    match vary:
        case "hidden_sizes":
            return "-".join(map(str, value))
        case "pooling":
            return "on" if value else "off"
    return exact(value) if isinstance(value, int | float) else str(value)


def order(vary: str, spec: RunSpec) -> Any:
    """Numbers by size; names, of which there are few, as the form lists them."""
    value = getattr(spec, vary)
    return SUGGESTED[vary].index(text_of(vary, spec)) if vary in FIXED else value


def _values_key(name: str, vary: str) -> str:
    return form_state.key(name, f"values_{vary}")


def _refused(why: Sentence) -> SpecError:
    return SpecError({"values": why})
