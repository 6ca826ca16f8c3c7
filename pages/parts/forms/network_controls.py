"""The first part of a lab page's form: which network, how large, and for a classifier on whose encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fmnist_core.architecture import networks
from fmnist_core.spec import SCALINGS
from pages.parts.base.i18n import _, say
from pages.parts.forms.encoders import Encoder
from pages.parts.forms.form_state import KEEP, is_varied, key
from pages.parts.forms.form_values import ARCHITECTURES, CONVOLUTIONAL, RANDOM, task_of
from pages.parts.forms.number_controls import typed_number

HIDDEN_SIZES = ("2", "8", "16", "32", "64", "128", "256", "512", "1024")


def network(task: str, values: Mapping[str, Any], encoders: Mapping[str, Encoder]) -> None:
    st.markdown("## " + _("Network"))
    names = {name: say(architecture.short) for name, architecture in networks.ARCHITECTURES.items()}
    st.segmented_control(
        _("Network"),
        ARCHITECTURES[task_of(task)],
        format_func=names.get,
        required=True,
        key=key(task, "architecture"),
        label_visibility="collapsed",
        width="stretch",
        **KEEP,
        wrap=True,
    )
    architecture = networks.ARCHITECTURES[values["architecture"]]
    if architecture.takes_encoder:
        _encoder(task, values, encoders, names)
    elif architecture.most_hidden_sizes == 1:
        _hidden_size(task)
    else:
        st.text_input(
            _("Hidden sizes"),
            key=key(task, "hidden_sizes"),
            disabled=is_varied(task, "hidden_sizes"),
            placeholder="128, 64",
            help=_("The units of each hidden layer, first to last, with commas between: one to four layers."),
            **KEEP,
        )
    if values["architecture"] in CONVOLUTIONAL:
        _pooling(task)


def _encoder(
    task: str, values: Mapping[str, Any], encoders: Mapping[str, Encoder], names: Mapping[str, str]
) -> None:
    st.selectbox(
        _("Encoder"),
        (RANDOM, *encoders),
        format_func=lambda id: _("Untrained (random weights)") if id == RANDOM else encoders[id].name,
        key=key(task, "encoder"),
        help=_("Where the first half of the network comes from. Autoencoders that you train appear here."),
        placeholder=_("Choose an encoder"),
        **KEEP,
    )
    st.toggle(
        _("Keep the encoder frozen"),
        key=key(task, "frozen"),
        help=_("Frozen: only the last, linear layer learns, and the encoder's weights stay as they are."),
        **KEEP,
    )
    if values["frozen"]:
        encoder_dropout(task, values["encoder_dropout"])
    if values["encoder"] in encoders:
        trained = encoders[values["encoder"]].spec
        st.caption(
            _("{network}, hidden size {n}, inputs {scaling}").format(
                network=names[trained.architecture],
                n=trained.hidden_sizes[0],
                scaling=SCALINGS[trained.scaling],
            )
        )
        return
    st.segmented_control(
        _("Encoder network"),
        ARCHITECTURES["autoencoder"],
        format_func=names.get,
        required=True,
        key=key(task, "encoder_architecture"),
        width="stretch",
        **KEEP,
        wrap=True,
    )
    _hidden_size(task)
    if values["encoder_architecture"] in CONVOLUTIONAL:
        _pooling(task)


def encoder_dropout(task: str, on: bool) -> None:
    """The switch, and under it what it does as it stands."""
    st.toggle(_("Dropout in the frozen encoder"), key=key(task, "encoder_dropout"), **KEEP)
    st.caption(
        _(
            "As in the reports: its weights stay, and its units are still switched off at random in each "
            "training step, so the last layer learns from a noisy code."
        )
        if on
        else _("The frozen encoder rests, as it does when the network is evaluated: its code is exact.")
    )


def _hidden_size(task: str) -> None:
    typed_number(
        task,
        "hidden_sizes",
        HIDDEN_SIZES,
        help=_(
            "How many numbers each garment is squeezed into: 784 pixels go in. The fewer there are, the less "
            "survives. Choose one, or type your own."
        ),
    )


def _pooling(task: str) -> None:
    st.toggle(
        _("Pooling"),
        key=key(task, "pooling"),
        disabled=is_varied(task, "pooling"),
        help=_(
            "After each convolution, keep only the largest of every 2 × 2 values: smaller, faster, and less "
            "exact about where things are."
        ),
        **KEEP,
    )
