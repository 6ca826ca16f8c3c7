"""The network that a game is compared with, and what it says of every test garment."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec
from pages.parts.base import pins
from pages.parts.base.attempt import say_error
from pages.parts.base.i18n import _
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.inside.answers import say_beyond_bounds
from pages.parts.inside.network_choice import NETWORK, as_it_is, networks, recall, remember, say_hidden
from pages.parts.mistakes import predictions

USUAL = "r5-1"


def guesses() -> np.ndarray | None:
    """The classes that the chosen network takes the test images for, (n,).

    `None` while they are computed, and where there are none, with the reason on the page.
    """
    asked = st.query_params.get(NETWORK, "")
    options = networks(asked, fits=_classifies)
    if not options:
        st.info(_("There is no trained classifier here. Train one in the lab, and come back."))
        return None
    if USUAL in options:
        options = {USUAL: options[USUAL], **options}
    if asked not in options and say_hidden(asked):
        st.query_params.pop(NETWORK)
    recall(NETWORK, options)
    chosen = linked_choice(_("Network"), options, key=NETWORK, control="list")
    remember(NETWORK, chosen)
    pins.about(chosen)
    try:
        network = as_it_is(chosen)
        if network.training is not None:
            st.info(
                _("“{name}” is still training. Choose another, or come back when it has ended.").format(
                    name=as_typed(options[chosen])
                ),
                icon=":material/hourglass_empty:",
            )
            return None
        answers = predictions.guesses([network.asked])
        if answers is None:
            return None
        (answer,) = answers
        if isinstance(answer, LabError):
            raise answer
    except LabError as error:
        say_error(error, "against")
        return None
    if (answer == predictions.NO_GUESS).any():
        say_beyond_bounds()
        return None
    return answer


def _classifies(spec: RunSpec) -> bool:
    return spec.task == "classifier"
