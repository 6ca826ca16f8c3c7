"""Which pixels mattered, and beside it the same picture of a network that has learned nothing.

Each is drawn as soon as it is there.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import Conv2d
from fmnist_core.architecture.networks import network_layers
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.inside.answers import answer
from pages.parts.inside.network_choice import METHOD, Network
from pages.parts.mistakes.rank_correlation import rank_correlation
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import pin_html

TILE = 112  # three beside one another on a phone
ALIKE, UNLIKE = 0.7, 0.4  # rank correlations


def pixels(network: Network, image: np.ndarray, index: int, names: list[str], guess: int, label: int) -> None:
    st.subheader(_("Which pixels mattered"), anchor=False)
    with st.container(horizontal=True, gap="medium"):
        method = linked_choice(_("Method"), _methods(network.spec), key=METHOD)
        target = guess
        if guess != label:
            target = _target(names, guess, label)
    asked = {"image": index, "target": target, "method": method}
    shown = answer("saliency", network, **asked)
    if not np.isfinite(shown["pixels"]).all():
        return
    place, row = st.empty(), [np.repeat(image[..., None], 3, axis=-1), pictures.signed(shown["pixels"])]
    place.html(_in_a_row(row))
    st.caption(
        _("Orange speaks for “{name}”, blue against, pale did not matter.").format(name=names[target])
        + " "
        + _explained(method, shown)
    )
    random = answer("saliency_of_random", network, **asked)["pixels"]
    html = _in_a_row([*row, pictures.signed(random)])
    place.html(html)
    what = _("Which pixels mattered for “{name}”: {method}")
    pin_html(html, what.format(name=names[target], method=_methods(network.spec)[method]), "mistakes_pixels")
    similarity = rank_correlation(np.abs(shown["pixels"]), np.abs(random))
    st.markdown(
        _("Similarity to the picture of a random network: **{similarity}**.").format(
            similarity=figure(similarity, "+.2f") if isfinite(similarity) else "–"
        )
        + " "
        + _judged(similarity)
    )
    st.caption(
        _(
            "Such pictures can deceive: some show a garment’s outline whatever the network has learned. The "
            "random network has the same shape and untrained weights, so what both pictures share was not "
            "learned (Adebayo and others, 2018). At 1 the pixels stand in the same order, at 0 in any."
        )
    )


def _in_a_row(row: list[np.ndarray]) -> str:
    captions = [_("the garment"), _("this network"), _("a random network")]
    return pictures.grid(row, captions[: len(row)], alt=_("Which pixels mattered"), tile=TILE)


def _methods(spec: RunSpec) -> dict[str, str]:
    methods = {"gradients": _("Integrated gradients"), "occlusion": _("Occlusion")}
    if any(isinstance(placed.layer, Conv2d) for placed in network_layers(spec)):
        methods["grad_cam"] = _("Grad-CAM")
    return methods


def _target(names: list[str], guess: int, label: int) -> int:
    asked = st.segmented_control(
        _("Class"),
        ["guess", "label"],
        format_func={
            "guess": _("for {name}").format(name=names[guess]),
            "label": _("for {name}").format(name=names[label]),
        }.get,
        default="guess",
        required=True,
        key="mistakes_target",
        label_visibility="collapsed",
        wrap=True,
    )
    return label if asked == "label" else guess


def _explained(method: str, shown: dict[str, np.ndarray]) -> str:
    scores = shown["scores"]
    if method == "gradients":
        return _(
            "The image is brightened from black in {steps} steps, and the effect of each pixel added up. All "
            "pixels together: {sum}. The score of the class is {score} for the garment and {black} for a "
            "black image, a difference of {difference}. Both are equal but for the steps."
        ).format(
            steps=int(shown["steps"]),
            sum=figure(float(shown["pixels"].sum()), "+.2f"),
            score=figure(float(scores[0]), "+.2f"),
            black=figure(float(scores[1]), "+.2f"),
            difference=figure(float(scores[0] - scores[1]), "+.2f"),
        )
    if method == "occlusion":
        return _(
            "A square of 6 × 6 pixels is blackened, place after place: orange is where the score of the "
            "class falls. The largest mean fall is {most}, of a score of {score}."
        ).format(most=figure(float(shown["pixels"].max()), "+.2f"), score=figure(float(scores[0]), "+.2f"))
    return _(
        "The maps of the last convolution, each weighted by how much it moves the score of the class, added "
        "up: as coarse as those maps. Orange alone is what is called Grad-CAM."
    )


def _judged(similarity: float) -> str:
    if not isfinite(similarity):
        return _("One of both is the same everywhere, so there is nothing to compare.")
    if similarity >= ALIKE:
        return _("Much alike: do not read from this picture what the network has learned.")
    if similarity >= UNLIKE:
        return _("Partly alike: trust only what the other picture does not show.")
    return _("Hardly alike: this picture depends on what the network has learned.")
