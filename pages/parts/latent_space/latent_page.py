"""The page of latent space: a map of garments, neighbours, any place decoded, a walk, the numbers."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.routes import LAYERS
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.inside.layer_page import STYLES
from pages.parts.inside.network_choice import Garment, Network, choose_garment, choose_network, show_garment
from pages.parts.latent_space.any_place import choose_place, place_on, place_panel
from pages.parts.latent_space.geometry import blended, extent, on_plane
from pages.parts.latent_space.latent_numbers import latent_numbers
from pages.parts.latent_space.map_chart import Extent, Place, clicked, garment_map
from pages.parts.latent_space.moment import standing_still
from pages.parts.latent_space.movement import movement
from pages.parts.latent_space.neighbours import neighbours
from pages.parts.latent_space.space import Space, code_of, space_of
from pages.parts.latent_space.tsne_map import tsne_places
from pages.parts.latent_space.walk import walk
from pages.parts.run.status import summary

PCA, TSNE = "pca", "tsne"


def latent_page() -> None:
    st.html(STYLES)
    st.title(_("Latent space"), anchor=False)
    st.markdown(
        _(
            "An encoder makes a few numbers of every garment. Here they are as a map: what the network "
            "takes for similar lies side by side."
        )
    )
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        network = choose_network()
    if network is None:
        return
    with right:
        garment = choose_garment()
    st.caption(summary(network.spec))
    _layers_link(network, garment)
    try:
        network = standing_still(network)
        space = space_of(network)
        _figures(space)
        _map(network, space, garment)
        neighbours(network, space, garment)
        if network.spec.task == "autoencoder":
            walk(network, space, garment)
            latent_numbers(network, space, garment)
        else:
            st.caption(_("A classifier has no decoder, so nothing can be drawn from its latent numbers."))
        movement(network, space)
    except LabError as error:
        st.info(as_typed(say(error)), icon=":material/info:")


def _layers_link(network: Network, garment: Garment) -> None:
    name = str(network.asked.get("run_id") or network.asked["model"])
    st.page_link(
        LAYERS,
        label=_("Layer by layer"),
        icon=":material/layers:",
        query_params={"network": name, "garment": str(garment.index)},
    )


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
                "So often the ten nearest of {count} garments, by majority, are of a garment’s own class. "
                "Among the pixels themselves: {pixels}."
            ).format(count=count(len(space.codes)), pixels=percent(space.pixel_accuracy))
        )
    with share:
        st.metric(_("Variance in the plane"), percent(plane))
        st.caption(
            ngettext(
                "That much of the differences two axes can show; {n} component holds 90 % of them.",
                "That much of the differences two axes can show; {n} components hold 90 % of them.",
                enough,
            ).format(n=enough)
        )
    with kept:
        st.metric(_("Latent numbers in use"), f"{count(used)} / {count(numbers)}")
        words = ngettext(
            "{n} is the same for every garment, and says nothing.",
            "{n} are the same for every garment, and say nothing.",
            numbers - used,
        ).format(n=count(numbers - used))
        st.caption(words if used < numbers else _("Each differs from garment to garment."))


def _map(network: Network, space: Space, garment: Garment) -> None:
    kinds = {PCA: _("PCA: the widest plane"), TSNE: _("t-SNE: who is next to whom")}
    kind = linked_choice(_("Map"), kinds, key="map")
    places = space.plane if kind == PCA else tsne_places(space)
    if places is None:
        return
    code = code_of(network, space, garment)
    place = place_on(places)
    left, right = st.columns([5, 2], gap="large")
    with left:
        _chart(space, places, kind, _own_place(space, garment, code, places, kind), place)
    with right:
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
        on_click=partial(_clicked, key, extent(places)),
    )
    st.caption(
        _(
            "The ring is your garment, the cross the chosen place; the greyer the ground, the farther the "
            "next garment. Point at a mark to see it, click to choose it."
        )
    )


def _clicked(key: str, within: Extent) -> None:
    chosen = clicked(key)
    if isinstance(chosen, int):
        show_garment(chosen)
    elif chosen is not None:
        choose_place(chosen, within)
