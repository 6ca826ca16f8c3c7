"""Filters to lay on a garment: those that photographers know, one's own, those that a network has learned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import Conv2d
from fmnist_core.architecture.networks import network_layers
from fmnist_core.sentences import LabError
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.by_hand.typed_cells import cells_field
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.inside.answers import answer
from pages.parts.inside.network_choice import NETWORK, Network
from pages.parts.inside.place import nth
from pages.parts.results.shipped_model_view import title
from pages.parts.results.shipped_models import FIRST, shipped_specs

FILTER = "filter"
MOST_OWN = 7
OWN = "0 1 0\n1 -4 1\n0 1 0"


def blur(kernel: int) -> np.ndarray:
    """The mean of what it sees."""
    return np.full((kernel, kernel), 1 / kernel**2)


def edges(kernel: int) -> np.ndarray:
    """The middle less the mean: nothing where all pixels are alike."""
    return _middle(kernel) - blur(kernel)


def sharpen(kernel: int) -> np.ndarray:
    """The middle, and its edges once more."""
    return 2 * _middle(kernel) - blur(kernel)


def upright(kernel: int) -> np.ndarray:
    """The right half less the left half."""
    sides = np.sign(np.arange(kernel) - (kernel - 1) / 2)
    return np.tile(sides, (kernel, 1)) / kernel


def level(kernel: int) -> np.ndarray:
    """The lower half less the upper half."""
    return upright(kernel).T


def _middle(kernel: int) -> np.ndarray:
    middle = np.zeros((kernel, kernel))
    middle[kernel // 2, kernel // 2] = 1
    return middle


# By their word in the address; they come in every size.
OF_ANY_SIZE: dict[str, Callable[[int], np.ndarray]] = {
    "edges": edges,
    "vertical": upright,
    "horizontal": level,
    "blur": blur,
    "sharpen": sharpen,
}


def choose_filter() -> Callable[[int], np.ndarray] | np.ndarray | None:
    """A filter, or one for every kernel size; `None` once the page has said why there is none."""
    words = {
        "edges": _("Edges"),
        "vertical": _("Vertical edges"),
        "horizontal": _("Horizontal edges"),
        "blur": _("Blur"),
        "sharpen": _("Sharpen"),
        "own": _("Your own filter"),
        "network": _("A trained network's"),
    }
    name = linked_choice(_("Filter"), words, key=FILTER, control="pills")
    if name == "own":
        return cells_field(_("Your own filter"), "byhand_own", OWN, most=MOST_OWN, square=True)
    if name == "network":
        try:
            return _learned()
        except LabError as refused:
            st.info(as_typed(say(refused)), icon=":material/info:")
            return None
    return OF_ANY_SIZE[name]


def _learned() -> np.ndarray | None:
    """One of the first layer of a shipped network. Raises what `answer` does."""
    specs = {
        name: spec
        for name, spec in shipped_specs().items()
        if isinstance(network_layers(spec)[0].layer, Conv2d)
    }
    if not specs:
        st.info(_("This copy of the lab ships no convolutional network: choose another filter."))
        return None
    names = {
        name: _("The network of the first page") if name == FIRST else title(name)
        for name in sorted(specs, key=lambda name: not name.startswith("r5"))
    }
    chosen = linked_choice(_("Network"), names, key=NETWORK, control="list")
    first = network_layers(specs[chosen])[0]
    filters = answer(
        "layer_weights",
        Network(specs[chosen], {"model": chosen}),
        layer=first.name,
        count=first.behind[0],
    )["weight"]
    return filters[nth(_("Filter of its first layer"), len(filters), "byhand_nth"), 0].astype(np.float64)
