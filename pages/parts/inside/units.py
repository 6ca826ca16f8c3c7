"""A linear layer: what each unit looks for and draws, and how it reacts to this garment and to others."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import Flatten, Linear, Placed, ReLUDropout, Sigmoid
from fmnist_core.architecture.networks import PIXELS, network_layers
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import count, figure, percent
from pages.parts.base.i18n import _, ngettext
from pages.parts.inside.answers import answer
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.network_choice import Network
from pages.parts.inside.operation import surgery
from pages.parts.inside.place import linked_unit
from pages.parts.inside.values import Around, activation_words, around
from pages.parts.widgets import pictures
from pages.parts.widgets.bars import bars
from pages.parts.widgets.pinning.shown import shown

AT_ONCE, TILE, LARGE, STRONGEST = 48, 64, 140, 16
SIDE = 28


def linear(network: Network, garment: Garment, placed: Placed, values: dict[str, np.ndarray]) -> None:
    here = around(network.spec, placed, values)
    n = placed.behind[0]
    chosen = linked_unit(_("Unit"), n, int(here.activated.argmax()))
    first = chosen // AT_ONCE * AT_ONCE
    sees_pixels = all(isinstance(other.layer, Flatten) for other in here.layers[:-1])
    draws_pixels = draws(network.spec, placed)
    several = AT_ONCE
    if not (sees_pixels or draws_pixels):
        first, several = chosen, 1
    weights = answer("layer_weights", network, layer=placed.name, first=first, count=several)
    if sees_pixels:
        _pictures(_("What each unit looks for"), weights["weight"], first, chosen, "units_weights")
        st.caption(_("Orange pixels speak for the unit, blue ones against; pale ones do not matter to it."))
    if draws_pixels:
        _pictures(_("What each unit draws"), weights["into"].T, first, chosen, "units_into")
        st.caption(_("What one more of this unit adds to the output: orange makes it brighter, blue darker."))
    if several > 1 and n > several:
        st.caption(
            _("Units {first} to {last} of {n} are shown; the slider leads to the others.").format(
                first=count(first + 1), last=count(min(first + several, n)), n=count(n)
            )
        )
    if here.ends_in_sigmoid:
        st.caption(_("Each unit is a pixel of the output: see “Output”."))
    _one_unit(garment, here, weights, chosen, first, sees_pixels)
    _strongest(here, placed)
    if here.behind is not None:
        surgery(network, garment, here.behind, chosen, _("unit {unit}").format(unit=chosen + 1))
        _use(network, here.behind)


def draws(spec: RunSpec, placed: Placed) -> bool:
    """Whether the units are read by the layer that makes the pixels."""
    network = network_layers(spec)
    behind = [
        other.layer
        for other in network[network.index(placed) + 1 :]
        if not isinstance(other.layer, ReLUDropout)
    ]
    return behind[:1] == [Linear(PIXELS)] and behind[1:2] == [Sigmoid()]


def _pictures(title: str, weights: np.ndarray, first: int, chosen: int, key: str) -> None:
    """A picture a unit, each by its own largest weight."""
    st.subheader(title, anchor=False)
    html = pictures.grid(
        [pictures.signed(one.reshape(SIDE, SIDE)) for one in weights],
        [str(first + k + 1) for k in range(len(weights))],
        alt=title,
        tile=TILE,
        chosen=chosen - first,
    )
    shown(html, title, key)


def _one_unit(
    garment: Garment,
    here: Around,
    weights: dict[str, np.ndarray],
    chosen: int,
    first: int,
    sees_pixels: bool,
) -> None:
    """Its inputs times its weights, summed."""
    st.subheader(_("Unit {unit} at this garment").format(unit=chosen + 1), anchor=False)
    before, own = here.before.ravel(), weights["weight"][chosen - first]
    products = before * own
    if sees_pixels:
        parts = (
            (np.repeat(garment.image[..., None], 3, -1), _("the garment")),
            (pictures.signed(own.reshape(SIDE, SIDE)), _("weights")),
            (pictures.signed(products.reshape(SIDE, SIDE)), _("products, pixel by pixel")),
        )
        html = pictures.grid([p for p, _w in parts], [w for _p, w in parts], alt=_("Unit"), tile=LARGE)
        shown(html, _("Unit {unit} at this garment").format(unit=chosen + 1), "units_products")
    positive, negative = products[products > 0].sum(), products[products < 0].sum()
    bias, total = float(weights["bias"][chosen - first]), float(here.sums[chosen])
    lines = [
        _("{n} products: those above zero add up to {plus}, those below to {minus}").format(
            n=count(len(products)),
            plus=figure(float(positive), "+.3f"),
            minus=figure(float(negative), "+.3f"),
        ),
        _("plus the bias {bias}: {total}").format(bias=figure(bias, "+.3f"), total=figure(total, "+.3f")),
    ]
    lines += activation_words(here, total, float(here.activated[chosen]))
    st.markdown("\n".join(f"- {line}" for line in lines))


def _strongest(here: Around, placed: Placed) -> None:
    """The units that react most to this garment."""
    order = np.argsort(-here.activated, kind="stable")[:STRONGEST]
    st.subheader(_("The units that react most"), anchor=False)
    bars(
        [_("unit {unit}").format(unit=k + 1) for k in order.tolist()],
        here.activated[order].tolist(),
        key=f"inside_bars_{placed.name}",
        x=_("Value"),
        y=_("Unit"),
        alt=_("The units of this layer that react most to the garment, sorted"),
        value_format=".2~f",
        height=22 * len(order) + 40,
    )
    if here.behind is not None:
        on = int((here.activated > 0).sum())
        st.caption(
            ngettext("{on} of {n} unit is on.", "{on} of {n} units are on.", len(here.activated)).format(
                on=count(on), n=count(len(here.activated))
            )
        )


def _use(network: Network, activation: str) -> None:
    """Which units never react, and which always, over many test images."""
    st.subheader(_("Over 1,000 test garments"), anchor=False)
    if network.training:
        st.caption(
            _("This is counted once the network does not change any more: pause the run, or let it end.")
        )
        return
    active = answer("use_of_units", network, layer=activation)["active"]
    dead, always = int((active == 0).sum()), int((active == 1).sum())
    lines = [
        ngettext(
            "{n} unit is dead: it reacts to none.", "{n} units are dead: they react to none.", dead
        ).format(n=count(dead)),
        ngettext(
            "{n} unit reacts to every one of them, as if it had no ReLU.",
            "{n} units react to every one of them, as if they had no ReLU.",
            always,
        ).format(n=count(always)),
        _("On average a unit reacts to {share} of them.").format(share=percent(float(active.mean()))),
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))
    for words, which in (
        (_("Dead: {units}"), np.flatnonzero(active == 0)),
        (_("React to every one: {units}"), np.flatnonzero(active == 1)),
    ):
        if len(which):
            units = ", ".join(str(k + 1) for k in which[:STRONGEST])
            st.caption(words.format(units=units + ("…" if len(which) > STRONGEST else "")))
