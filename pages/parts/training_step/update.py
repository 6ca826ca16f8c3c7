"""The update: how SGD, momentum and Adam move the same weight by the same gradient, and what that does."""

from __future__ import annotations

import streamlit as st

from pages.parts.base.formatting import count, in_full
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.numerals import exact
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.training_step.garments import garments
from pages.parts.training_step.numbers import lines, tex, words
from pages.parts.training_step.optimizer_formulas import FORMULAS, Found
from pages.parts.training_step.place_words import unit_words, weight_words
from pages.parts.training_step.rate_chart import rate_chart
from pages.parts.training_step.rate_choice import choose_rate
from pages.parts.training_step.source import source
from pages.parts.training_step.step import Step
from pages.parts.training_step.weight_choice import choose_weight

MOMENTA = (0.5, 0.8, 0.9, 0.95, 0.99)
MOST_BEFORE, USUAL_BEFORE = 10, 3


def update(step: Step) -> None:
    garments(step)
    chosen = choose_weight(step)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        rate = choose_rate(step.network.spec.learning_rate)
        momentum = float(
            linked_choice(
                _("Momentum μ"),
                {exact(momentum): in_full(momentum) for momentum in MOMENTA},
                key="momentum",
                control="slider",
                default="0.9",
            )
        )
        before = int(
            linked_choice(
                _("Batches seen before"),
                {str(n): count(n) for n in range(MOST_BEFORE + 1)},
                key="before",
                control="slider",
                default=str(USUAL_BEFORE),
                help=_("Their gradients fill the memory of momentum and Adam; the weights stand still."),
            )
        )
    found = step.answer("step_updates", **chosen.asked, rate=rate, momentum=momentum, before=before)
    spec = step.network.spec
    st.markdown(
        _("Weight of {unit}, for {place}, and its gradient at this batch:").format(
            unit=unit_words(spec, chosen), place=weight_words(spec, chosen)
        )
    )
    w, g = (tex(float(found[name]), 6) for name in ("value", "gradient"))
    st.latex(lines(f"w = {w}", f"g = {g}", rf"\eta = {tex(rate)}"))
    _seen(found)
    titles = {"sgd": "SGD", "momentum": _("SGD with momentum"), "adam": "Adam"}
    ideas = {
        "sgd": _("Goes against the gradient, as far as the learning rate says."),
        "momentum": _("Remembers earlier gradients in v, and goes on their way."),
        "adam": _(
            "Remembers means of the gradients, m, and of their squares, v: where gradients are small, the "
            "step is not."
        ),
    }
    left, right = st.columns(2, gap="small")
    for name, title in titles.items():
        with right if name == "adam" else left, st.container(border=True):
            st.markdown(f"**{title}**")
            st.caption(ideas[name])
            FORMULAS[name](found, rate, momentum, before + 1)
            _moved(found, name)
    st.caption(
        _(
            "η is the learning rate. Every other weight moves by the same rule, each by its own gradient. "
            "The loss is that of the same garments, after all weights have moved."
        ),
        width=720,
    )
    st.subheader(_("Other learning rates"), anchor=False)
    rates = step.answer("losses_by_rate", momentum=momentum, before=before)
    rate_chart(rates, titles, rate)
    left, right = st.columns(2, gap="medium")
    with left:
        source(step, chosen.placed.name, "sgd", _("SGD, with and without momentum, as the lab runs it"))
    with right:
        source(step, chosen.placed.name, "adam", _("Adam, as the lab runs it"))
    source(step, chosen.placed.name, "step", _("The whole step, as the lab runs it"))


def _seen(found: Found) -> None:
    seen = found["seen"].tolist()
    if seen:
        st.caption(
            ngettext(
                "Its gradient at the {n} batch before: {gradients}",
                "Its gradients at the {n} batches before: {gradients}",
                len(seen),
            ).format(n=len(seen), gradients="; ".join(words(one, 3) for one in seen))
        )


def _moved(found: Found, name: str) -> None:
    before, after = float(found["value"]), float(found[f"{name}.value"])
    facts = [
        _("New weight: **{after}**, moved by {change}").format(
            after=words(after, 6), change=words(after - before, 3)
        ),
        _("Loss: {before} → **{after}**").format(
            before=words(float(found["loss"]), 6), after=words(float(found[f"{name}.loss"]), 6)
        ),
    ]
    st.markdown("\n".join(f"- {line}" for line in facts))
