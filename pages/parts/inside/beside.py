"""Another moment, or another network of the same layers, beside the one that is looked into."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import Flatten, Linear, Placed
from fmnist_core.architecture.networks import network_layers
from fmnist_core.data import fashion_mnist
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import count, figure, number, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import linked_choice, underway
from pages.parts.inside.answers import all_finite, answer, say_beyond_bounds
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.moments import say_only_now
from pages.parts.inside.network_choice import (
    BESIDE,
    BESIDE_STEP,
    Network,
    as_it_is,
    at_a_moment,
    leave,
    networks,
    say_hidden,
)
from pages.parts.inside.values import around
from pages.parts.results.shipped_models import shipped_specs
from pages.parts.widgets import mosaics, pictures
from pages.parts.widgets.pinning.shown import shown
from pages.parts.widgets.pinning.small_table import small_table

NOTHING = "none"
TILE, UNITS, STRONGEST = 44, 48, 16


def choose_beside(network: Network) -> Network | None:
    """The second network and its moment, if one is asked for."""
    wanted = _shapes(network.spec)
    asked = st.query_params.get(BESIDE, "")
    options = {NOTHING: _("nothing")} | networks(asked, fits=lambda spec: _shapes(spec) == wanted)
    if asked and asked not in options and not underway(BESIDE):
        _say_why_not(asked)
    if network.name in shipped_specs():  # which has one moment only
        options.pop(network.name, None)
    elif network.name in options:
        options[network.name] = _("this network, at another moment")
    if len(options) == 1:
        return None
    chosen = linked_choice(
        _("Beside it"), options, key=BESIDE, control="list", within=(BESIDE_STEP,), width=420
    )
    if chosen == NOTHING:
        return None
    if chosen in shipped_specs():
        say_only_now(BESIDE_STEP)
        return as_it_is(chosen)
    return at_a_moment(store().run(chosen), BESIDE_STEP)


def _say_why_not(asked: str) -> None:
    """Of a network that exists, which is no bad link."""
    name = networks(asked).get(asked)
    if name is not None:
        st.info(
            _("“{name}” has other layers: only networks of the same layers stand side by side.").format(
                name=as_typed(name)
            ),
            icon=":material/info:",
        )
    elif not say_hidden(asked):
        return  # it is nowhere, which the choice says
    leave(BESIDE, BESIDE_STEP)


def layer(
    network: Network, other: Network, garment: Garment, placed: Placed, values: dict[str, np.ndarray]
) -> None:
    """What comes out of the layer in both."""
    heads = _heads()
    others = answer("activations", other, image=garment.asked)
    if not all_finite(others):
        return say_beyond_bounds()
    here, there = (
        around(one.spec, _same(one.spec, placed), made) for one, made in ((network, values), (other, others))
    )
    if isinstance(placed.layer, Linear):
        if all(isinstance(before.layer, Flatten) for before in here.layers[:-1]):
            for one, head in zip((network, other), heads, strict=True):
                weights = answer("layer_weights", one, layer=placed.name, count=UNITS)["weight"]
                drawn = [pictures.signed(unit.reshape(28, 28)) for unit in weights]
                _grid(head, drawn, _("What each unit looks for"), f"beside_weights_{one is other}")
            if (units := here.activated.size) > UNITS:
                st.caption(_("The first {n} of {all} are shown.").format(n=UNITS, all=count(units)))
        _strongest(here.activated.ravel(), there.activated.ravel(), heads)
    else:
        most = float(max(here.activated.max(initial=0.0), there.activated.max(initial=0.0)))
        for made, head in zip((here, there), heads, strict=True):
            drawn = [pictures.bright(one, most) for one in made.activated]
            _grid(head, drawn, _("Feature map"), f"beside_maps_{made is there}")
    _how_alike(here.activated.ravel(), there.activated.ravel())


def outputs(other: Network, garment: Garment, mine: dict[str, np.ndarray]) -> None:
    """What both say in the end."""
    heads = _heads()
    theirs = answer("activations", other, image=garment.asked)
    if not all_finite(theirs):
        return say_beyond_bounds()
    if "probabilities" not in mine:
        drawn = np.stack([list(values.values())[-1][0] for values in (mine, theirs)])
        errors = ((drawn - garment.image / 255) ** 2).mean((1, 2)).tolist()
        what = _("Reconstruction of the garment")
        html = mosaics.captioned(
            np.rint(255 * np.clip(drawn, 0, 1)).astype(np.uint8),
            [f"{head}: {number(error)}" for head, error in zip(heads, errors, strict=True)],
            alt=what,
        )
        shown(html, what, "beside_output")
        return
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    order = np.argsort(-mine["probabilities"], kind="stable")
    rows = [[names[k], *(percent(float(one["probabilities"][k])) for one in (mine, theirs))] for k in order]
    small_table(_("Probability"), [_("Class"), *heads], rows, "beside_output")


def _heads() -> tuple[str, str]:
    st.subheader(_("Side by side"), anchor=False)
    return _("this one"), _("the other")


def _grid(head: str, drawn: list[np.ndarray], alt: str, key: str) -> None:
    st.markdown(f"**{head}**")
    what = f"{alt}, {head}"
    html = pictures.grid(drawn, [str(k + 1) for k in range(len(drawn))], alt=what, tile=TILE)
    shown(html, what, key)


def _strongest(mine: np.ndarray, theirs: np.ndarray, heads: tuple[str, str]) -> None:
    order = np.argsort(-np.maximum(mine, theirs), kind="stable")[:STRONGEST]
    rows = [[str(k + 1), figure(float(mine[k]), ".3f"), figure(float(theirs[k]), ".3f")] for k in order]
    small_table(_("The units that react most"), [_("Unit"), *heads], rows, "beside_strongest")


def _how_alike(mine: np.ndarray, theirs: np.ndarray) -> None:
    apart = float(np.abs(mine - theirs).mean())
    words = _("The values of the two differ by {apart} on average").format(apart=figure(apart, ".3g"))
    if mine.std() > 0 and theirs.std() > 0:
        alike = float(np.corrcoef(mine, theirs)[0, 1])
        words += "; " + _("their correlation is {alike}").format(alike=figure(alike, "+.2f"))
    st.caption(words + ".")


def _same(spec: RunSpec, placed: Placed) -> Placed:
    """The layer of that name, which may have another dropout around it."""
    return next(other for other in network_layers(spec) if other.name == placed.name)


def _shapes(spec: RunSpec) -> list[tuple[object, ...]]:
    return [(one.name, one.before, one.behind, one.parameters) for one in network_layers(spec)]
