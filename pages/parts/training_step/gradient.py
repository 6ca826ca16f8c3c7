"""The gradient of one weight: found along its paths, link by link, and checked by a finite difference."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import Linear
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import in_full
from pages.parts.base.i18n import _
from pages.parts.training_step import links
from pages.parts.training_step.garments import garments
from pages.parts.training_step.numbers import lines, tex, words
from pages.parts.training_step.place_words import sees_pixels, unit_words, weight_words
from pages.parts.training_step.source import source
from pages.parts.training_step.step import Step
from pages.parts.training_step.weight_choice import Weight, choose_weight, weight_shape
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

LARGE, TILE = 196, 56


def gradient(step: Step) -> None:
    garments(step)
    chosen = choose_weight(step)
    found = step.answer("weight_gradient", **chosen.asked)
    value, slope = float(found["value"]), float(found["gradient"])
    spec = step.network.spec
    st.markdown(
        _("Weight of {unit}, for {place}: value **{value}**, gradient **{gradient}**.").format(
            unit=unit_words(spec, chosen),
            place=weight_words(spec, chosen),
            value=words(value),
            gradient=words(slope),
        )
    )
    st.markdown(
        _("The gradient says how fast the loss changes as the weight grows.") + " " + _direction(slope),
        width=720,
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("Where it comes from"), anchor=False)
        links.chain(step, chosen, found)
        st.subheader(_("Is it right?"), anchor=False)
        _check(found)
    with right:
        source(step, chosen.placed.name, "layer", _("This layer, as the lab runs it"), unfolded=True)
        source(step, chosen.placed.name, "activation", _("The activation behind it"))
        source(step, chosen.placed.name, "loss", _("The loss"))
        _all_of_the_unit(step.network.spec, chosen, found)


def _direction(slope: float) -> str:
    if slope > 0:
        return _(
            "It is above zero: if the weight grows a little, the loss grows. So training makes the weight "
            "smaller."
        )
    if slope < 0:
        return _(
            "It is below zero: if the weight grows a little, the loss falls. So training makes the weight "
            "larger."
        )
    return _(
        "It is zero: with these garments nothing of this weight reaches the loss, so this step leaves it as "
        "it is."
    )


def _check(found: dict[str, np.ndarray]) -> None:
    """The same by trying: the loss with the weight a little lower, and a little higher."""
    (lower, higher), nudge = found["losses"].tolist(), float(found["nudge"])
    slope, difference = float(found["gradient"]), float(found["difference"])
    st.markdown(
        _(
            "Try it: make the weight {nudge} smaller, then as much larger, and take the loss each time. The "
            "difference of the losses, divided by that of the weights, must be the gradient."
        ).format(nudge=in_full(nudge)),
        width=720,
    )
    measured = [rf"L_- = {tex(lower, 12)}", rf"L_+ = {tex(higher, 12)}", rf"h = {tex(nudge)}"]
    st.latex(lines(*measured, rf"(L_+ - L_-) \,/\, (2h) = {tex(difference, 8)}"))
    apart = abs(difference - slope) / max(abs(slope), abs(difference), 1e-300)
    st.markdown(
        _("By the chain rule: {slope}. The two differ by {apart} of their size.").format(
            slope=words(slope, 8), apart=words(apart, 2)
        )
        if slope or difference
        else _("By the chain rule it is 0 as well.")
    )
    left_over = (
        _(
            "Calculated with 16 digits. What is left of a difference comes from rounding: the losses are "
            "alike in most of their digits."
        )
        if found["smooth"]
        else _(
            "Between the two weights a ReLU opens or closes, or another pixel wins its pooling: the loss has "
            "a kink there. The chain rule gives the slope on one side of it, the difference one of both."
        )
    )
    st.caption(left_over, width=720)


def _all_of_the_unit(spec: RunSpec, chosen: Weight, found: dict[str, np.ndarray]) -> None:
    """A picture of the gradients of all weights into the unit, where they lie like pixels."""
    shape = weight_shape(chosen.placed)
    row, what = found["row"], _("Gradients of the weights into this unit")
    most = float(np.abs(row).max())
    if isinstance(chosen.placed.layer, Linear):
        if shape != (28 * 28,) or not sees_pixels(spec, chosen.placed):
            return
        st.markdown(_("**The gradients of all weights into this unit**, each where its pixel lies"))
        y, x = divmod(chosen.weight, 28)
        drawn = pictures.signed(row.reshape(28, 28), most)
        html = pictures.framed(drawn, y, x, y, x, LARGE, alt=what)
    else:
        st.markdown(_("**The gradients of all weights into this map**, kernel by kernel"))
        html = pictures.grid(
            [pictures.signed(kernel, most) for kernel in row],
            [str(k + 1) for k in range(len(row))],
            alt=what,
            tile=TILE,
            chosen=chosen.weight // (shape[1] * shape[2]) if len(row) > 1 else None,
        )
    shown(html, what, "step_gradients")
    st.caption(_("Orange is above zero, blue below; full colour is ±{most}.").format(most=words(most, 3)))
