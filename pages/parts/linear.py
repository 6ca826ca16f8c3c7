"""What principal components leave of the same images: the yardstick of every autoencoder.

A worker computes it, once for each training set; pages get a toggle, the errors, and a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillComputing

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec
from pages.parts.figures import number
from pages.parts.lab import engine
from pages.parts.language import _, say

PATIENCE = 60.0  # of a worker, which may be training meanwhile
WAIT = 1.0  # of a page, before it says that there is something to wait for

Errors = Mapping[str, np.ndarray]


def wanted(key: str, components: int | None) -> bool:
    """Whether the learner wants to see it; with `None`, for runs of several sizes."""
    words = (
        _("PCA with {n} components").format(n=components) if components else _("PCA with as many components")
    )
    return st.toggle(
        words,
        key=key,
        help=_(
            "Principal components are the best that a network without bends (without ReLU and sigmoid) could "
            "do with a hidden layer of this size. They are fitted on the same training images."
        ),
    )


def errors(spec: RunSpec, moving: bool = False) -> Errors | None:
    """By part of the data, the error that each number of components leaves; `None` while it is computed.

    A page that is `moving` looks again by itself. What went wrong is told in its place.
    """
    known, asked = _known(), (data.load().folder, spec.train_size, spec.validation_size, spec.seed)
    if asked not in known:
        sizes = dict(zip(("train_size", "validation_size", "seed"), asked[1:], strict=True))
        known[asked] = _askers().submit(engine().ask, "pca", timeout=PATIENCE, **sizes)
    try:
        return known[asked].result(0.0 if moving else WAIT)
    except StillComputing:
        st.fragment(_await, run_every=None if moving else 1.0)(asked)
    except LabError as refused:
        del known[asked]  # so that the next look asks again
        st.caption(say(refused))
    return None


def _await(asked: tuple) -> None:
    """Until it is there; then the page is drawn anew."""
    st.caption(_("The principal components are being fitted; they appear in a moment."))
    if asked in _known() and _known()[asked].done():
        st.rerun()


def components(spec: RunSpec) -> int:
    """As many as the hidden layer has units; there are no more than pixels."""
    return min(spec.hidden_sizes[0], 784)


def sentence(mine: float, linear: float, part: str, ended: bool) -> str:
    """Whether the network does better than PCA on images of this part."""
    images = {"test": _("test images"), "validation": _("validation images"), "train": _("training images")}
    shared = {"images": images[part], "pca": number(linear), "network": number(mine)}
    if mine < linear:
        told = _("On the {images} PCA leaves {pca} and the network {network}: it **beats linear**.")
    elif ended:
        told = _("On the {images} PCA leaves {pca} and the network {network}: it does **not beat linear**.")
    else:
        told = _("On the {images} PCA leaves {pca} and the network still {network}.")
    return told.format(**shared)


@st.cache_resource(show_spinner=False)
def _known() -> dict[tuple, Future]:
    return {}


@st.cache_resource(show_spinner=False)
def _askers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="pca")
