"""Garments beside the ten of the film: a learner picks a class, and sees what the network now makes of it.

A worker is asked, ahead of training.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from fmnist_core.store.runs import Run
from pages.parts.base.formatting import listed
from pages.parts.base.i18n import _, say
from pages.parts.base.services import engine
from pages.parts.base.typed_text import as_typed
from pages.parts.frame.frame import guard
from pages.parts.widgets import mosaics
from pages.parts.widgets.pinning.shown import shown

SHOWN = 10
EVERY_CLASS = -1


@st.fragment
def other_garments(run: Run) -> None:
    """A drawer that asks nothing while it is closed."""
    drawer = st.expander(
        _("Other garments"), icon=":material/shuffle:", key=f"others_{run.id}", on_change="rerun"
    )
    if drawer.open:
        with drawer, guard():
            _others(run)


def _others(run: Run) -> None:
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    key = f"others_{run.id}_draw"
    st.session_state.setdefault(key, 0)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.selectbox(
            _("Class"),
            (EVERY_CLASS, *range(len(names))),
            format_func=lambda k: _("Every class") if k == EVERY_CLASS else names[k],
            key=f"others_{run.id}_class",
            placeholder=_("Choose a class"),
            width=240,
        )
        st.button(
            _("Others"), icon=":material/casino:", key=f"others_{run.id}_next", on_click=partial(_next, key)
        )
    dataset = fashion_mnist.load()
    indices = pick(dataset.test_labels, kind, st.session_state[key])
    try:
        outputs = engine().ask("reconstruct", run_id=run.id, indices=indices.tolist())
    except LabError as error:
        st.info(as_typed(say(error)), icon=":material/info:")
        return
    images, labels = dataset.test_images[indices], dataset.test_labels[indices]
    if run.spec.task == "autoencoder":
        captions = [names[label] for label in labels]
        what = _("Original, reconstruction, error")
        html = mosaics.triptychs(images, outputs, captions, alt=what)
    else:
        what = _("Ten test garments and the likeliest classes")
        html = mosaics.guesses(images, outputs, labels, names, alt=_("Test garment"))
    numbers = listed([str(index) for index in indices])
    shown(html, _("{what} (test garments {numbers})").format(what=what, numbers=numbers), "others")


def pick(labels: np.ndarray, kind: int, draw: int) -> np.ndarray:
    """(10,) indices of test images of a class, or of any; another draw, other garments."""
    candidates = np.arange(len(labels)) if kind == EVERY_CLASS else np.flatnonzero(labels == kind)
    return np.sort(np.random.default_rng(draw).choice(candidates, SHOWN, replace=False))


def _next(key: str) -> None:
    st.session_state[key] += 1
