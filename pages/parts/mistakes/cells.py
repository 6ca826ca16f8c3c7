"""The confusion matrix, and the garments of one of its cells."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.forms.linked_choice import linked_choice, set_out
from pages.parts.inside.garment_choice import garment_asked
from pages.parts.inside.network_choice import Network
from pages.parts.mistakes.answered import Answered
from pages.parts.mistakes.garment import garment_panel
from pages.parts.mistakes.wall import wall
from pages.parts.run.confusions import hardest
from pages.parts.widgets.confusion_matrix import draw_confusion

TRUE, GUESS = "is", "taken_for"
CLICKS = "mistakes_clicks"


def cells(network: Network, answered: Answered) -> None:
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    options = {str(k): name for k, name in enumerate(names)}
    asked = garment_asked()
    _begin(answered, asked)
    left, right = st.columns(2, gap="large")
    with right:
        with st.container(horizontal=True, gap="small"):
            true = int(linked_choice(_("What it is"), options, key=TRUE, control="list"))
            guess = int(linked_choice(_("What it is taken for"), options, key=GUESS, control="list"))
        indices = answered.of_cell(true, guess)
        st.markdown(_in_words(len(indices), names[true], names[guess]))
        if len(indices):
            chosen = wall(
                indices,
                [
                    f"{names[true]} {count(i)}, {percent(float(answered.confidences[i]))}"
                    for i in indices.tolist()
                ],
                asked,
                _("{true} taken for {guess}").format(true=names[true], guess=names[guess]),
                key=f"mistakes_{true}_{guess}",
            )
            st.caption(_("The network was surest of the first."))
    with left:
        draw_confusion(
            answered.confusion,
            names,
            # A new one after each choice, or a click on the cell that was clicked before would be none.
            key=f"mistakes_matrix_{true}_{guess}_{st.session_state.get(CLICKS, 0)}",
            alt=_("Confusion matrix: true classes in rows, predicted classes in columns"),
            normalised=False,
            picked=(true, guess),
            on_pick=_pick,
        )
        st.caption(
            _("Click a cell, or choose it by the two lists.") + " " + hardest(answered.confusion, names)
        )
    if len(indices):
        garment_panel(network, answered, chosen)


def _begin(answered: Answered, asked: int | None) -> None:
    """At first the cell of the garment that a link names, or the mistake that is made most."""
    wrong = answered.confusion * (1 - np.eye(len(answered.confusion), dtype=np.int64))
    cell = divmod(int(wrong.argmax()), len(wrong))
    if asked is not None:
        cell = int(answered.labels[asked]), int(answered.guesses[asked])
    for key, k in zip((TRUE, GUESS), cell, strict=True):
        if key not in st.query_params and key not in st.session_state:
            st.session_state[key] = str(k)


def _pick(true: int, guess: int) -> None:
    st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1
    for key, k in ((TRUE, true), (GUESS, guess)):
        st.session_state[key] = st.query_params[key] = str(k)
        set_out(key)


def _in_words(n: int, true: str, guess: str) -> str:
    if n == 0:
        return _(
            "No test garment of the class **{true}** is taken for **{guess}**. Choose another cell."
        ).format(true=true, guess=guess)
    if true == guess:
        return ngettext(
            "**{n}** garment of the class **{true}** is recognised.",
            "**{n}** garments of the class **{true}** are recognised.",
            n,
        ).format(n=count(n), true=true)
    return ngettext(
        "**{n}** garment is a **{true}** and is taken for a **{guess}**.",
        "**{n}** garments are of the class **{true}** and are taken for **{guess}**.",
        n,
    ).format(n=count(n), true=true, guess=guess)
