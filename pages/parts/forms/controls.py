"""The form of a lab page: one widget a setting, in the order in which a learner thinks about them.

Widgets outlast a change of page. What they may hold is decided by the spec, not here: limits are repeated
only to help while typing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fmnist_core.spec import LIMITS, SCALINGS
from pages.parts.base.i18n import _
from pages.parts.forms.encoders import Encoder
from pages.parts.forms.form_state import KEEP, PREFIXES, is_varied, key
from pages.parts.forms.form_values import LOSSES, OPTIMIZERS, task_of
from pages.parts.forms.fraction_slider import fraction_slider
from pages.parts.forms.network_controls import network
from pages.parts.forms.number_controls import typed_number, whole_number

LEARNING_RATES = ("1", "0.3", "0.1", "0.03", "0.01", "0.003", "0.001", "0.0003", "0.0001", "0.00001")
BATCH_SIZES = ("10", "32", "50", "64", "100", "150", "256", "500", "1000")


def draw(task: str, values: Mapping[str, Any], encoders: Mapping[str, Encoder], images: int) -> None:
    """The form. `values` are what it holds, `images` is how many training images there are."""
    with st.container(key=f"{PREFIXES[task]}_settings", gap="small"):
        network(task, values, encoders)
        _regularisation(task)
        _optimizer(task, values)
        _data(task, images)
        _stopping(task, values)


def _regularisation(task: str) -> None:
    st.markdown("## " + _("Regularisation"))
    dropout(key(task, "dropout"), disabled=is_varied(task, "dropout"))


def dropout(key: str, disabled: bool = False) -> None:
    fraction_slider(
        _("Dropout"),
        *LIMITS["dropout"],
        0.05,
        key=key,
        disabled=disabled,
        help=_(
            "The share of hidden units switched off at random in each training step, to hinder memorising."
        ),
        **KEEP,
    )


def _optimizer(task: str, values: Mapping[str, Any]) -> None:
    st.markdown("## " + _("Optimizer"))
    st.segmented_control(
        _("Optimizer"),
        OPTIMIZERS,
        format_func={"adam": "Adam", "sgd": "SGD"}.get,
        required=True,
        key=key(task, "optimizer"),
        disabled=is_varied(task, "optimizer"),
        label_visibility="collapsed",
        width="stretch",
        help=_(
            "SGD (stochastic gradient descent) takes plain steps downhill; Adam fits the length of the step "
            "to each weight."
        ),
        **KEEP,
        wrap=True,
    )
    left, right = st.columns(2, vertical_alignment="bottom", wrap=False)
    with left:
        typed_number(
            task,
            "learning_rate",
            LEARNING_RATES,
            help=_(
                "How far each step goes. Too small, and it takes forever; too large, and the loss jumps "
                "about. Choose one, or type your own."
            ),
        )
    with right:
        typed_number(
            task,
            "batch_size",
            BATCH_SIZES,
            help=_("Images in each step: small batches make many noisy steps, large ones few steady steps."),
        )
    if values["optimizer"] == "sgd":
        fraction_slider(
            _("Momentum"),
            *LIMITS["momentum"],
            0.01,
            key=key(task, "momentum"),
            help=_("The share of the last step that goes on into the next; 0 is plain SGD, 0.9 is usual."),
            **KEEP,
        )
    if task_of(task) == "classifier":
        st.segmented_control(
            _("Loss"),
            LOSSES,
            format_func={"cross_entropy": _("Cross-entropy"), "mse": _("Squared error")}.get,
            required=True,
            key=key(task, "loss"),
            help=_(
                "Cross-entropy looks at the probability of the right class; mean squared error compares all "
                "ten outputs with 0 and 1."
            ),
            width="stretch",
            **KEEP,
            wrap=True,
        )


def _data(task: str, images: int) -> None:
    st.markdown("## " + _("Data"))
    left, right = st.columns(2, vertical_alignment="bottom", wrap=False)
    with left:
        text = _("How many of the {images:,} images the network learns from. Fewer are faster.")
        whole_number(task, "train_size", help=text.format(images=images))
    with right:
        whole_number(
            task,
            "validation_size",
            help=_(
                "Held back from learning, to see after each epoch how the network does on images new to it."
            ),
        )
    left, right = st.columns(2, vertical_alignment="bottom", wrap=False)
    left.selectbox(
        _("Input scaling"),
        tuple(SCALINGS),
        format_func=SCALINGS.get,
        key=key(task, "scaling"),
        disabled=is_varied(task, "scaling"),
        help=_(
            "How pixels reach the network: from 0 to 1, from −1 to 1, or shifted and scaled to mean 0 and "
            "standard deviation 1."
        ),
        placeholder=_("Choose a scaling"),
        **KEEP,
    )
    with right:
        whole_number(
            task,
            "seed",
            help=_("Decides the first weights, the split and the order of images: same seed, same run."),
        )


def _stopping(task: str, values: Mapping[str, Any]) -> None:
    st.markdown("## " + _("Stopping"))
    left, right = st.columns(2, vertical_alignment="bottom", wrap=False)
    with left:
        whole_number(task, "epochs", help=_("How often the network goes through all training images."))
    with right:
        whole_number(
            task,
            "patience",
            help=_("How many epochs in a row may pass without a better validation loss."),
            disabled=not values["early_stopping"],
        )
    st.toggle(
        _("Early stopping"),
        key=key(task, "early_stopping"),
        help=_("End when the validation loss no longer improves, and keep the best weights."),
        **KEEP,
    )
