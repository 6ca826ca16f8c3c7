"""A classifier's confusion matrix, epoch by epoch on validation images and at the end on the test images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.store.runs import Run
from pages.parts.base.i18n import _, say
from pages.parts.run.watched import Watched
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.matrix_pair import draw_pair
from pages.parts.widgets.scrubber import scrub

HARDEST = 3
HEIGHT = 430


def confusions(latest: Watched) -> None:
    """The matrix of the epoch or the test chosen, the choices, and the hardest pairs in a sentence."""
    run, epochs = latest.run, latest.epochs
    key, tested = f"confusion_{run.id}", run.test_confusion is not None
    names = [say(name) for name in CLASS_NAMES]
    newest = epochs[-1].epoch if epochs else 0
    st.subheader(_("Confusion matrix"), anchor=False)
    shown = st.container(gap="xsmall")
    images, numbers = _choices(key, tested)
    if images == "test":
        matrix = run.test_confusion
    else:
        chosen = scrub(
            key,
            _("Epoch"),
            range(1, max(run.spec.epochs, newest) + 1),
            max(newest, 1),
            str,
            help=_("The matrix at the end of each epoch. Drag, or use the arrow keys."),
        )
        matrix = latest.confusion(chosen) if chosen <= newest else None
    if images == "validation" and not newest:  # and no time to draw an empty chart: the first loss is awaited
        with shown.container(height=HEIGHT, border=True):
            st.caption(nothing_yet(run, newest))
        return
    with shown:
        draw_confusion(
            np.zeros((10, 10), np.int64) if matrix is None else matrix,
            names,
            key=f"{key}_chart",
            alt=_("Confusion matrix: true classes in rows, predicted classes in columns"),
            normalised=numbers == "share",
            height=HEIGHT,
        )
        st.caption(nothing_yet(run, newest) if matrix is None else hardest(matrix, names))
        if matrix is not None and newest:
            _change(latest, matrix, names, f"{key}_earlier", max(newest, run.spec.epochs))


def _change(latest: Watched, matrix: np.ndarray, names: Sequence[str], key: str, epochs: int) -> None:
    """How the matrix shown differs from that of an epoch on validation images, if the learner asks."""
    earlier = st.selectbox(
        _("Difference from the validation images at the end of"),
        range(1, epochs + 1),  # which must not change while the learner chooses
        index=None,
        format_func=lambda epoch: _("epoch {epoch}").format(epoch=epoch),
        placeholder=_("Choose an epoch"),
        key=key,
        width=340,
    )
    if earlier is None:
        return
    before = latest.confusion(earlier)
    if before is None:
        st.caption(_("There is no matrix of this epoch yet."))
        return
    title = _("Difference from epoch {epoch}, in percentage points").format(epoch=earlier)
    draw_pair(before, matrix, names, title, key=f"{key}_difference")


def hardest(matrix: np.ndarray, names: Sequence[str]) -> str:
    """The pairs of classes confused most, both ways together, and how many images were classified rightly."""
    both = matrix + matrix.T
    pairs = [(int(both[i, j]), i, j) for i in range(len(both)) for j in range(i)]
    worst = [pair for pair in sorted(pairs, reverse=True)[:HARDEST] if pair[0]]
    right, all = int(np.trace(matrix)), int(matrix.sum())
    if not worst:
        return _("All {all:,} images are classified rightly.").format(all=all)
    return _("{right:,} of {all:,} images are right. Confused most: {pairs}.").format(
        right=right,
        all=all,
        pairs=", ".join(
            _("{one} and {other} ({n:,})").format(one=names[j], other=names[i], n=n) for n, i, j in worst
        ),
    )


def _choices(key: str, tested: bool) -> tuple[str, str]:
    """Which images (the test images only once training has ended, and then first), and which numbers."""
    with st.container(horizontal=True, gap="small", key=f"{key}_choices"):
        images = st.segmented_control(
            _("Images"),
            ("validation", "test"),
            format_func={"validation": _("Validation"), "test": _("Test")}.get,
            default="test" if tested else "validation",
            required=True,
            key=f"{key}_images" if tested else f"{key}_images_so_far",
            disabled=not tested,
            label_visibility="collapsed",
            wrap=True,
        )
        numbers = st.segmented_control(
            _("Numbers"),
            ("share", "count"),
            format_func={"share": _("% of the class"), "count": _("Images")}.get,
            default="share",
            required=True,
            key=f"{key}_numbers",
            label_visibility="collapsed",
            wrap=True,
        )
    return images, numbers


def nothing_yet(run: Run, newest: int) -> str:
    """Why there is no matrix; `newest` is the last epoch that has ended."""
    if run.spec.validation_size == 0:
        return _("This run has no validation images, so its matrix comes at the end, from the test images.")
    if not newest:
        return _("The matrix fills when the first epoch ends.")
    return _("Training has not come to this epoch yet; it has ended {newest}.").format(newest=newest)
