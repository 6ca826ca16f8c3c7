"""The form of a lab page: one widget a setting, in the order in which a learner thinks about them.

Widgets live under "<prefix>_<setting>" in the session and outlast a change of page. What they may hold is
decided by the spec, not here: limits are repeated only to help while typing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fmnist_core.spec import LIMITS
from pages.parts.address import PREFIXES
from pages.parts.encoders import Encoder
from pages.parts.language import _
from pages.parts.settings import ARCHITECTURES, CONVOLUTIONAL, RANDOM, hidden_sizes_for

HIDDEN_SIZES = ("2", "8", "16", "32", "64", "128", "256", "512", "1024")
LEARNING_RATES = ("1", "0.3", "0.1", "0.03", "0.01", "0.003", "0.001", "0.0003", "0.0001", "0.00001")
BATCH_SIZES = ("10", "32", "50", "64", "100", "150", "256", "500", "1000")
SCALINGS = {"unit": "[0, 1]", "symmetric": "[−1, 1]", "standard": "μ 0, σ 1"}
KEEP = {"persist_state": "session"}


def fill(task: str, values: Mapping[str, Any]) -> None:
    """Put values into the form; only before it is drawn, or in a callback."""
    for name, value in values.items():
        st.session_state[key(task, name)] = value


def read(task: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values as they stand, drawn or not; in a callback already the new ones."""
    return {name: st.session_state.get(key(task, name), default) for name, default in defaults.items()}


def key(task: str, name: str) -> str:
    return f"{PREFIXES[task]}_{name}"


def draw(task: str, values: Mapping[str, Any], encoders: Mapping[str, Encoder], images: int) -> None:
    """The form. `values` are what it holds, `images` is how many training images there are."""
    with st.container(key=f"{PREFIXES[task]}_settings", gap="small"):
        _network(task, values, encoders)
        _regularisation(task)
        _optimizer(task, values)
        _data(task, images)
        _stopping(task, values)


def _network(task: str, values: Mapping[str, Any], encoders: Mapping[str, Encoder]) -> None:
    st.markdown(f"### {_('Network')}")
    names = {
        "ff_autoencoder": _("Feed-forward"),
        "conv_autoencoder": _("Convolutional"),
        "ff_classifier": _("Feed-forward"),
        "conv_classifier": _("Convolutional"),
        "encoder_classifier": _("Encoder"),
    }
    st.segmented_control(
        _("Network"),
        ARCHITECTURES[task],
        format_func=names.get,
        required=True,
        key=key(task, "architecture"),
        on_change=_usual_hidden_sizes,
        args=(task,),
        label_visibility="collapsed",
        width="stretch",
        **KEEP,
    )
    if values["architecture"] == "encoder_classifier":
        _encoder(task, values, encoders, names)
    elif task == "autoencoder":
        _hidden_size(task)
    else:
        st.text_input(
            _("Hidden sizes"),
            key=key(task, "hidden_sizes"),
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
        on_change=_scale_as_trained,
        args=(task, encoders),
        help=_("Where the first half of the network comes from. Autoencoders that you train appear here."),
        placeholder=_("Choose an encoder"),
        **KEEP,
    )
    st.toggle(
        _("Keep the encoder frozen"),
        key=key(task, "frozen"),
        help=_("Frozen: only the last, linear layer learns, and the encoder stays as it is."),
        **KEEP,
    )
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
    )
    _hidden_size(task)
    if values["encoder_architecture"] in CONVOLUTIONAL:
        _pooling(task)


def _hidden_size(task: str) -> None:
    st.selectbox(
        _("Hidden size"),
        HIDDEN_SIZES,
        key=key(task, "hidden_sizes"),
        accept_new_options=True,
        help=_(
            "How many numbers each garment is squeezed into: 784 pixels go in. The fewer there are, the less "
            "survives. Choose one, or type your own."
        ),
        placeholder=_("Choose or type a number"),
        **KEEP,
    )


def _pooling(task: str) -> None:
    st.toggle(
        _("Pooling"),
        key=key(task, "pooling"),
        help=_(
            "After each convolution, keep only the largest of every 2 × 2 values: smaller, faster, and less "
            "exact about where things are."
        ),
        **KEEP,
    )


def _regularisation(task: str) -> None:
    st.markdown(f"### {_('Regularisation')}")
    st.slider(
        _("Dropout"),
        *LIMITS["dropout"],
        step=0.05,
        key=key(task, "dropout"),
        help=_(
            "The share of hidden units switched off at random in each training step, to hinder memorising."
        ),
        **KEEP,
    )


