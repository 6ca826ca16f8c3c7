"""What an encoder is worth to few labels: a linear classifier on its numbers, and one on the pixels."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.lessons.plays import OfModel
from pages.parts.base import pins
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _
from pages.parts.base.word_slider import word_slider
from pages.parts.inside.answers import shared_answer
from pages.parts.lessons.plays.trained import Trained
from pages.parts.widgets.figures_table import html_table, scrolled
from pages.parts.widgets.pinning.shown import shown

KEY = "lesson_labels"
COUNTS = (10, 20, 50, 100, 200, 500, 1000)


def labels(settings: OfModel, trained: Trained) -> None:
    given = word_slider(_("Labelled garments"), COUNTS, count, key=KEY, value=100, width=420)
    folder = fashion_mnist.load().folder
    with st.spinner(_("A worker learns from them …")):
        answer = shared_answer(
            "few_labels", settings.model, given, folder, model=settings.model, labels=given
        )
    sources = {
        "trained": _("numbers of a pre-trained encoder"),
        "random": _("numbers of an encoder with random weights"),
        "pixels": _("the 784 pixels, no encoder"),
    }
    rows = []
    for source, words in sources.items():
        scores = answer[source]
        lowest, highest = percent(float(scores.min())), percent(float(scores.max()))
        rows.append((words, percent(float(np.mean(scores))), f"{lowest} – {highest}"))
    heads = (_("One linear layer on"), _("Validation accuracy"), _("Of three draws"))
    caption = _("Labels given: {number}").format(number=count(given))
    table = html_table(caption, heads, rows)
    with pins.while_about(pins.of_names(settings.model)):
        what = _("What an encoder is worth to few labels")
        shown(
            scrolled(table),
            f"{what}. {caption}",
            "lesson_labels_table",
        )
    st.caption(
        _(
            "Each draw takes other garments to learn from. Measured on validation garments, whose labels "
            "none of them sees."
        )
    )
