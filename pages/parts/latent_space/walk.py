"""A walk in ten steps between two garments: through latent space, and beside it, through the pixels."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.attempt import held
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _, say
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.network_choice import Network
from pages.parts.latent_space.geometry import between, nearest
from pages.parts.latent_space.space import DIGITS, Space, code_of, decoded
from pages.parts.widgets import mosaics
from pages.parts.widgets.pinning.shown import shown

STEPS = 10
TO, TO_CLASS = "latent_walk_to", "latent_walk_class"


def walk(network: Network, space: Space, garment: Garment) -> None:
    """Raises `LabError` where the network does not decode."""
    st.subheader(_("A walk between two garments"), anchor=False)
    end = _choose_end(garment)
    path = between(code_of(network, space, garment), code_of(network, space, end), STEPS)
    gaps = [float(nearest(space.codes, code, 1)[1][0]) for code in path]
    captions = [
        _("step {n}: {distance}").format(n=k + 1, distance=figure(gap, DIGITS)) for k, gap in enumerate(gaps)
    ]
    what = _("A walk through latent space")
    shown(mosaics.captioned(decoded(network, path), captions, alt=what), what, "walk")
    st.caption(_("Under each step stands how far it is from the nearest of the garments on the map."))
    st.markdown(_("The same walk through the pixels only fades one garment into the other:"))
    ends = [one.image.ravel().astype(np.float32) for one in (garment, end)]
    faded = np.rint(between(ends[0], ends[1], STEPS)).astype(np.uint8).reshape(-1, 28, 28)
    plain = [_("step {n}").format(n=k + 1) for k in range(STEPS)]
    what = _("A walk through the pixels")
    shown(mosaics.captioned(faded, plain, alt=what), what, "walk_pixels")


def _choose_end(garment: Garment) -> Garment:
    dataset = fashion_mnist.load()
    names = {label: say(name) for label, name in enumerate(fashion_mnist.CLASS_NAMES)}
    first = fashion_mnist.snapshot_indices(dataset)
    index = st.session_state.get(TO, int(first[(garment.label + 4) % len(first)]))
    if index >= len(dataset.test_labels):  # of other data than is in use now
        index = int(first[0])
    label = int(dataset.test_labels[index])
    st.session_state[TO_CLASS] = label
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            _("Where it ends"),
            list(names),
            format_func=names.get,
            key=TO_CLASS,
            placeholder=_("Choose a class"),
            on_change=_of_class,
            width=220,
        )
        st.button(
            _("Another"),
            icon=":material/casino:",
            key="latent_walk_another",
            help=_("Another test garment of this class."),
            on_click=_another,
            args=(index, label),
        )
    return Garment(index, np.asarray(dataset.test_images[index]), label)


def _of_class() -> None:
    dataset = fashion_mnist.load()
    st.session_state[TO] = int(np.flatnonzero(dataset.test_labels == held(TO_CLASS))[0])


def _another(index: int, label: int) -> None:
    same = np.flatnonzero(fashion_mnist.load().test_labels == label)
    after = same[same > index]
    st.session_state[TO] = int(after[0] if len(after) else same[0])
