"""What principal components leave of the same images: the yardstick of every autoencoder.

A worker computes it, once for each training set; pages get a toggle, the errors, and a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import listed, number
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.services import engine
from pages.parts.base.typed_text import as_typed

PATIENCE = 60.0  # of a worker, which may be training meanwhile
SECONDS_A_LOOK = 0.5  # of a page that is not moving, at whether the worker has answered

Errors = Mapping[str, np.ndarray]
Asked = tuple[Path, int, int, int]
PARTS = {"validation_loss": "validation", "train_loss_eval": "train", "test_loss": "test"}  # by quantity


def wanted(key: str, specs: Sequence[RunSpec]) -> bool:
    """Whether the learner wants to see it beside these autoencoders."""
    sizes = {components(spec) for spec in specs}
    n = min(sizes)
    label = ngettext("PCA with {n} component", "PCA with {n} components", n).format(n=n)
    return st.toggle(
        label if len(sizes) == 1 else _("PCA with as many components"),
        key=key,
        on_change=_forget_refusals,
        help=_(
            "Principal components (PCA) are the best that a purely linear network (no ReLU, no sigmoid) "
            "could do with a hidden layer of this size. They are fitted on the same training images."
        ),
    )


def errors(specs: Sequence[RunSpec], moving: bool = False) -> list[Errors] | None:
    """For each spec, by part of the data, the error that each number of components leaves.

    `None` while they are computed, which the page says at once; one that is `moving` looks again by itself.
    What went wrong is told in their place, until the toggle is used again.
    """
    folder, known = fashion_mnist.load().folder, _known()
    asked = [(folder, spec.train_size, spec.validation_size, spec.seed) for spec in specs]
    for question in dict.fromkeys(asked):
        if question not in known:
            sizes = dict(zip(("train_size", "validation_size", "seed"), question[1:], strict=True))
            known[question] = _askers().submit(engine().ask, "pca", timeout=PATIENCE, **sizes)
    futures = [known[question] for question in asked]
    if not all(future.done() for future in futures):
        st.fragment(_await, run_every=None if moving else SECONDS_A_LOOK)(asked)
        return None
    for future in futures:
        if isinstance(refused := future.exception(), LabError):
            st.caption(as_typed(say(refused)))
            return None
    return [future.result() for future in futures]


def levels(specs: Sequence[RunSpec], part: str, moving: bool = False) -> list[tuple[float, str]]:
    """The errors on a part of the data as lines across a chart; what several mean is told in a caption."""
    lines_by_text: dict[str, tuple[float, int, int]] = {}
    for spec, left in zip(specs, errors(specs, moving) or (), strict=False):
        n = components(spec)
        if part in left:
            error = float(left[part][n])
            lines_by_text.setdefault(f"{n} {number(error)}", (error, n, spec.train_size))
    if len(lines_by_text) == 1:
        return [(error, called(n)) for error, n, _size in lines_by_text.values()]
    if lines_by_text:
        by_size = len({n for _error, n, _size in lines_by_text.values()}) == 1
        count = _("{n:,}")
        lines = [
            f"{count.format(n=size if by_size else n)} ({number(error)})"
            for error, n, size in sorted(lines_by_text.values(), reverse=True)
        ]
        message = (
            _("Dashed lines: the error of PCA on the {images}, by how many it was fitted on: {lines}.")
            if by_size
            else _("Dashed lines: the error of PCA on the {images}, by components: {lines}.")
        )
        st.caption(message.format(images=images_of(part), lines=listed(lines)))
    return [(error, "") for error, _n, _size in lines_by_text.values()]


def of_images(part: str, specs: Mapping[Any, RunSpec], moving: bool = False) -> dict[Any, float]:
    """By what the specs are called, the errors on a part of the data; empty while they are computed."""
    left = errors(list(specs.values()), moving) or ()
    return {
        name: float(by_part[part][components(spec)])
        for (name, spec), by_part in zip(specs.items(), left, strict=False)
    }


def _await(asked: Sequence[Asked]) -> None:
    """Until they are there, or refused; then the page is drawn anew."""
    st.caption(_("The principal components are being fitted; they appear in a moment."))
    known = _known()
    if all(question not in known or known[question].done() for question in asked):
        st.rerun()


def _forget_refusals() -> None:
    """So that they are asked for again."""
    for asked, future in list(_known().items()):
        if future.done() and future.exception() is not None:
            _known().pop(asked, None)


def components(spec: RunSpec) -> int:
    """As many as the hidden layer has units; there are no more than pixels."""
    return min(spec.hidden_sizes[0], 784)


def called(n: int) -> str:
    """The error of so many components, as the legend of a chart names it."""
    return ngettext("PCA, {n} component", "PCA, {n} components", n).format(n=n)


def images_of(part: str) -> str:
    return {"test": _("test images"), "validation": _("validation images"), "train": _("training images")}[
        part
    ]


def sentence(mine: float, linear: float, part: str, ended: bool) -> str:
    """Whether the network does better than PCA on images of this part."""
    shared = {"images": images_of(part), "pca": number(linear), "network": number(mine)}
    if mine < linear:
        text = _("On the {images} PCA leaves {pca} and the network {network}: it **beats linear**.")
    elif ended:
        text = _("On the {images} PCA leaves {pca} and the network {network}: it does **not beat linear**.")
    else:
        text = _("On the {images} PCA leaves {pca} and the network still {network}.")
    return text.format(**shared)


@st.cache_resource(show_spinner=False)
def _known() -> dict[Asked, Future]:
    return {}


@st.cache_resource(show_spinner=False)
def _askers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="pca")
