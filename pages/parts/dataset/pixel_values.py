"""What the brightness of pixels tells: how it is spread, and how bright each class is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.formatting import figure, percent
from pages.parts.base.i18n import _, say
from pages.parts.dataset.classes import measured
from pages.parts.widgets.bars import bars, histogram

BINS = 32
WHITE = 255


def pixel_values() -> None:
    dataset = fashion_mnist.load()
    statistics = measured(dataset.folder)
    with st.container(horizontal=True, gap="large", width="content"):
        st.metric(
            _("Mean"),
            figure(statistics.mean, ".1f"),
            help=_("Mean brightness of all training pixels, from 0 to 255."),
        )
        st.metric(
            _("Standard deviation"),
            figure(statistics.deviation, ".1f"),
            help=_(
                "How far pixels lie from that mean. The scaling “standardised” makes it 1, and the mean 0."
            ),
        )
        st.metric(
            _("Black pixels"),
            percent(statistics.histograms[:, 0].sum() / statistics.histograms.sum()),
            help=_("Share of pixels that are exactly 0: background."),
        )
    left, right = st.columns(2, gap="large")
    with left:
        st.header(_("Half of everything is black"))
        log = st.toggle(
            _("Logarithmic"),
            key="pixels_log",
            help=_("Makes the rare brightnesses visible beside the black."),
        )
        shares = statistics.histograms.sum(0).reshape(BINS, -1).sum(1) / statistics.histograms.sum()
        histogram(
            np.linspace(0, 256, BINS + 1),
            shares,
            key="pixels_histogram",
            x=_("Brightness"),
            y=_("Share of pixels"),
            alt=_("How often each brightness occurs among the training pixels"),
            log=log,
        )
        st.caption(
            _(
                "Painting everything black is right for half of the pixels, and leaves a mean squared "
                "error of {black:.3f}; the best single grey leaves {grey:.3f}. A trained autoencoder comes "
                "near 0.02."
            ).format(
                black=(statistics.mean**2 + statistics.deviation**2) / WHITE**2,
                grey=statistics.deviation**2 / WHITE**2,
            )
        )
    with right:
        st.header(_("Some classes are brighter"))
        order = np.argsort(-statistics.class_means)
        bars(
            [say(fashion_mnist.CLASS_NAMES[k]) for k in order],
            statistics.class_means[order],
            key="pixels_brightness",
            x=_("Mean brightness"),
            y=_("Class"),
            alt=_("Mean brightness of each class, brightest first"),
            value_format=".0f",
            height=330,
        )
        st.caption(
            _(
                "The darkest class is {dark}, the brightest {bright}. Brightness alone tells some classes "
                "apart, and a network will use it."
            ).format(
                dark=say(fashion_mnist.CLASS_NAMES[order[-1]]),
                bright=say(fashion_mnist.CLASS_NAMES[order[0]]),
            )
        )
