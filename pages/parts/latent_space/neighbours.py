"""The ten garments most like the chosen one, by the network's numbers, and beside them, by the pixels."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.network_choice import Network
from pages.parts.latent_space.geometry import nearest
from pages.parts.latent_space.space import DIGITS, Space, code_of
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

COUNT, TILE = 10, 76


def neighbours(network: Network, space: Space, garment: Garment) -> None:
    st.subheader(_("Its ten nearest"), anchor=False)
    views = {
        "codes": (_("in latent space"), space.codes, code_of(network, space, garment), 1.0),
        "pixels": (
            _("in pixel space"),
            space.images.reshape(len(space.images), -1),
            garment.image.ravel(),
            255.0,
        ),
    }
    columns = st.columns(2, gap="large")
    for (view, (words, points, point, unit)), column in zip(views.items(), columns, strict=True):
        order, distances = nearest(points, point, COUNT, but=garment.index)
        with column:
            _gallery(space, garment, words, order, distances / unit, f"neighbours_{view}")


def _gallery(
    space: Space, garment: Garment, words: str, order: np.ndarray, distances: np.ndarray, key: str
) -> None:
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    captions = [
        f"{names[space.labels[k]]} ({figure(float(distance), DIGITS)})"
        for k, distance in zip(order, distances, strict=True)
    ]
    same = int((space.labels[order] == garment.label).sum())
    st.markdown(f"**{words}**")
    html = pictures.garments(space.images[order], captions, alt=words, tile=TILE)
    what = _("The ten nearest of {name} {index:,} {where}")
    what = what.format(name=names[garment.label], index=garment.index, where=words)
    shown(html, what, key)
    st.caption(
        ngettext(
            "{n} of {all} is of its own class. The distance is in brackets.",
            "{n} of {all} are of its own class. The distance is in brackets.",
            same,
        ).format(n=same, all=len(order))
    )
