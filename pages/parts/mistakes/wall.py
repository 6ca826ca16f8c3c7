"""Test garments by the page, each a button; the one that is picked stands in the address."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _
from pages.parts.base.pins import pin_button
from pages.parts.dataset.garment_picker import pick_garment
from pages.parts.inside.garment_choice import show_garment
from pages.parts.widgets.pinning.reading import in_lines

PER_PAGE = 40


def wall(indices: np.ndarray, names: Sequence[str], asked: int | None, what: str, *, key: str) -> int:
    """Which of the test images `indices` is chosen: the one that is `asked` for if it is among them, or the
    first. `names` say what each button is, `what` what all of them are."""
    listed = indices.tolist()
    chosen = asked if asked in listed else listed[0]
    pages = -(-len(listed) // PER_PAGE)
    # Another control once another garment is asked for or others are listed: it begins at the chosen one.
    page_key = f"{key}_page_{hash((asked, *listed))}"
    home = listed.index(chosen) // PER_PAGE + 1
    page = st.session_state.get(page_key, home)
    first = (page - 1) * PER_PAGE
    shown = slice(first, first + PER_PAGE)

    def pick() -> None:
        picked = held(f"{key}_garments").picked
        if picked in listed:  # what a browser sends may be anything, also True, which is equal to 1
            show_garment(listed[listed.index(picked)])

    images = np.asarray(fashion_mnist.load().test_images[indices[shown]])
    pick_garment(
        images,
        list(names)[shown],
        listed[shown],
        chosen,
        key=f"{key}_garments",
        on_pick=pick,
    )
    pin_button(lambda: in_lines(images, list(names)[shown]), what, key)
    if pages > 1:
        st.pagination(pages, default=home, key=page_key)
        st.caption(
            _("{first:,} to {last:,} of {all:,} garments").format(
                first=first + 1, last=min(first + PER_PAGE, len(listed)), all=len(listed)
            )
        )
    return int(chosen)
