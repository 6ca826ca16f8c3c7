"""Forward and loss: how one value of the network comes about, what comes out, and how wrong that is."""

from __future__ import annotations

from math import prod

import numpy as np
import streamlit as st

from fmnist_core.architecture.networks import network_layers
from fmnist_core.data import fashion_mnist
from pages.parts.base.formatting import percent
from pages.parts.base.i18n import _, say
from pages.parts.training_step.garments import garments
from pages.parts.training_step.numbers import tex, words
from pages.parts.training_step.place_words import input_words, output_words
from pages.parts.training_step.products import products
from pages.parts.training_step.source import source
from pages.parts.training_step.step import Step
from pages.parts.training_step.weight_choice import Weight, choose_weight
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown
from pages.parts.widgets.pinning.small_table import small_table

TILE = 84


def ahead(step: Step) -> None:
    garments(step)
    chosen = choose_weight(step)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("One value of the network"), anchor=False)
        _value(step, chosen)
        st.subheader(_("What comes out, and the loss"), anchor=False)
        made = step.answer("step_ahead")
        if step.network.spec.task == "autoencoder":
            _reconstructions(made)
        else:
            _guesses(step, made)
    with right:
        source(step, chosen.placed.name, "step", _("The whole step, as the lab runs it"), unfolded=True)
        source(step, chosen.placed.name, "layer", _("This layer, as the lab runs it"))
        source(step, chosen.placed.name, "loss", _("The loss"))


def _value(step: Step, chosen: Weight) -> None:
    """Inputs times weights, the bias, and what the activation makes of the sum."""
    spec = step.network.spec
    found = step.answer("value_ahead", **chosen.asked)
    place = found["place"].tolist()
    st.markdown(
        _(
            "Garment 1, {place}, one of the numbers that the layer computes: each input times its weight, "
            "all added up, and the bias, a number that training changes as well."
        ).format(place=output_words(spec, chosen.placed, place))
    )
    names = [input_words(spec, chosen.placed, inner) for _image, *inner in found["sum.places"].tolist()]
    bias, value = float(found["bias"]), float(found["value"])
    products("sum", found, names, (_("Input x"), _("Weight w")), ((_("Bias"), bias), (_("Value"), value)))
    if "activated" in found:
        lines = [_("ReLU makes 0 of what lies below zero: {value}.").format(value=words(max(value, 0.0)))]
        if not found["kept"]:
            lines.append(
                _("Dropout, which picks values at random to rest for one step, lets this one rest: 0.")
            )
        elif found["scale"] != 1:
            lines.append(
                _(
                    "Dropout, which picks values at random to rest for one step, keeps this one and "
                    "multiplies it by {scale}: {value}."
                ).format(scale=words(float(found["scale"])), value=words(float(found["activated"])))
            )
        st.markdown("\n".join(f"- {line}" for line in lines))


def _reconstructions(made: dict[str, np.ndarray]) -> None:
    drawn = [np.rint(255 * np.clip(one, 0, 1)).astype(np.uint8) for one in made["outputs"]]
    captions = [words(error) for error in made["errors"].tolist()]
    html = pictures.garments(drawn, captions, alt=_("Reconstruction of the garment"), tile=TILE)
    shown(html, _("The reconstruction of each garment, and its loss"), "step_outputs")
    st.markdown(
        _(
            "Below each reconstruction stands its loss: the mean of (y − t)² over all pixels, y what the "
            "network says and t the garment."
        )
    )
    _mean(made)


def _guesses(step: Step, made: dict[str, np.ndarray]) -> None:
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    rows = []
    for n, (label, shares, error) in enumerate(
        zip(made["labels"], made["probabilities"], made["errors"], strict=True), 1
    ):
        right, guess = float(shares[label]), names[int(shares.argmax())]
        rows.append((f"{n}. {names[label]}", percent(right), guess, words(float(error))))
    heads = (_("Garment"), _("Probability"), _("Taken for"), _("Loss"))
    small_table(_("The probability that the network gives to the right class"), heads, rows, "step_outputs")
    if step.network.spec.loss == "cross_entropy":
        st.markdown(
            _(
                "The loss of a garment is cross-entropy: minus the natural logarithm of that probability. It "
                "is 0 where the network is sure and right, and large where it is sure and wrong."
            )
        )
        share = float(made["probabilities"][0, made["labels"][0]])
        st.latex(rf"L_1 = -\ln p = -\ln {tex(share)} = {tex(float(made['errors'][0]))}")
    else:
        numbers = prod(network_layers(step.network.spec)[-1].behind)
        st.markdown(
            _(
                "The loss of a garment is the mean of (y − t)² over its {numbers} outputs: t is 1 for the "
                "right class, and 0 for the others."
            ).format(numbers=numbers)
        )
    _mean(made)


def _mean(made: dict[str, np.ndarray]) -> None:
    errors = made["errors"].tolist()
    st.markdown(_("The loss of the batch is the mean of those of its garments. Training makes it small."))
    if len(errors) > 1:
        summed = " + ".join(tex(error) for error in errors)
        st.latex(rf"L = \frac{{{summed}}}{{{len(errors)}}} = {tex(float(made['loss']))}")
    else:
        st.latex(rf"L = {tex(float(made['loss']))}")
