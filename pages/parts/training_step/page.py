"""The page of one training step: which network and batch, and the stages of the step, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base.attempt import say_error
from pages.parts.base.i18n import _
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.inside.at_rest import at_rest
from pages.parts.inside.layer_page import STYLES as INSIDE_STYLES
from pages.parts.inside.network_choice import choose_network
from pages.parts.loss_surface.surface_part import loss_surface
from pages.parts.run.status import summary
from pages.parts.training_step.ahead import ahead
from pages.parts.training_step.batch_size import batch_size
from pages.parts.training_step.dropout import dropout
from pages.parts.training_step.gradient import gradient
from pages.parts.training_step.step import Step, choose_step
from pages.parts.training_step.update import update

STYLES = Path(__file__).with_name("training_step.css")
PART, SURFACE = "part", "surface"  # which is not about one step
USUAL = "r3-1"  # small, and far from done: its gradients are large
PARTS: dict[str, Callable[[Step], None]] = {
    "forward": ahead,
    "gradient": gradient,
    "update": update,
    "batches": batch_size,
    "dropout": dropout,
}


def training_step_page() -> None:
    st.html(INSIDE_STYLES)
    st.html(STYLES)
    st.title(_("One training step"), anchor=False)
    st.markdown(
        _(
            "Training repeats one step thousands of times: some garments, a **batch**, go through the "
            "network, the **loss** says how wrong it is, and every **weight**, a number that the network "
            "multiplies by, moves a little so that the loss falls. Here is one such step with its numbers, "
            "from left to right."
        ),
        width=720,
    )
    left, right = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with left:
        network = choose_network(usual=USUAL)
    if network is None:
        return
    st.caption(summary(network.spec))
    names = {
        "forward": _("Forward and loss"),
        "gradient": _("Gradient"),
        "update": _("Update"),
        "batches": _("Batch size"),
        "dropout": _("Dropout"),
        SURFACE: _("The loss around the weights"),
    }
    part = linked_choice(_("Part"), names, key=PART)
    try:
        network = at_rest(network)
        if network.spec.encoder is not None and network.spec.encoder.frozen:
            st.caption(_("Its encoder is frozen: only the layer behind it learns."))
        if part == SURFACE:
            loss_surface(network)
        else:
            with right:
                step = choose_step(network)
            PARTS[part](step)
    except LabError as error:
        say_error(error, "training_step")
