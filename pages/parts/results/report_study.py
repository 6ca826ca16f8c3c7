"""One study of a report: its table, where and why we differ, the curves of every seed, confusion matrices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.replication.claims.picture import COLUMNS
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.report import Report
from fmnist_core.sentences import Sentence
from pages.parts.base import pins
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.dataset import pca
from pages.parts.results.explanations import explanations
from pages.parts.results.reasons import draw_reasons, reasons_for
from pages.parts.results.repeat import repeat_button
from pages.parts.results.report_matrices import report_matrices
from pages.parts.results.report_table import report_table, setting_name
from pages.parts.results.shipped_evidence import Evidence
from pages.parts.widgets.seed_curves import SeedLine, seed_curves

CURVES = ("validation_loss", "test_loss", "train_loss_eval", "validation_accuracy", "train_accuracy")


@dataclass(frozen=True)
class Chapter:
    """Experiments shown together, told apart by the settings `varied`."""

    title: Sentence
    varied: tuple[str, ...]
    experiments: tuple[str, ...]


def chapters(report: Report) -> dict[str, Chapter]:
    """The report's studies, and what stands in none, by their word in the address."""
    listed = [Chapter(study.title, study.varied, study.experiments) for study in report.studies]
    placed = {id for study in report.studies for id in study.experiments}
    left = tuple(experiment.id for experiment in report.experiments if experiment.id not in placed)
    if left:
        listed.append(Chapter(Sentence("Encoders for the other sizes"), ("hidden_sizes", "dropout"), left))
    return {str(number): chapter for number, chapter in enumerate(listed, 1)}


def report_study(chapter: Chapter, evidence: Evidence, *, key: str, model_href: str) -> None:
    pins.about_runs(partial(evidence.behind, chapter.experiments))
    report_table(chapter.experiments, chapter.varied, evidence, key=f"{key}_table", model_href=model_href)
    _caption(chapter, evidence)
    repeat_button(chapter.experiments, key=key)
    compared = [comparison for all in evidence.compared.values() for comparison in all]
    draw_reasons(reasons_for(compared, chapter.experiments, chapter.varied))
    explanations(chapter.experiments, chapter.varied, evidence, key=key)
    _curves(chapter, evidence, key)
    names = {id: setting_name(EXPERIMENTS[id], chapter.varied) for id in chapter.experiments}
    report_matrices(names, evidence, key=f"{key}_matrices")


def _caption(chapter: Chapter, evidence: Evidence) -> None:
    runs = sum(len(evidence.records.get(id, ())) for id in chapter.experiments)
    if not runs:
        return
    count = ngettext("{n} run of ours is behind this table.", "{n} runs of ours are behind this table.", runs)
    st.caption(
        _("Ours: mean ± spread (standard deviation) over seeds, at the report’s full length.")
        + " "
        + _("“Differs”: one more run of ours would hardly give that figure (under 5 times of 100).")
        + " "
        + count.format(n=runs)
    )


def _curves(chapter: Chapter, evidence: Evidence, key: str) -> None:
    """One quantity of all runs, epoch by epoch, as chosen."""
    st.subheader(_("Curves"), anchor=False)
    runs_of = {id: evidence.records.get(id, {}) for id in chapter.experiments}
    every_run = [run for runs in runs_of.values() for run in runs.values()]
    recorded = [column for column in CURVES if any(column in run.history for run in every_run)]
    if not recorded:
        with st.container(border=True):
            st.caption(_("The curves of every seed will stand here as soon as there is evidence."))
        return
    column = st.segmented_control(
        _("Curve"),
        recorded,
        default=recorded[0],
        format_func=lambda name: say(COLUMNS[name]),
        key=f"{key}_column",
        wrap=True,
        required=True,
        label_visibility="collapsed",
    )
    title = say(COLUMNS[column])
    chart, levels = st.container(), []
    specs = [EXPERIMENTS[id].spec for id, runs in runs_of.items() if runs]
    encoded = [spec for spec in specs if spec.task == "autoencoder"]
    if encoded and column in pca.PARTS and pca.wanted(f"{key}_pca", encoded):
        levels = pca.levels(encoded, pca.PARTS[column])
    with chart:
        seed_curves(
            _lines(runs_of, chapter.varied, column, title),
            key=f"{key}_curves_{column}",
            x=_("Epoch"),
            y=title,
            alt=_("{quantity} of every seed, epoch by epoch").format(quantity=title),
            unit="share" if "accuracy" in column else "loss",
            levels=levels,
        )


def _lines(runs_of: Mapping[str, Mapping], varied: Sequence[str], column: str, title: str) -> list[SeedLine]:
    return [
        SeedLine(
            setting_name(EXPERIMENTS[id], varied),
            title,
            seed,
            np.array([math.nan if value is None else value for value in run.history[column]]),
        )
        for id, runs in runs_of.items()
        for seed, run in runs.items()
        if column in run.history
    ]
