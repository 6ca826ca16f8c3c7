"""The chain rule link by link: from a weight through each layer behind it to the loss, with all numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import Placed, ReLUDropout, Sigmoid, layer_name
from fmnist_core.architecture.networks import network_layers
from pages.parts.base.formatting import count
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.training_step.numbers import in_brackets, tex, words
from pages.parts.training_step.place_words import input_words, output_words
from pages.parts.training_step.products import products
from pages.parts.training_step.step import Step
from pages.parts.training_step.weight_choice import Weight

Found = dict[str, np.ndarray]
UNFOLDED = 2  # links at the beginning


def chain(step: Step, chosen: Weight, found: Found) -> None:
    st.markdown(
        _(
            "The **error** of a value in the network says how the loss changes as that value grows. By the "
            "chain rule it is found link by link: each explains a number of the one above, up to the loss."
        ),
        width=720,
    )
    _strongest_path(step, chosen, found)
    for number, (title, here) in enumerate(_links(step, chosen, found), 1):
        with st.expander(f"{number}. {title}", expanded=number <= UNFOLDED):
            if here is None:
                _at_the_loss(step, found)
            elif here == chosen.placed:
                _at_the_weight(step, chosen, found)
            elif isinstance(here.layer, ReLUDropout):
                _activation(step, here, found)
            elif isinstance(here.layer, Sigmoid):
                _sigmoid(here, found)
            else:
                _through_weights(step, here, found)


def _links(step: Step, chosen: Weight, found: Found) -> Iterator[tuple[str, Placed | None]]:
    """Each with its title, as far as anything comes through; the last, without a layer, is the loss."""
    layers = network_layers(step.network.spec)
    for here in layers[layers.index(chosen.placed) :]:
        if here == chosen.placed:
            yield _("At the weight"), here
        elif f"{here.name}.errors" in found:
            yield _("Through the next layer: {layer}").format(layer=say(layer_name(here.layer))), here
        elif f"{here.name}.factor" in found:
            yield _("Through {activation}").format(activation=_activation_name(here)), here
    if "loss.error" in found:
        yield _("At the loss"), None


def _activation_name(here: Placed) -> str:
    if not isinstance(here.layer, ReLUDropout):
        return _("the sigmoid")
    if here.layer.pool:
        return _("ReLU, dropout and pooling") if here.layer.p else _("ReLU and pooling")
    return _("ReLU and dropout") if here.layer.p else _("ReLU")


def _strongest_path(step: Step, chosen: Weight, found: Found) -> None:
    """The factors of the one path that carries the most, and what they make."""
    if "loss.error" not in found:
        return
    numbers, names = [float(found["loss.error"])], [_("error at the output")]
    for _title, here in reversed(list(_links(step, chosen, found))[:-1]):
        assert here is not None
        if f"{here.name}.factors" in found:
            numbers.append(float(found[f"{here.name}.factors"][0]))
            names.append(_("input") if here == chosen.placed else _("weight"))
        else:
            numbers.append(float(found[f"{here.name}.factor"]))
            names.append(_activation_name(here))
    factors = [f"{words(number)} ({name})" for number, name in zip(numbers, names, strict=True)]
    st.markdown(
        _("The strongest path, from the loss back to the weight: {factors} = **{product}**.").format(
            factors=" × ".join(factors), product=words(prod(numbers))
        )
    )


def _at_the_weight(step: Step, chosen: Weight, found: Found) -> None:
    name, maps = chosen.placed.name, len(chosen.placed.behind) == 3
    st.markdown(
        _(
            "A filter is used at every place of the map. So its gradient is a sum over garments and places: "
            "the error there, times the input that the weight multiplied there."
        )
        if maps
        else _(
            "The gradient is a sum over the garments: the error of the unit, times the input that the weight "
            "multiplied."
        )
    )
    st.latex(r"\frac{\partial L}{\partial w} = \sum \delta \cdot x")
    names = []
    for image, *place in found[f"{name}.places"].tolist():
        garment = _("garment {n}").format(n=image + 1)
        where = output_words(step.network.spec, chosen.placed, (chosen.unit, *place))
        names.append(f"{garment}, {where}" if maps else garment)
    products(name, found, names, (_("Error δ"), _("Input x")))


def _through_weights(step: Step, here: Placed, found: Found) -> None:
    start = found[f"{here.name}.from"].tolist()
    st.markdown(
        _(
            "What of {place} comes back: a sum over all that it goes into, of the error there times the "
            "weight in between."
        ).format(place=input_words(step.network.spec, here, start[1:]))
    )
    st.latex(r"\delta = \sum_k \delta_k \cdot w_k")
    names = [
        output_words(step.network.spec, here, place)
        for _image, *place in found[f"{here.name}.places"].tolist()
    ]
    products(here.name, found, names, (_("Error δ"), _("Weight w")))


def _activation(step: Step, here: Placed, found: Found) -> None:
    facts = {name: float(found[f"{here.name}.{name}"]) for name in ("input", "open", "kept", "wins", "scale")}
    assert isinstance(here.layer, ReLUDropout)
    lines = []
    if here.layer.p and facts["kept"]:
        lines.append(
            _("Dropout keeps this value at this step, and multiplies it by {scale}.").format(
                scale=words(facts["scale"])
            )
        )
    elif here.layer.p:
        lines.append(_("Dropout lets this value rest at this step: times 0."))
    if facts["open"]:
        lines.append(
            _("The sum is {value}, above zero: ReLU lets it through, times 1.").format(
                value=words(facts["input"])
            )
        )
    else:
        lines.append(
            _("The sum is {value}, not above zero: ReLU makes it 0.").format(value=words(facts["input"]))
        )
    if here.layer.pool:
        lines.append(
            _("In its window of 2 × 2 it is the largest: times 1.")
            if facts["wins"]
            else _("In its window of 2 × 2 another is the largest: times 0.")
        )
    st.markdown("\n".join(f"- {line}" for line in lines))
    _one_factor(here, found)


def _sigmoid(here: Placed, found: Found) -> None:
    output = float(found[f"{here.name}.output"])
    st.markdown(
        _(
            "The sigmoid made {output} of it. The slope of the sigmoid there is {output} × (1 − {output})."
        ).format(output=words(output))
    )
    _one_factor(here, found)


def _one_factor(here: Placed, found: Found) -> None:
    """The error ahead of an activation is the one behind it times a factor."""
    error, factor = float(found[f"{here.name}.error"]), float(found[f"{here.name}.factor"])
    st.latex(rf"\delta = {tex(error)} \cdot {in_brackets(factor)} = {tex(error * factor)}")


def _at_the_loss(step: Step, found: Found) -> None:
    spec = step.network.spec
    image, *place = found["loss.from"].tolist()
    where = output_words(spec, network_layers(spec)[-1], place)
    output, target, error = (float(found[f"loss.{name}"]) for name in ("output", "target", "error"))
    garments = step.count
    if "loss.share" in found:
        share = float(found["loss.share"])
        st.markdown(
            _(
                "Garment {n}, {place}: the network gives it the probability p = {share}; right is t = "
                "{target}. Cross-entropy’s error is the difference, divided by the {garments} of the batch."
            ).format(
                n=image + 1,
                place=where,
                share=words(share),
                target=words(target),
                garments=ngettext("{n} garment", "{n} garments", garments).format(n=garments),
            )
        )
        difference = f"{tex(share)} - {tex(target)}"
        st.latex(rf"\delta = \frac{{p - t}}{{B}} = \frac{{{difference}}}{{{garments}}} = {tex(error)}")
        return
    numbers = garments * prod(network_layers(spec)[-1].behind)
    st.markdown(
        _(
            "Garment {n}, {place}: the network says y = {output}; right is t = {target}. The loss is the "
            "mean of (y − t)² over all {numbers} numbers of the batch."
        ).format(n=image + 1, place=where, output=words(output), target=words(target), numbers=count(numbers))
    )
    difference = rf"2\,({tex(output)} - {in_brackets(target)})"
    st.latex(rf"\delta = \frac{{2\,(y - t)}}{{N}} = \frac{{{difference}}}{{{numbers}}} = {tex(error)}")
