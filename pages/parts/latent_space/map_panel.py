"""The map with what can be chosen on it, and beside it what lies at the chosen place."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from pages.parts.base.attempt import say_error
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, say
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.frame.frame import guard
from pages.parts.inside.garment_choice import Garment, show_garment
from pages.parts.inside.network_choice import Network
from pages.parts.latent_space.any_place import choose_place, place_on, place_panel
from pages.parts.latent_space.geometry import blended, extent, on_plane
from pages.parts.latent_space.map_chart import Extent, Place, clicked, garment_map
from pages.parts.latent_space.space import Space, code_of
from pages.parts.latent_space.tsne_map import tsne_places

PCA, TSNE = "pca", "tsne"
OTHER_GARMENT = "latent_other_garment"


def map_panel(network: Network, space: Space, garment: Garment) -> None:
    """A fragment: a place has nothing to do with the rest of the page, so a click on one draws this alone."""
    if st.session_state.pop(OTHER_GARMENT, False):
        st.rerun()
    with guard():
        try:
            _map(network, space, garment)
        except LabError as error:
            say_error(error, "latent_map")


def _map(network: Network, space: Space, garment: Garment) -> None:
    kinds = {PCA: _("PCA: the widest plane"), TSNE: _("t-SNE: who is next to whom")}
    kind = linked_choice(_("Map"), kinds, key="map")
    places = space.plane if kind == PCA else tsne_places(space)
    if places is None:
        return
    code = code_of(network, space, garment)
    place = place_on(places)
    left, right = st.columns([5, 2], gap="large")
    with right:  # first, since the map takes longer
        if kind == PCA:
            there = on_plane(space.mean, space.axes, np.array(place))
            how = _(
                "A place of the plane stands for the code that lies there, with zero for what is below; in "
                "all other directions it is the mean of the garments."
            )
        else:
            there = blended(space.codes, places, np.array(place))
            how = _(
                "t-SNE has no way back from the map. The code is a mean of those of the ten nearest garments "
                "on the map: the nearer, the more it counts."
            )
        place_panel(network, space, there, how)
    with left:
        _chart(space, places, kind, _own_place(space, garment, code, places, kind), place)


def _own_place(
    space: Space, garment: Garment, code: np.ndarray, places: np.ndarray, kind: str
) -> Place | None:
    """Where the chosen garment is; t-SNE says nothing of one that was not among the first 2,000."""
    if garment.index < len(places):
        x, y = places[garment.index].tolist()
    elif kind == PCA:
        x, y = ((code - space.mean) @ space.axes.T).tolist()
    else:
        return None
    return x, y


def _chart(space: Space, places: np.ndarray, kind: str, own: Place | None, place: Place) -> None:
    titles: tuple[str | None, str | None] = (None, None)
    if kind == PCA:
        first, second = (percent(float(share)) for share in [*space.shares[:2], 0.0][:2])
        titles = (
            _("First component ({share} of the variance)").format(share=first),
            _("Second component ({share})").format(share=second),
        )
    key = f"latent_chart_{kind}"
    garment_map(
        places,
        space.labels,
        [say(name) for name in fashion_mnist.CLASS_NAMES],
        key=key,
        alt=_("Map of {n} test garments by their latent numbers, each class in its colour and shape").format(
            n=count(len(places))
        ),
        titles=titles,
        circled=own,
        crossed=place,
        on_click=partial(_clicked, key, len(places), extent(places)),
    )
    st.caption(
        _(
            "The ring is your garment, the cross the chosen place; the greyer the ground, the farther the "
            "next garment. Point at a mark to see it, click to choose it."
        )
    )


def _clicked(key: str, garments: int, within: Extent) -> None:
    chosen = clicked(key, garments, within)
    if isinstance(chosen, int):
        show_garment(chosen)
        st.session_state[OTHER_GARMENT] = True
    elif chosen is not None:
        choose_place(chosen, within)