def _optimizer(task: str, values: Mapping[str, Any]) -> None:
    st.markdown(f"### {_('Optimizer')}")
    st.segmented_control(
        _("Optimizer"),
        ("adam", "sgd"),
        format_func={"adam": "Adam", "sgd": "SGD"}.get,
        required=True,
        key=key(task, "optimizer"),
        label_visibility="collapsed",
        width="stretch",
        help=_("SGD takes plain steps downhill; Adam fits the length of the step to each weight."),
        **KEEP,
    )
    left, right = st.columns(2, wrap=False)
    left.selectbox(
        _("Learning rate"),
        LEARNING_RATES,
        key=key(task, "learning_rate"),
        accept_new_options=True,
        help=_(
            "How far each step goes. Too small, and it takes forever; too large, and the loss jumps about. "
            "Choose one, or type your own."
        ),
        placeholder=_("Choose or type a number"),
        **KEEP,
    )
    right.selectbox(
        _("Batch size"),
        BATCH_SIZES,
        key=key(task, "batch_size"),
        accept_new_options=True,
        help=_("Images in each step: small batches make many noisy steps, large ones few steady steps."),
        placeholder=_("Choose or type a number"),
        **KEEP,
    )
    if values["optimizer"] == "sgd":
        st.slider(
            _("Momentum"),
            *LIMITS["momentum"],
            step=0.01,
            key=key(task, "momentum"),
            help=_("The share of the last step that goes on into the next; 0 is plain SGD, 0.9 is usual."),
            **KEEP,
        )
    if task == "classifier":
        st.segmented_control(
            _("Loss"),
            ("cross_entropy", "mse"),
            format_func={"cross_entropy": _("Cross-entropy"), "mse": _("Squared error")}.get,
            required=True,
            key=key(task, "loss"),
            help=_(
                "Cross-entropy looks at the probability of the right class; mean squared error compares all "
                "ten outputs with 0 and 1."
            ),
            width="stretch",
            **KEEP,
        )


def _data(task: str, images: int) -> None:
    st.markdown(f"### {_('Data')}")
    left, right = st.columns(2, wrap=False)
    left.number_input(
        _("Training images"),
        *(int(limit) for limit in LIMITS["train_size"]),
        step=1000,
        key=key(task, "train_size"),
        help=_("How many of the {images:,} images the network learns from. Fewer are faster.").format(
            images=images
        ),
        **KEEP,
    )
    right.number_input(
        _("Validation images"),
        *(int(limit) for limit in LIMITS["validation_size"]),
        step=1000,
        key=key(task, "validation_size"),
        help=_("Held back from learning, to see after each epoch how the network does on images new to it."),
        **KEEP,
    )
    left, right = st.columns(2, wrap=False)
    left.selectbox(
        _("Input scaling"),
        tuple(SCALINGS),
        format_func=SCALINGS.get,
        key=key(task, "scaling"),
        help=_(
            "How pixels reach the network: from 0 to 1, from −1 to 1, or shifted and scaled to mean 0 and "
            "standard deviation 1."
        ),
        placeholder=_("Choose a scaling"),
        **KEEP,
    )
    right.number_input(
        _("Seed"),
        *(int(limit) for limit in LIMITS["seed"]),
        step=1,
        key=key(task, "seed"),
        help=_("Decides the first weights, the split and the order of images: same seed, same run."),
        **KEEP,
    )


def _stopping(task: str, values: Mapping[str, Any]) -> None:
    st.markdown(f"### {_('Stopping')}")
    left, right = st.columns(2, wrap=False)
    left.number_input(
        _("Epochs"),
        *(int(limit) for limit in LIMITS["epochs"]),
        step=5,
        key=key(task, "epochs"),
        help=_("How often the network goes through all training images."),
        **KEEP,
    )
    right.number_input(
        _("Patience"),
        *(int(limit) for limit in LIMITS["patience"]),
        step=1,
        key=key(task, "patience"),
        disabled=not values["early_stopping"],
        help=_("How many epochs in a row may pass without a better validation loss."),
        **KEEP,
    )
    st.toggle(
        _("Early stopping"),
        key=key(task, "early_stopping"),
        help=_("End when the validation loss no longer improves, and keep the best weights."),
        **KEEP,
    )


def _usual_hidden_sizes(task: str) -> None:
    chosen = st.session_state[key(task, "architecture")]
    st.session_state[key(task, "hidden_sizes")] = hidden_sizes_for(chosen)


def _scale_as_trained(task: str, encoders: Mapping[str, Encoder]) -> None:
    """An encoder understands images scaled as those that it was trained on."""
    trained = encoders.get(st.session_state[key(task, "encoder")])
    if trained is not None:
        st.session_state[key(task, "scaling")] = trained.spec.scaling
