"""Three trained networks for the first page: one that blurs, one that does not, and a classifier."""

from __future__ import annotations

import streamlit as st

from pages.parts.base import pins
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _
from pages.parts.base.routes import LAYERS, TRY_IT
from pages.parts.forms.address_choice import address_choice
from pages.parts.frame.frame import guard
from pages.parts.results.shipped_model_view import garments, history_curves
from pages.parts.results.shipped_models import FIRST, Trained, trained

UNPOOLED, CLASSIFIER = "r2-unpooled", "r5-1"
KEY = "trained"


def first_models(first: Trained) -> None:
    """`first` stands there at first; of the others, those that this copy of the lab ships."""
    models = {FIRST: first}
    with guard():  # a damaged model is named, and the page goes on without it
        models |= {name: model for name in (UNPOOLED, CLASSIFIER) if (model := trained(name)) is not None}
    st.header(_("A trained network, to play with"))
    words = {
        FIRST: _("{n} numbers, blurred").format(n=first.spec.hidden_sizes[0]),
        UNPOOLED: _("No pooling, sharp"),
        CLASSIFIER: _("A classifier"),
    }
    names = {name: words[name] for name in models}
    name = address_choice(_("Which network"), names, key=KEY) if len(names) > 1 else FIRST
    model = models[name]
    st.fragment(garments)(model, name, key=f"home_film_{name}")  # so that scrubbing redraws nothing else
    chart, beside = st.columns([2, 1], gap="medium", vertical_alignment="center")
    with chart, pins.while_about(pins.of_names(name)):
        history_curves(model, key=f"home_curves_{name}")
    with beside:
        st.markdown(_what(name, model))
        st.markdown(_result(model))
        with st.container(horizontal=True):
            st.page_link(
                LAYERS, label=_("Look inside"), icon=":material/layers:", query_params={"network": name}
            )
            st.page_link(
                TRY_IT,
                label=_("Try it on a garment of your own"),
                icon=":material/draw:",
                query_params={"networks": name},
            )


def _what(name: str, model: Trained) -> str:
    n = model.spec.hidden_sizes[0]
    if name == UNPOOLED:
        return _(
            "This convolutional autoencoder does without pooling, so that it knows to the pixel where things "
            "are, and has **{n} numbers** to say it. It has never seen these ten."
        ).format(n=n)
    if name == CLASSIFIER:
        return _(
            "This convolutional classifier says which of ten classes a garment is, and how sure it is. It "
            "has never seen these ten."
        )
    return _(
        "This convolutional autoencoder squeezes each garment into **{n} numbers** and draws it "
        "again from them. It has never seen these ten."
    ).format(n=n)


def _result(model: Trained) -> str:
    if model.spec.task == "classifier":
        accuracy = percent(model.metrics["test_accuracy"])
        return _("It classifies {accuracy} of the test garments rightly.").format(accuracy=accuracy)
    loss, best = number(model.metrics["test_loss"]), model.metrics.get("best_epoch")
    if best is None:
        return _(
            "Its loss is the mean squared error of a pixel. Over {epochs} epochs it fell, fast at first, to "
            "{loss} on the test garments."
        ).format(epochs=len(model.history), loss=loss)
    return _(
        "Its loss is the mean squared error of a pixel. It fell fast at first and was lowest after epoch "
        "{best}; the weights of that moment were kept, and reach {loss} on the test garments."
    ).format(best=best, loss=loss)
