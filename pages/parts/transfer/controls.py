"""The widgets of a race's form, in the order in which a learner thinks: encoder, labels, training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from fmnist_core.spec import SCALINGS
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _
from pages.parts.base.routes import AUTOENCODER
from pages.parts.base.word_slider import word_slider
from pages.parts.forms.controls import LEARNING_RATES, dropout
from pages.parts.forms.encoders import Encoder
from pages.parts.forms.form_state import KEEP, key
from pages.parts.forms.network_controls import encoder_dropout
from pages.parts.forms.number_controls import typed_number, whole_number
from pages.parts.transfer import form
from pages.parts.transfer.form import BUDGETS, FORM


def draw(values: Mapping[str, Any], trained: Mapping[str, Encoder], counts: Sequence[int]) -> None:
    with st.container(key="tr_settings", gap="small"):
        _encoder(values, trained)
        _labels(values, counts)
        _training(values)


def _encoder(values: Mapping[str, Any], trained: Mapping[str, Encoder]) -> None:
    st.markdown("## " + _("Encoder"))
    st.segmented_control(
        _("Pooling"),
        (True, False),
        format_func={True: _("With pooling"), False: _("Without pooling")}.get,
        key=key(FORM, "pooling"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
        **KEEP,
        wrap=True,
    )
    fitting = form.fitting(trained, values["pooling"])
    if not fitting:
        st.caption(_("No autoencoder without pooling has been trained yet. Train one, and it appears here."))
        st.page_link(
            AUTOENCODER,
            label=_("Train an autoencoder without pooling"),
            icon=":material/compress:",
            query_params={"ae_architecture": "conv_autoencoder", "ae_pooling": "off"},
        )
        return
    st.selectbox(
        _("Trained encoder"),
        tuple(fitting),
        format_func=lambda id: fitting[id].name,
        key=key(FORM, "encoder"),
        help=_(
            "The first half of an autoencoder: your own runs, newest first, then those that the lab ships."
        ),
        placeholder=_("Choose an encoder"),
        **KEEP,
    )
    if values["encoder"] in fitting:
        spec = fitting[values["encoder"]].spec
        network = _("Convolutional") if spec.convolves else _("Feed-forward")
        st.caption(
            _("{network}, hidden size {n}, inputs {scaling}").format(
                network=network, n=spec.hidden_sizes[0], scaling=SCALINGS[spec.scaling]
            )
        )


def _labels(values: Mapping[str, Any], counts: Sequence[int]) -> None:
    st.markdown("## " + _("Labels"))
    word_slider(
        _("Labelled images"),
        counts,
        lambda count: _("{n:,}").format(n=count),
        key=key(FORM, "train_size"),
        help=_(
            "How many images the classifiers are told the class of. The trained encoder has seen many more, "
            "but without their labels: the fewer labels there are, the more it should help."
        ),
        on_change=_fit_epochs,
        **KEEP,
    )
    if len(counts) < len(BUDGETS):
        st.caption(_("The data in use has too few images for more. With the full data there are 50,000."))


def _fit_epochs() -> None:
    """Another number of labels brings its own number of epochs along."""
    st.session_state[key(FORM, "epochs")] = str(BUDGETS[held(key(FORM, "train_size"))][0])


def _training(values: Mapping[str, Any]) -> None:
    st.markdown("## " + _("How they are trained"))
    left, right = st.columns(2, vertical_alignment="bottom", wrap=False)
    with left:
        whole_number(
            FORM,
            "epochs",
            help=_("For all four cases. Another number of labels brings another number of epochs along."),
        )
    with right:
        typed_number(FORM, "learning_rate", LEARNING_RATES, help=_("Of Adam, for all four cases."))
    dropout(key(FORM, "dropout"))
    encoder_dropout(FORM, values["encoder_dropout"])
    whole_number(
        FORM,
        "seed",
        help=_("Decides which images are used, their order and the random weights: the same for all four."),
    )
