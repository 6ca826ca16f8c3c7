"""The field in which a setting gets its value, by the setting's name; as the lab's forms have it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.spec import SCALINGS
from pages.parts.assignment.draft import NONE
from pages.parts.assignment.draft_state import Path, key, settings
from pages.parts.base.formatting import typed_in_full
from pages.parts.base.i18n import _, say
from pages.parts.base.spec_words import WORDS, network_name
from pages.parts.forms import form_values
from pages.parts.forms.controls import BATCH_SIZES, LEARNING_RATES
from pages.parts.forms.form_state import KEEP
from pages.parts.forms.form_values import FORM_LABELS, LOSSES, OPTIMIZERS, RANDOM
from pages.parts.forms.number_field import number_field
from pages.parts.sweep.form import SUGGESTED

NETWORKS = tuple(name for task in ("autoencoder", "classifier") for name in form_values.ARCHITECTURES[task])
CHOICES: dict[str, tuple[str, ...]] = {
    "task": ("autoencoder", "classifier"),
    "architecture": NETWORKS,
    "optimizer": OPTIMIZERS,
    "loss": LOSSES,
    "scaling": tuple(SCALINGS),
    "encoder": (RANDOM,),
    "encoder_architecture": form_values.ARCHITECTURES["autoencoder"],
}
NUMBERS = {"dropout": SUGGESTED["dropout"], "learning_rate": LEARNING_RATES, "batch_size": BATCH_SIZES}


def setting_field(name: str, path: Path) -> None:
    """Below an encoder, what else decides it."""
    held = settings(*path)
    _field(name, path, held[name])
    if name == "encoder" and held[name] != NONE:
        _field("encoder_architecture", path, held["encoder_architecture"])
        _field("frozen", path, held["frozen"])
        if held["frozen"]:
            _field("encoder_dropout", path, held["encoder_dropout"])


def with_held(options: Sequence[str], *held: str) -> tuple[str, ...]:
    """What may be chosen, and what a file has chosen besides."""
    return (*options, *(value for value in held if value not in options))


def _field(name: str, path: Path, value: str | bool) -> None:
    label, where = say(FORM_LABELS[name]), key(*path, name)
    if isinstance(value, bool):
        st.toggle(label, key=where, **KEEP)
    elif name in CHOICES or name in NUMBERS:
        options = with_held(CHOICES.get(name, NUMBERS.get(name, ())), value)
        words = {one: _words(name, one) for one in options}
        st.selectbox(
            label,
            options,
            format_func=lambda one: words.get(one, one),
            key=where,
            accept_new_options=name in NUMBERS,
            placeholder=_("Choose or type a number") if name in NUMBERS else _("Choose"),
            **KEEP,
        )
    elif name == "hidden_sizes":
        st.text_input(
            _("Hidden sizes"),
            key=where,
            placeholder="128, 64",
            help=_("The units of each hidden layer, first to last, with commas between: one to four layers."),
            **KEEP,
        )
    else:
        none = _("Leave it empty for none.") if name == "patience" else None
        number_field(label, where, help=none, **KEEP)


def _words(name: str, value: str) -> str:
    if name in ("architecture", "encoder_architecture") and value in ARCHITECTURES:
        return network_name(value)
    if name == "encoder":
        return {RANDOM: _("Untrained (random weights)"), NONE: _("none")}.get(value, value)
    if name in NUMBERS:
        return typed_in_full(value)
    if name == "scaling":
        return SCALINGS.get(value, value)
    return say(WORDS[value]) if value in WORDS else value
