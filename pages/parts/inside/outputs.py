"""The end of the network: reconstruction, or scores, softmax and class; and what dropout does to it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import ReLUDropout
from fmnist_core.architecture.networks import network_layers
from fmnist_core.data import fashion_mnist
from pages.parts.base.formatting import figure, number, percent
from pages.parts.base.i18n import _, say
from pages.parts.inside.answers import answer
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.network_choice import Network
from pages.parts.inside.removed import removed
from pages.parts.widgets import mosaics
from pages.parts.widgets.pinning.shown import shown
from pages.parts.widgets.pinning.small_table import small_table

SEED = "inside_draw"


def result(network: Network, garment: Garment, values: dict[str, np.ndarray]) -> None:
    name = _("Your own picture") if garment.is_own else say(fashion_mnist.CLASS_NAMES[garment.label])
    if network.spec.task == "autoencoder":
        _reconstruction(garment, list(values.values())[-1][0], name)
    else:
        _classes(network, garment, values)
    _dropout(network, garment, values, name)


def _reconstruction(garment: Garment, output: np.ndarray, name: str) -> None:
    drawn = np.rint(255 * output).astype(np.uint8)
    what = _("Original, reconstruction, error")
    shown(mosaics.triptychs(garment.image[None], drawn[None], [name], alt=what), what, "output")
    error = float(np.mean((output - garment.image / 255) ** 2))
    st.markdown(
        _("The mean squared error of a pixel is {error} for this garment.").format(error=number(error))
    )


def _classes(network: Network, garment: Garment, values: dict[str, np.ndarray]) -> None:
    """Scores → exponentials → probabilities, or how a network of squared errors is read."""
    names = [say(label) for label in fashion_mnist.CLASS_NAMES]
    scores, chances = values["output"], values["probabilities"]
    best = int(chances.argmax())
    if garment.is_own:
        verdict = _("The network says **{guess}**.")
    elif best == garment.label:
        verdict = _("The network says **{guess}**, and is right.")
    else:
        verdict = _("The network says **{guess}**; it is: {truth}.")
    st.markdown(verdict.format(guess=names[best], truth=names[garment.label]))
    order = np.argsort(-chances, kind="stable")
    if network.spec.loss == "cross_entropy":
        powers = np.exp(scores - scores.max())
        heads = [_("Class"), _("Score"), _("e to the score, as a share of the largest"), _("Probability")]
        rows = [
            [
                names[k],
                figure(float(scores[k]), "+.2f"),
                figure(float(powers[k]), ".3f"),
                percent(float(chances[k])),
            ]
            for k in order
        ]
        note = _(
            "Softmax: each of these shares divided by their sum, {sum}. That all were divided by the largest "
            "first changes nothing."
        ).format(sum=figure(float(powers.sum()), ".3f"))
    else:
        heads = [_("Class"), _("Output"), _("Share of all ten")]
        rows = [[names[k], figure(float(scores[k]), "+.3f"), percent(float(chances[k]))] for k in order]
        note = _(
            "This network learned with squared errors: its outputs aim at 1 for the class and 0 elsewhere. "
            "The share is an output cut to between 0 and 1, divided by the sum of all ten."
        )
    what = _("From scores to a class")
    small_table(what, heads, rows, "output")
    st.caption(note)


def _dropout(network: Network, garment: Garment, values: dict[str, np.ndarray], name: str) -> None:
    st.subheader(_("With dropout, as in training"), anchor=False)
    p = max(
        (placed.layer.p for placed in network_layers(network.spec) if isinstance(placed.layer, ReLUDropout)),
        default=0.0,
    )
    if not p:
        st.caption(_("This network has no dropout."))
        return
    st.session_state.setdefault(SEED, 0)
    answered = answer("dropout_draws", network, image=garment.asked, seed=st.session_state[SEED])
    draws = answered["outputs"]
    captions = [_("without"), *(_("draw {n}").format(n=k + 1) for k in range(len(draws)))]
    if network.spec.task == "autoencoder":
        drawn = np.concatenate([list(values.values())[-1], draws])
        pixels = np.rint(255 * np.clip(drawn, 0, 1)).astype(np.uint8)
        html = mosaics.captioned(pixels, captions, alt=_("Reconstruction of the garment"))
    else:
        names = [say(label) for label in fashion_mnist.CLASS_NAMES]
        every = [values["probabilities"], *draws]
        guesses = [f"{names[int(c.argmax())]} ({percent(float(c.max()))})" for c in every]
        words = [f"{caption}: {guess}" for caption, guess in zip(captions, guesses, strict=True)]
        html = mosaics.captioned(np.repeat(garment.image[None], len(every), 0), words, alt=name)
    shown(html, f"{_('With dropout, as in training')}: {name}", "output_dropout")
    st.caption(
        _(
            "Each draw silences every value with probability {p} and divides the rest by {kept}, so that the "
            "sum stays the same on average. While it trains, the network sees a new draw at every image."
        ).format(p=figure(p, ""), kept=figure(round(1 - p, 6), ""))
    )
    removed(network, values, answered)
    st.button(_("Draw again"), icon=":material/casino:", key="inside_redraw", on_click=_redraw)


def _redraw() -> None:
    st.session_state[SEED] += 1
