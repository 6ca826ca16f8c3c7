"""Each latent number with a slider, ten at a time: what the network draws when some of them change."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base.attempt import say_error
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _
from pages.parts.base.word_slider import word_slider
from pages.parts.forms.form_state import KEEP
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.network_choice import Network
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
        varying = [int(k) for k in np.argsort(-variances, kind="stable") if variances[k] > 0]
        if not varying:
            st.info(
                _("None of its numbers differs between garments: it draws the same for all."),
                icon=":material/info:",
            )
            return
        whose = f"{space.name[:8]}_{garment.index}"
        for k in varying:
            code[k] = st.session_state.get(_key(k, whose), own[k])  # also of those that are not in view
        left, right = st.columns([1, 3], gap="large")
        with right:
            above = st.container()
            first = COUNT * (_page(len(varying)) - 1)
            with above:
                columns = st.columns(COLUMNS)
            for place, k in enumerate(varying[first : first + COUNT]):
                with columns[place % COLUMNS]:
                    code[k] = _slider(space, k, float(own[k]), whose)
        with left:
            drawn = decoded(network, np.stack([own, code]))
            captions = [_("as the network draws it"), _("with your numbers")]
            what = _("Reconstruction of the garment")
            shown(pictures.garments(drawn, captions, alt=what), what, "latent_numbers")
        order = _(
            "What differs most between garments comes first; each number goes as far as it does among them."
        )
        if len(varying) > COUNT:
            order = _("Ten at a time.") + " " + order
        st.caption(order)
    except LabError as error:
        say_error(error, "latent_numbers")


def _page(numbers: int) -> int:
    pages = -(-numbers // COUNT)
    if pages == 1:
        return 1
    page: int = st.pagination(pages, key=f"latent_numbers_page_{numbers}")
    return page


def _key(k: int, whose: str) -> str:
    return f"latent_number_{k}_{whose}"


def _slider(space: Space, k: int, own: float, whose: str) -> float:
    low, high = min(float(space.codes[:, k].min()), own), max(float(space.codes[:, k].max()), own)
    # Streamlit tells options apart by their words; the garment's own number is one of them, exactly.
    words = {figure(stop, DIGITS): stop for stop in (*np.linspace(low, high, STOPS).tolist(), own)}
    return word_slider(
        _("Number {n}").format(n=k + 1),
        sorted(words.values()),
        partial(figure, format_spec=DIGITS),
        key=_key(k, whose),
        value=own,
        **KEEP,
    )
