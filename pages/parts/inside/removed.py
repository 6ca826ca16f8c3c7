"""What dropout removes from the layers of a network, draw by draw: how many values, and which units."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import Dropout, Placed, ReLUDropout
from fmnist_core.architecture.networks import made_by, network_layers
from fmnist_core.messages import BEFORE_POOLING, KEPT
from pages.parts.base.formatting import count
from pages.parts.base.i18n import _
from pages.parts.base.spec_words import numbered_layers
from pages.parts.inside.network_choice import Network
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown
from pages.parts.widgets.pinning.small_table import small_table

TILE = 140
OFF = 0.35  # of the full colour, for what is removed and was off anyway


def removed(network: Network, values: dict[str, np.ndarray], draws: dict[str, np.ndarray]) -> None:
    """`values` are those without dropout, `draws` what a worker says of three draws of it."""
    rows, units = [], []
    captions: list[str] = []
    for name, placed in _with_dropout(network).items():
        kept = draws[placed.name + KEPT]
        reacts = values.get(placed.name + BEFORE_POOLING, values[placed.name])
        captions = [_("draw {n}").format(n=k + 1) for k in range(len(kept))]
        rows.append([name, *(_counts(one, reacts) for one in kept)])
        if reacts.ndim == 1:
            units.append((name, [_picture(one, reacts) for one in kept]))
    heads = [_("Layer"), *captions]
    what = _("Values that are removed")
    small_table(what, heads, rows, "removed")
    for place, (name, drawn) in enumerate(units):
        words = _("The units of “{layer}”, row by row:").format(layer=name)
        st.markdown(words)
        html = pictures.grid(drawn, captions, alt=name, tile=TILE)
        shown(html, words.removesuffix(":"), f"removed_units_{place}")
    if units:
        st.caption(
            _(
                "Orange units are on, the stronger the fuller; dark blue ones were on and are removed, light "
                "blue ones are removed and were off anyway; pale ones are off."
            )
        )


def _with_dropout(network: Network) -> dict[str, Placed]:
    """The values that dropout follows, by the names of the layers with weights that they belong to."""
    names, layers = numbered_layers(network.spec), network_layers(network.spec)
    return {
        names[made_by(layers, placed.name).name]: placed
        for placed in layers
        if isinstance(placed.layer, ReLUDropout | Dropout) and placed.layer.p
    }


def _counts(kept: np.ndarray, reacts: np.ndarray) -> str:
    gone = ~kept
    return _("{n} of {all}, {on} of them on").format(
        n=count(int(gone.sum())), all=count(kept.size), on=count(int((gone & (reacts > 0)).sum()))
    )


def _picture(kept: np.ndarray, reacts: np.ndarray) -> np.ndarray:
    """A pixel a unit, about twice as wide as high."""
    most = float(reacts.max(initial=0.0)) or 1.0
    fill = np.where(kept, reacts / most, np.where(reacts > 0, -1.0, -OFF))
    columns = -(-len(fill) // max(1, int((len(fill) / 2) ** 0.5)))
    padded = np.zeros(-(-len(fill) // columns) * columns)
    padded[: len(fill)] = fill
    return pictures.signed(padded.reshape(-1, columns), 1.0)
