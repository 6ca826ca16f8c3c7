"""A sweep as it runs and as it ended: a verdict, curves with their spread, figures over values, a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.own_report import pin
from fmnist_core.store.runs import Run
from fmnist_core.store.sweeps import Member
from pages.parts.base.formatting import NONE, count, listed, number, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.pins import pin_button
from pages.parts.base.routes import LAB_PAGES
from pages.parts.base.services import store
from pages.parts.base.spec_words import QUANTITIES
from pages.parts.dataset import pca
from pages.parts.run.status import network, status_name, summary
from pages.parts.sweep.claim_view import claim_view
from pages.parts.sweep.progress import Progress, draw_progress
from pages.parts.sweep.values import Values, values_of
from pages.parts.sweep.verdict import (
    Verdict,
    figures,
    in_words,
    resolution,
    seeds_of,
    stable,
    tested_figure,
    validation_figure,
    verdict,
    without_validation,
)
from pages.parts.widgets.link_table import cell, link, linked, study
from pages.parts.widgets.seed_bands import Band, seed_bands
from pages.parts.widgets.seed_values import ValueSeries, seed_values

HEIGHT = 310
CURVES = ("validation_loss", "train_loss_eval", "validation_accuracy")


def about(progress: Progress) -> str:
    """What all runs have in common, in one line."""
    spec, varied = progress.sweep.members[0].spec, progress.sweep.varied
    seeds = sorted({member.spec.seed for member in progress.sweep.members})
    seed_count = ngettext("{n} seed", "{n} seeds", len(seeds)).format(n=len(seeds))
    name = network(spec) if varied != "hidden_sizes" else network(spec).rsplit(" ", 1)[0]
    return " · ".join([name, summary(spec, but=(varied, "seed")), seed_count])


def draw(progress: Progress) -> None:
    values = values_of(progress.sweep)
    validates = progress.sweep.members[0].spec.validation_size > 0
    tested = figures(progress, values, tested_figure)
    shown = figures(progress, values, _validation_figure) if validates else tested
    part = "validation" if validates else "test"
    specs = {values.of(member.spec): member.spec for member in reversed(progress.sweep.members)}
    with st.container(key="run_in_view", gap="xsmall"):
        draw_progress(progress)
        if progress.claim is not None:
            claim_view(progress.claim, progress, values)
        st.markdown(
            in_words(
                shown,
                tested,
                values.words,
                values.task == "autoencoder",
                seeds_of(progress, values),
                resolution(progress),
            )
            if validates
            else without_validation()
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            quantity = _quantity(progress, values)
            beside = values.task == "autoencoder" and pca.wanted(
                f"pca_{progress.sweep.id}", list(specs.values())
            )
        levels = pca.levels(list(specs.values()), pca.PARTS[quantity], progress.moving) if beside else []
        reference = pca.of_images(part, specs, progress.moving) if levels else {}
        left, right = st.columns([0.54, 0.46], gap="small")
        with left:
            _curves(progress, values, quantity, levels)
        with right:
            _over(progress, values, shown, part, reference)
        _table(progress, values, shown, compared=validates)


def _quantity(progress: Progress, values: Values) -> str:
    """Which curve is to be seen; without validation images there is only one."""
    quantities = CURVES if values.task == "classifier" else CURVES[:2]
    if progress.sweep.members[0].spec.validation_size == 0:
        return "train_loss_eval"
    return st.segmented_control(
        _("Curve"),
        quantities,
        default=quantities[0],
        format_func=lambda name: say(QUANTITIES[name]),
        key=f"sweep_curve_{progress.sweep.id}",
        label_visibility="collapsed",
        required=True,
        wrap=True,
    )


def _curves(progress: Progress, values: Values, quantity: str, levels: Sequence[tuple[float, str]]) -> None:
    series = []
    for value, word in values.words.items():
        runs = [
            run
            for member in progress.sweep.members
            if values.of(member.spec) == value and (run := progress.runs.get(member.place)) and run.epoch
        ]
        series.append(band(word, [curve(run, quantity) for run in runs]))
    seed_bands(
        series,
        key=f"sweep_bands_{progress.sweep.id}_{quantity}",
        x=_("Epoch"),
        y=say(QUANTITIES[quantity]),
        alt=_("Mean curve of each value, epoch by epoch, with a band from the lowest to the highest seed"),
        y_format=".1~%" if quantity == "validation_accuracy" else ".4~f",
        height=HEIGHT,
        levels=levels,
    )
    st.caption(_("Lines are means over seeds; bands reach from the lowest seed to the highest."))


def _over(
    progress: Progress,
    values: Values,
    by_value: Mapping[Any, Mapping[int, float]],
    part: str,
    reference: Mapping[Any, float],
) -> None:
    lower, words = values.task == "autoencoder", values.words
    label, alt = {
        ("validation", True): (
            _("Validation loss (MSE)"),
            _("The validation loss of every run against its value, with a line through the means"),
        ),
        ("validation", False): (
            _("Validation accuracy"),
            _("The validation accuracy of every run against its value, with a line through the means"),
        ),
        ("test", True): (
            _("Test loss (MSE)"),
            _("The test figure of every run against its value, with a line through the means"),
        ),
        ("test", False): (
            _("Test accuracy"),
            _("The test figure of every run against its value, with a line through the means"),
        ),
    }[part, lower]
    runs = [(words[value], y) for value, ys in by_value.items() for y in ys.values()]
    seed_values(
        [ValueSeries(_("each seed"), runs)],
        list(words.values()),
        key=f"sweep_over_{progress.sweep.id}",
        x=values.setting,
        y=label,
        alt=alt,
        y_format=".4~f" if lower else ".1~%",
        height=HEIGHT,
        reference=(_("PCA"), {words[value]: y for value, y in reference.items()}) if reference else None,
    )
    st.caption(_("Every dot is a run that came to its end; the line joins the means."))
    if reference:
        st.markdown(_beside_linear(by_value, reference, words))


def _beside_linear(
    by_value: Mapping[Any, Mapping[int, float]], reference: Mapping[Any, float], words: Mapping[Any, str]
) -> str:
    """Which values beat PCA on the mean of their seeds, in a sentence."""
    means = {value: float(np.mean(list(ys.values()))) for value, ys in by_value.items() if ys}
    beaten = {value: mean < reference[value] for value, mean in means.items() if value in reference}
    better = [words[value] for value, beats in beaten.items() if beats]
    worse = [words[value] for value, beats in beaten.items() if not beats]
    sentences = []
    if better:
        sentences.append(
            _("**Beats linear**, with less error than PCA: {values}.").format(values=listed(better))
        )
    if worse:
        sentences.append(_("**Does not beat linear**: {values}.").format(values=listed(worse)))
    return " ".join(sentences)


def band(name: str, curves: Sequence[np.ndarray]) -> Band:
    """Curves of several seeds as one. A run that ended early goes on, level, at its last figure."""
    if not curves:
        return Band(name, [], [], [], [])
    longest = max(map(len, curves))
    rows = np.full((len(curves), longest), np.nan)
    for row, values in zip(rows, curves, strict=True):
        row[: len(values)] = values
    reached = np.isfinite(rows).any(axis=0)
    rows, xs = rows[:, reached], np.flatnonzero(reached) + 1
    return Band(name, xs, np.nanmean(rows, 0), np.nanmin(rows, 0), np.nanmax(rows, 0))


def curve(run: Run, quantity: str) -> np.ndarray:
    """A value an epoch; not-a-number where there is none."""
    columns = _columns(run.id, run.epoch, run.status)
    return columns[CURVES.index(quantity)]


@lru_cache(maxsize=512)
def _columns(run_id: str, _epoch: int, _status: str) -> np.ndarray:
    """Read once for each epoch, since a page that polls looks at dozens of runs."""
    epochs = store().epochs(run_id, confusion=False)
    rows = [[getattr(epoch, name) for epoch in epochs] for name in CURVES]
    return np.array([[np.nan if value is None else value for value in row] for row in rows])


def _validation_figure(run: Run) -> float | None:
    quantity = "validation_loss" if run.spec.task == "autoencoder" else "validation_accuracy"
    return validation_figure(curve(run, quantity), run.best_epoch)


def _table(
    progress: Progress, values: Values, by_value: Mapping[Any, Mapping[int, float]], compared: bool
) -> None:
    """One row a value: its figures, its verdict against the best, if there is one, and a link to each run."""
    lower = values.task == "autoencoder"
    as_text = number if lower else percent
    seeds = seeds_of(progress, values)
    judged = verdict(stable(by_value, seeds), lower, resolution(progress)) if compared else None
    heads = (values.setting, _("Mean"), _("Lowest"), _("Highest"), _("Against the best"), _("Runs"))
    rows = ""
    for value, word in values.words.items():
        ys = list(by_value[value].values())
        figures = [as_text(f(ys)) if ys else NONE for f in (np.mean, min, max)]
        cells = [cell(head, figure, "n") for head, figure in zip(heads[1:4], figures, strict=True)]
        cells.append(cell(heads[4], escape(_against(value, judged, seeds.to_come))))
        links = [
            _link(progress, member) for member in progress.sweep.members if values.of(member.spec) == value
        ]
        cells.append(cell(heads[5], " ".join(links), "runs"))
        rows += f'<tbody><tr><th scope="rowgroup">{escape(word)}</th>{"".join(cells)}</tr></tbody>'
    html = study(_("The values of the sweep compared"), heads, rows, kind="sweep")
    content = partial(_pinned_table, values, by_value, as_text)
    pin_button(content, _("The values of the sweep compared"), "sweep_table")
    if clicked := linked(html, key=f"sweep_table_{progress.sweep.id}"):
        st.switch_page(LAB_PAGES[values.task], query_params={"run": clicked})
    st.caption(
        _(
            "Compared seed by seed, every pair of values at once (Holm’s correction): where all values are "
            "alike, a lead is named in at most 5 of 100 sweeps. That holds for a number of seeds fixed "
            "before the start: adding one at a time to 3, up to 10, until a lead shows, is wrong in about 17 "
            "of 100."
        )
    )


def _pinned_table(
    values: Values, by_value: Mapping[Any, Mapping[int, float]], as_text: Callable[[float], str]
) -> pin.Content:
    """For a report: the mean of each value ± the standard deviation of its seeds."""
    rows = []
    for value, word in values.words.items():
        ys = list(by_value[value].values())
        mean = as_text(float(np.mean(ys))) if ys else NONE
        spread = f" ± {as_text(float(np.std(ys, ddof=1)))}" if len(ys) > 1 else ""
        rows.append([word, f"{mean}{spread}", count(len(ys))])
    return pin.table([values.setting, _("Mean ± standard deviation"), _("Seeds")], rows)


def _against(value: Any, judged: Verdict | None, waits: bool) -> str:
    if judged is None or value not in (judged.best, *judged.against):
        return NONE
    if value == judged.best:
        return _("the best")
    if waits:
        return _("not yet")
    return {
        "beyond": _("beyond seed noise"),
        "within": _("within seed noise"),
        "missing": _("too few seeds"),
    }[judged.against[value]]


def _link(progress: Progress, member: Member) -> str:
    name = _("seed {n}").format(n=member.spec.seed)
    run = progress.runs.get(member.place)
    if run is None:
        state = _("deleted") if member.is_deleted else _("waits")
        return f"<i>{escape(name)} ({escape(state)})</i>"
    state = "" if run.status == "finished" else f" ({escape(status_name(run.status))})"
    return f"<i>{link(escape(name), f'{run.spec.task}?run={run.id}', run.id)}{state}</i>"
