"""The page of latent space: a map of garments, neighbours, any place decoded, a walk, the numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base.attempt import say_error
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.routes import LAYERS
from pages.parts.inside.at_rest import at_rest
from pages.parts.inside.garment_choice import choose_garment
from pages.parts.inside.layer_page import STYLES
from pages.parts.inside.network_choice import choose_network
from pages.parts.inside.other_page import other_page
from pages.parts.latent_space.latent_numbers import latent_numbers
from pages.parts.latent_space.map_panel import map_panel
from pages.parts.latent_space.movement import movement
from pages.parts.latent_space.neighbours import neighbours
from pages.parts.latent_space.space import Space, space_of
from pages.parts.latent_space.walk import walk
from pages.parts.run.status import summary


def latent_page() -> None:
    st.html(STYLES)
    st.title(_("Latent space"), anchor=False)
    st.markdown(
        _(
            "An encoder makes a few numbers of every garment. Here they are as a map: what the network "
            "takes for similar lies side by side."
        )
    )
    left, right = st.columns(2, gap="medium")
    with left:
        network = choose_network()
    if network is None:
        return
    with right:
        garment = choose_garment(network.name)
    st.caption(summary(network.spec))
    other_page(LAYERS, _("Layer by layer"), "layers", network, garment)
    try:
        network = at_rest(network)
        space = space_of(network)
        _figures(space)
        above = st.container()
        neighbours(network, space, garment)
        if network.spec.task == "autoencoder":
            walk(network, space, garment)
            latent_numbers(network, space, garment)
        else:
            st.caption(_("A classifier has no decoder, so nothing can be drawn from its latent numbers."))
        with above:  # last, so that no picture waits for thousands of marks
            st.fragment(map_panel)(network, space, garment)
        movement(network, space)
    except LabError as error:
        say_error(error, "latent")


def _figures(space: Space) -> None:
    """How good the space is, in three numbers with a sentence each."""
    numbers = space.codes.shape[1]
    used = int((space.codes.std(0) > 0).sum())
    plane = float(space.shares[:2].sum())
    enough = int((np.cumsum(space.shares) < 0.9).sum()) + 1
    vote, share, kept = st.columns(3, gap="medium")
    with vote:
        st.metric(_("Neighbours agree"), percent(space.accuracy))
        st.caption(
            _(
                "So often the ten nearest of {count} garments, by most votes, are of a garment’s own class. "
                "Among the pixels themselves: {pixels}."
            ).format(count=count(len(space.codes)), pixels=percent(space.pixel_accuracy))
        )
    with share:
        st.metric(_("Variance in the plane"), percent(plane if used else None))
        words = ngettext(
            "That much of the differences two axes can show; {n} component holds 90 % of them.",
            "That much of the differences two axes can show; {n} components hold 90 % of them.",
            enough,
        ).format(n=enough)
        st.caption(words if used else _("No two garments differ here: there is nothing to show."))
    with kept:
        st.metric(_("Latent numbers in use"), f"{count(used)} / {count(numbers)}")
        words = ngettext(
            "{n} is the same for every garment, and says nothing.",
            "{n} are the same for every garment, and say nothing.",
            numbers - used,
        ).format(n=count(numbers - used))
        st.caption(words if used < numbers else _("Each differs from garment to garment."))
