"""The ten classes: their mean garments, and where garments of one class differ most."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist, idx, pixels
from pages.parts.base.formatting import percent
from pages.parts.base.i18n import _, say
from pages.parts.widgets import mosaics
from pages.parts.widgets.pinning.shown import shown


@st.cache_resource(show_spinner=False, max_entries=2)
def measured(folder: str) -> pixels.Pixels:
    """Statistics of the training images in use; `folder` tells one data set from another."""
    dataset = fashion_mnist.load()
    statistics = pixels.measure(dataset.train_images, dataset.train_labels)
    idx.let_go(dataset.train_images)
    return statistics


@st.cache_data(show_spinner=False, max_entries=2)
def nearest_mean_accuracy(folder: str) -> float:
    dataset = fashion_mnist.load()
    guesses = pixels.nearest_mean(dataset.test_images, measured(folder).means)
    return float(np.mean(guesses == dataset.test_labels))


def classes() -> None:
    dataset = fashion_mnist.load()
    statistics = measured(dataset.folder)
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    st.header(_("The mean garment of each class"))
    st.markdown(
        _(
            "All training images of a class laid over each other. Pullover, coat and shirt come out almost "
            "alike: expect networks to confuse them. Bags share hardly more than a rectangle."
        ),
        width=720,
    )
    n = len(dataset.train_labels)
    means = mosaics.captioned(np.rint(statistics.means).astype(np.uint8), names, alt=_("Mean garment"))
    shown(means, _("The mean garment of each class, of all {n:,} training images").format(n=n), "means")
    st.header(_("Where a class varies"))
    st.markdown(
        _(
            "The standard deviation, pixel by pixel: bright where garments of a class differ most. Trousers "
            "agree on almost everything but their edges; sandals agree on hardly anything."
        ),
        width=720,
    )
    spread = mosaics.captioned(mosaics.heat(statistics.deviations / 128), names, alt=_("Spread"))
    what = _("The standard deviation of each pixel by class, of all {n:,} training images").format(n=n)
    shown(spread, what, "spread")
    st.header(_("A classifier without any learning"))
    st.markdown(
        _(
            "Give each test garment the class whose mean is nearest, pixel by pixel, and "
            "**{accuracy}** of the answers are right. Chance would be 10 %. A network has to beat this "
            "to have learned anything."
        ).format(accuracy=percent(nearest_mean_accuracy(dataset.folder))),
        width=720,
    )
