"""Any place of the map: what the network draws there, and how far away the nearest garment is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.formatting import figure, percent
from pages.parts.base.i18n import _, say
from pages.parts.inside.network_choice import Network
from pages.parts.latent_space.geometry import extent, nearest
from pages.parts.latent_space.map_chart import Extent, Place
from pages.parts.latent_space.space import DIGITS, Space, decoded
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

ACROSS, UP = "latent_across", "latent_up"
MIDDLE, WHOLE = 50, 100
FAR = 0.95  # farther from its nearest garment than so many garments are: nobody lives there


def place_on(places: np.ndarray) -> Place:
    """The place that was chosen, on a map of these places."""
    left, bottom, right, top = extent(places)
    across, up = (st.session_state.get(key, MIDDLE) / WHOLE for key in (ACROSS, UP))
    return left + across * (right - left), bottom + up * (top - bottom)


def choose_place(place: Place, within: Extent) -> None:
    """For callbacks."""
    left, bottom, right, top = within
    st.session_state[ACROSS] = round(WHOLE * (place[0] - left) / (right - left))
    st.session_state[UP] = round(WHOLE * (place[1] - bottom) / (top - bottom))


def place_panel(network: Network, space: Space, code: np.ndarray, how: str) -> None:
    """`code` (n,) is that of the chosen place; `how` says how it was found."""
    st.subheader(_("Any place"), anchor=False)
    st.caption(_("Click on the map, or move the cross with these two."))
    for key, label in ((ACROSS, _("From left to right")), (UP, _("From bottom to top"))):
        st.session_state[key] = min(max(st.session_state.get(key, MIDDLE), 0), WHOLE)
        st.slider(label, 0, WHOLE, key=key, format="%d %%")
    (closest,), (distance,) = nearest(space.codes, code, 1)
    name = say(fashion_mnist.CLASS_NAMES[space.labels[closest]])
    images, captions = [space.images[closest]], [_("nearest garment: {name}").format(name=name)]
    if network.spec.task == "autoencoder":
        images.insert(0, decoded(network, code[None])[0])
        captions.insert(0, _("what lies here"))
    shown(pictures.garments(images, captions, alt=_("What lies at the place")), how, "any_place")
    nearer = float((space.gaps < distance).mean())
    words = _(
        "The nearest garment is {distance} away. That is farther than {share} of the garments are from "
        "theirs."
    ).format(distance=figure(float(distance), DIGITS), share=percent(nearer))
    if nearer > FAR:
        words += " " + _("This is an empty region: no garment on the map is like it.")
    st.markdown(words)
    st.caption(how)
