"""Which garment a play shows: the first test garment of a class."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.i18n import _, say
from pages.parts.inside.garment_choice import Garment

ANKLE_BOOT = 9


def choose_class(key: str, label: int = ANKLE_BOOT) -> Garment:
    """`label` is the class at first."""
    names = {k: say(name) for k, name in enumerate(fashion_mnist.CLASS_NAMES)}
    st.session_state.setdefault(key, label)
    chosen = st.selectbox(
        _("Garment"),
        list(names),
        format_func=names.__getitem__,
        key=key,
        placeholder=_("Choose a class"),
        width=200,
    )
    dataset = fashion_mnist.load()
    index = int(fashion_mnist.snapshot_indices(dataset)[chosen])
    return Garment(index, np.asarray(dataset.test_images[index]), chosen)
