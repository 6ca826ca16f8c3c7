"""The latent numbers that vary most, each with a slider: what the network draws when one of them changes."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.inside.network_choice import Garment, Network
from pages.parts.latent_space.space import DIGITS, Space, code_of, decoded
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

COUNT, COLUMNS = 10, 5
STOPS = 25


def latent_numbers(network: Network, space: Space, garment: Garment) -> None:
    st.subheader(_("Its latent numbers, one by one"), anchor=False)
    st.fragment(sliders)(network, space, garment)


def sliders(network: Network, space: Space, garment: Garment) -> None:
    """Only this is drawn anew when a slider moves."""
    try:
        own = code_of(network, space, garment)
        code = own.copy()
        variances = space.codes.var(0)
        varying = [k for k in np.argsort(-variances, kind="stable")[:COUNT] if variances[k] > 0]
        if not varying:
            st.info(
                _("None of its numbers differs between garments: it draws the same for all."),
                icon=":material/info:",
            )
            return
        left, right = st.columns([1, 3], gap="large")
        with right:
            columns = st.columns(COLUMNS)
            for place, k in enumerate(varying):
                with columns[place % COLUMNS]:
                    code[k] = _slider(space, int(k), float(own[k]), f"{space.name[:8]}_{garment.index}")
        with left:
            drawn = decoded(network, np.stack([own, code]))
            captions = [_("as the network draws it"), _("with your numbers")]
            what = _("Reconstruction of the garment")
            shown(pictures.garments(drawn, captions, alt=what), what, "latent_numbers")
        st.caption(
            _("Those that vary most between garments, the largest variance first, each within what occurs.")
        )
    except LabError as error:
        st.info(as_typed(say(error)), icon=":material/info:")


def _slider(space: Space, k: int, own: float, whose: str) -> float:
    low, high = min(float(space.codes[:, k].min()), own), max(float(space.codes[:, k].max()), own)
    # Streamlit tells options apart by their words; the garment's own number is one of them, exactly.
    words = {figure(stop, DIGITS): stop for stop in (*np.linspace(low, high, STOPS).tolist(), own)}
    chosen: float = st.select_slider(
        _("Number {n}").format(n=k + 1),
        sorted(words.values()),
        value=own,
        format_func=partial(figure, format_spec=DIGITS),
        key=f"latent_number_{k}_{whose}",
    )
    return chosen
