"""The page of mistakes: which classifier, seen from which side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from pages.parts.base.attempt import say_error
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _
from pages.parts.base.routes import TRY_IT
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.frame.frame import guard
from pages.parts.inside.answers import say_beyond_bounds
from pages.parts.inside.at_rest import at_rest
from pages.parts.inside.layer_page import STYLES
from pages.parts.inside.network_choice import Network, choose_network
from pages.parts.mistakes.answered import Answered
from pages.parts.mistakes.cells import cells
from pages.parts.mistakes.classes import classes
from pages.parts.mistakes.confidence import confidence
from pages.parts.mistakes.hardest import hardest
from pages.parts.mistakes.labels import labels
from pages.parts.mistakes.predictions import probabilities
from pages.parts.run.status import summary

BY = "by"
SIDES: dict[str, Callable[[Network, Answered], None]] = {
    "cells": cells,
    "classes": classes,
    "confidence": confidence,
    "hardest": hardest,
    "labels": labels,
}


def mistakes_page() -> None:
    st.html(STYLES)
    st.title(_("Mistakes"), anchor=False)
    st.markdown(
        _("Choose a classifier and see what it takes for what, how sure it is, and which pixels mattered.")
    )
    network = choose_network(
        lambda spec: spec.task == "classifier",
        _("“{name}” is an autoencoder: it tells no classes apart. Choose a classifier here."),
    )
    if network is None:
        return
    st.caption(summary(network.spec))
    st.page_link(
        TRY_IT,
        label=_("Try it on a garment of your own"),
        icon=":material/draw:",
        query_params={"networks": network.name},
    )
    try:
        network = at_rest(network)
        answer = probabilities(network.asked)
        if answer is None:
            return
        if isinstance(answer, LabError):
            raise answer
    except LabError as error:
        say_error(error, "mistakes")
        return
    if not np.isfinite(answer).all():
        say_beyond_bounds()
        return
    answered = Answered(answer, fashion_mnist.load().test_labels)
    right = int((answered.guesses == answered.labels).sum())
    st.markdown(
        _(
            "Of {all} test images **{right}** are right, {share}. The network was not trained on them. This "
            "page is a diagnosis: choose settings by the validation images, or the test is none any more."
        ).format(all=count(len(answer)), right=count(right), share=percent(answered.accuracy))
    )
    # A fragment, so that another garment or cell draws nothing anew that stands above.
    st.fragment(_side)(linked_choice(_("Seen by"), _sides(), key=BY), network, answered)


def _side(by: str, network: Network, answered: Answered) -> None:
    with guard():
        SIDES[by](network, answered)


def _sides() -> dict[str, str]:
    return {
        "cells": _("Cell by cell"),
        "classes": _("Class by class"),
        "confidence": _("How sure"),
        "hardest": _("Hard for most"),
        "labels": _("Doubtful labels"),
    }
