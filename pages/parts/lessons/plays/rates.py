"""Curves of the shipped evidence, every seed of them, one setting after another by a slider."""

from __future__ import annotations

import math

import streamlit as st

from fmnist_core.lessons.plays import OfExperiments
from fmnist_core.replication.claims.picture import COLUMNS
from fmnist_core.replication.recipes import EXPERIMENTS
from pages.parts.base.formatting import listed, number
from pages.parts.base.i18n import _, say
from pages.parts.base.word_slider import word_slider
from pages.parts.lessons.plays.trained import Trained
from pages.parts.results.report_table import setting_name
from pages.parts.results.shipped_evidence import shipped_evidence
from pages.parts.widgets.curves import Lines, Series, curves

KEY = "lesson_rates"


def rates(settings: OfExperiments, trained: Trained) -> None:
    first, *others = (EXPERIMENTS[id].spec.model_dump() for id in settings.experiments)
    varied = [field for field in first if any(other[field] != first[field] for other in others)]
    names = {id: setting_name(EXPERIMENTS[id], varied) for id in settings.experiments}
    key = f"{KEY}_{trained.lesson.slug}"
    chosen = word_slider(_("Setting"), settings.experiments, names.__getitem__, key=key, width=420)
    records = shipped_evidence().records
    column, lines, lowest = settings.quantity, [], []
    for id in sorted(settings.experiments, key=lambda id: id != chosen):  # it has the first colours
        for seed, record in records.get(id, {}).items():
            values = record.history.get(column, ())
            name = f"{names[id]} · " + _("seed {n}").format(n=seed)
            lines.append(Series(name, tuple(range(1, len(values) + 1)), values, faint=id != chosen))
            if id == chosen:
                lowest += [min((value for value in values if value is not None), default=math.nan)]
    title = say(COLUMNS[column])
    curves(
        Lines.of(lines),
        key=f"{key}_curves",
        x=_("Epoch"),
        y=title,
        alt=_("{quantity} of every seed, epoch by epoch").format(quantity=title),
    )
    figures = listed([number(value) for value in lowest if math.isfinite(value)])
    st.caption(
        _(
            "From the lab’s own runs of the reports’ experiments. Lowest of each seed with this setting: "
            "{figures}. Pale: the other settings."
        ).format(figures=figures)
    )
