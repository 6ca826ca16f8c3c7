"""The page of layers: the network drawn, and the chosen layer at work on the chosen garment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from fmnist_core.architecture.layers import Linear, Placed
from fmnist_core.architecture.networks import network_layers
from fmnist_core.sentences import LabError
from fmnist_core.store.runs import RunNotFound
from fmnist_core.store.status import OPEN
from pages.parts.base import pins
from pages.parts.base.attempt import say_error
from pages.parts.base.formatting import count, unbroken
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.routes import LATENT_SPACE, MISTAKES
from pages.parts.base.services import engine, store
from pages.parts.base.spec_words import numbered_layers
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.frame.frame import guard
from pages.parts.inside import beside, maps, outputs, units
from pages.parts.inside.answers import all_finite, answer, say_beyond_bounds
from pages.parts.inside.beside import choose_beside
from pages.parts.inside.garment_choice import Garment, choose_garment
from pages.parts.inside.network_choice import LAYER, Network, choose_network, recall, remember
from pages.parts.inside.other_page import other_page
from pages.parts.inside.place import STRENGTH, UNIT
from pages.parts.results.network_drawing import STYLES as DRAWING_STYLES
from pages.parts.results.network_drawing import network_drawing, shape_words
from pages.parts.run.status import summary
from pages.parts.widgets import mosaics

STYLES = Path(__file__).with_name("inside.css")
OUTPUT = "result"
LOOK_SECONDS = 2.0  # between two looks at a run that trains


def layer_page() -> None:
    st.html(DRAWING_STYLES)
    st.html(STYLES)
    st.title(_("Layers"), anchor=False)
    st.markdown(_("Choose a network and a garment, and follow the garment through it, layer by layer."))
    left, right = st.columns(2, gap="medium")
    with left:
        network = choose_network(plays=True)
    if network is None:
        return
    with right:
        garment = choose_garment(network.name, shows_own=True)
    if garment.is_own:
        pins.about_nothing()  # a pin would keep the picture
    st.caption(summary(network.spec))
    with st.container(horizontal=True):
        other_page(LATENT_SPACE, _("In latent space"), "scatter_plot", network, garment)
        if network.spec.task == "classifier":
            other_page(MISTAKES, _("Mistakes"), "rule", network, garment)
    network_drawing(network.spec, "network")
    layers = {placed.name: placed for placed in network_layers(network.spec) if placed.parameters}
    names = numbered_layers(network.spec) | {OUTPUT: _("Output")}
    recall(LAYER, names)
    chosen = linked_choice(_("Layer"), names, key=LAYER, control="pills", within=(UNIT, STRENGTH))
    remember(LAYER, chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        other = choose_beside(network)
    trains = network.training or (other is not None and other.training)
    look = LOOK_SECONDS if trains else None
    st.fragment(_layer, run_every=look)(network, garment, layers.get(chosen), other)


def _layer(network: Network, garment: Garment, placed: Placed | None, other: Network | None) -> None:
    with guard(), mosaics.private(garment.is_own):
        try:
            if network.training is not None:
                network = _looked_at(network, network.training)
            if other is not None and other.training is not None:
                other = _now(other, other.training)
            values = answer("activations", network, image=garment.asked)
            if not all_finite(values):
                say_beyond_bounds()
            elif placed is None:
                if other is not None:
                    beside.outputs(other, garment, values)
                outputs.result(network, garment, values)
            else:
                _facts(placed)
                if other is not None:
                    beside.layer(network, other, garment, placed, values)
                panel = units.linear if isinstance(placed.layer, Linear) else maps.convolution
                panel(network, garment, placed, values)
        except LabError as error:
            say_error(error, "inside_layer")


def _looked_at(network: Network, run_id: str) -> Network:
    now = _now(network, run_id)
    st.caption(
        _("The run trains: you see it after batch {step:,}, and anew every two seconds.").format(
            step=now.asked["step"]
        )
    )
    return now


def _now(network: Network, run_id: str) -> Network:
    """The run as it is at this moment; once it trains no more, or is gone, the page is drawn anew."""
    try:
        still = store().run(run_id).status in OPEN
    except RunNotFound:
        still = False
    if not still:
        st.rerun()
    return replace(network, asked={"run_id": run_id, "step": engine().ask("still", run_id=run_id)})


def _facts(placed: Placed) -> None:
    parts = [
        _("{before} in, {behind} out").format(
            before=unbroken(shape_words(placed.before)), behind=unbroken(shape_words(placed.behind))
        ),
        ngettext("{n:,} parameter", "{n:,} parameters", placed.parameters).format(n=placed.parameters),
        _("{count} multiplications for one image").format(count=count(placed.multiplications)),
    ]
    st.markdown(" · ".join(parts))
