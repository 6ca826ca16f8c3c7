"""One garment: what the network says it is, which training garments are like it, which pixels mattered."""

from __future__ import annotations

from collections import Counter

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from pages.parts.base.attempt import say_error
from pages.parts.base.formatting import figure, listed, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.routes import LAYERS
from pages.parts.frame.frame import guard
from pages.parts.inside.answers import answer
from pages.parts.inside.garment_choice import GARMENT
from pages.parts.inside.moments import NOW, STEP
from pages.parts.inside.network_choice import NETWORK, Network
from pages.parts.mistakes.answered import Answered
from pages.parts.mistakes.pixels import pixels
from pages.parts.widgets import mosaics
from pages.parts.widgets.bars import bars
from pages.parts.widgets.pinning.shown import shown

ENLARGED = 168


def garment_panel(network: Network, answered: Answered, index: int) -> None:
    st.fragment(_garment)(network, answered.probabilities[index], int(answered.labels[index]), index)


def _garment(network: Network, chances: np.ndarray, label: int, index: int) -> None:
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    image = np.asarray(fashion_mnist.load().test_images[index])
    guess = int(chances.argmax())
    st.subheader(_("Test garment {index}").format(index=figure(index, ",")), anchor=False)
    with guard():
        left, right = st.columns([1, 3], gap="medium")
        with left:
            html = mosaics.gallery(image[None], alt=names[label], columns=1, tile=ENLARGED)
            what = f"{_('Test garment {index}').format(index=figure(index, ','))}, {names[label]}"
            shown(html, what, "mistakes_garment")
            verdict = (
                _("Its label is **{truth}**, and the network says so, with {chance}.")
                if guess == label
                else _("Its label is **{truth}**. The network says **{guess}**, with {chance}.")
            )
            st.markdown(
                verdict.format(truth=names[label], guess=names[guess], chance=percent(float(chances[guess])))
            )
            st.page_link(
                LAYERS,
                label=_("Follow it through the layers"),
                icon=":material/layers:",
                query_params={**_address(network), GARMENT: str(index)},
            )
        with right:
            order = np.argsort(-chances, kind="stable")
            bars(
                [names[k] for k in order],
                chances[order].tolist(),
                key="mistakes_chances",
                x=_("Probability"),
                y=_("Class"),
                alt=_("The probability of each class for this garment, the likeliest first"),
                value_format=".1~%",
                height=250,
            )
        try:
            pixels(network, image, index, names, guess, label)
            _nearest(network, index, names, guess, label)
        except LabError as error:
            say_error(error, "mistakes_garment")


def _address(network: Network) -> dict[str, str]:
    if "model" in network.asked:
        return {NETWORK: network.asked["model"]}
    return {NETWORK: network.asked["run_id"], STEP: st.query_params.get(STEP, NOW)}


def _nearest(network: Network, index: int, names: list[str], guess: int, label: int) -> None:
    nearest = answer("nearest_training", network, image=index)
    dataset = fashion_mnist.load()
    labels = dataset.train_labels[nearest["indices"]].tolist()
    st.subheader(_("The training garments most like it"), anchor=False)
    html = mosaics.captioned(
        np.asarray(dataset.train_images[nearest["indices"]]),
        [names[k] for k in labels],
        alt=_("Training garment"),
    )
    what = _("The training garments most like test garment {index}").format(index=figure(index, ","))
    shown(html, what, "mistakes_nearest")
    counted = Counter(labels).most_common()
    parts = [_("{n} {name}").format(n=n, name=names[k]) for k, n in counted]
    words = _("Of the {n} nearest, pixel by pixel: {classes}.").format(n=len(labels), classes=listed(parts))
    st.caption(f"{words} {_likeness(Counter(labels), guess, label)}")
    if not nearest["trained_on"]:
        st.caption(
            _(
                "These are of the data in use. The network learned from the full data, perhaps not from all "
                "of these."
            )
        )


def _likeness(classes: Counter[int], guess: int, label: int) -> str:
    if guess == label:
        return ""
    if classes[guess] > classes[label]:
        return _("It looks more like what it is taken for than like its own class.")
    if classes[guess] < classes[label]:
        return _("It looks like its own class: by its pixels alone it could have been told.")
    return _("By its pixels alone it could be either.")
