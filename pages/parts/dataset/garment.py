"""One garment as what a network gets: 784 numbers."""

from __future__ import annotations

import secrets
from html import escape

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.i18n import _, say
from pages.parts.dataset.gallery import numbered, part_of
from pages.parts.widgets import mosaics
from pages.parts.widgets.pinning.shown import shown

# Black and white digits are both legible at this brightness.
MIDDLE = 118


def one_garment() -> None:
    dataset = fashion_mnist.load()
    part, chosen = st.session_state.get("gallery_picked", ("train", None))
    images, labels, indices = part_of(dataset, part)
    index = int(chosen) if isinstance(chosen, int) and chosen in indices else int(indices[0])
    image, name = images[index], say(fashion_mnist.CLASS_NAMES[labels[index]])
    picture, numbers = st.columns([3, 7], gap="large")
    with picture:
        enlarged = mosaics.gallery(image[None], alt=name, columns=1, tile=252)
        shown(enlarged, numbered(part, index, name), "garment")
        st.markdown(
            _(
                "**{name}**, as you see it, and as a network gets it: 784 numbers from 0 (black) to 255 "
                "(white). A feed-forward network does not even know which of them are neighbours; a "
                "convolutional one does."
            ).format(name=name)
        )
        if st.button(
            _("Another garment"),
            icon=":material/shuffle:",
            key="garment_random",
            help=_("Any one, at random."),
        ):
            st.session_state["gallery_picked"] = (part, int(indices[secrets.randbelow(len(indices))]))
            st.rerun()
        st.caption(_("Or pick one in the gallery."))
    with numbers:
        what = _("The 28 × 28 pixels of this garment")
        shown(_table(image, what), f"{what}: {numbered(part, index, name)}", "garment_numbers")


def _table(image: np.ndarray, caption: str) -> str:
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="background:rgb({v},{v},{v});color:{"#fff" if v < MIDDLE else "#000"}">{v}</td>'
            for v in row
        )
        + "</tr>"
        for row in image.tolist()
    )
    return (
        f'<div class="lab-numbers" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table></div>"
    )
