"""A study of a report as a table: published figures beside ours, and ways to go on with each experiment.

Each row can be opened in the lab with all settings filled in, and where its trained model is shipped, that
can be looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from html import escape
from itertools import chain

import streamlit as st

from fmnist_core.replication.claims.judge import numbers
from fmnist_core.replication.claims.published import AGREEMENT, FIGURES, Comparison
from fmnist_core.replication.claims.quantities import Quantity
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.naming import name
from fmnist_core.replication.recipes.report import Experiment, Published
from fmnist_core.sentences import Sentence
from fmnist_core.statistics import FEWEST_SEEDS, Estimate, estimate
from pages.parts.base import pins
from pages.parts.base.formatting import NONE
from pages.parts.base.i18n import _, say
from pages.parts.results.lab_link import LabLink, lab_link
from pages.parts.results.shipped_evidence import Evidence
from pages.parts.results.shipped_model_view import trained_dialog
from pages.parts.results.shipped_models import shipped_specs
from pages.parts.widgets.link_table import cell, link, linked_table, study

SIGNS = {"confirmed": "✓", "refuted": "≠", "noise": "≈", "missing": "○"}
LAB, MODEL, ADDRESS = "lab:", "model:", "model"


@st.fragment  # a click costs no more than what it opens
def report_table(
    experiments: Sequence[str], varied: Sequence[str], evidence: Evidence, *, key: str, model_href: str
) -> None:
    """Draw it. A click opens a row in the lab, or the trained model in front of the page.

    So does an address that names a `model`; `model_href` is that address, with a blank for the name.
    """
    links = {id: lab_link(EXPERIMENTS[id].spec) for id in experiments}
    heads = (_("Setting"), _("Figure"), _("Published"), _("Ours"), _("Seeds"), _("Agreement"), _("Try it"))
    rows = "".join(_experiment(id, varied, evidence, links[id], model_href, heads) for id in experiments)
    what = _("Published figures beside ours")
    with pins.while_about(partial(evidence.behind, experiments)):
        clicked = linked_table(study(what, heads, rows), what, key=key)
    if {"hidden_sizes", "dropout"} & set(varied):
        st.caption(_("As in the reports, n is the hidden size and p the dropout."))
    if clicked and clicked.startswith(LAB):
        links[clicked.removeprefix(LAB)].follow()
    if clicked:
        st.query_params[ADDRESS] = clicked.removeprefix(MODEL)
    if st.query_params.get(ADDRESS):  # an empty name is no model's
        trained_dialog(st.query_params[ADDRESS], forget_model)


def forget_model() -> None:
    st.query_params.pop(ADDRESS, None)


def setting_name(experiment: Experiment, varied: Sequence[str]) -> str:
    return say(name(experiment, varied))


def _experiment(
    id: str,
    varied: Sequence[str],
    evidence: Evidence,
    where: LabLink | Sentence,
    model_href: str,
    heads: Sequence[str],
) -> str:
    experiment = EXPERIMENTS[id]
    rows = [_figures(heads, compared) for compared in _comparisons(id, evidence)] or [
        _ours_alone(heads, experiment, evidence)
    ]
    span = f' rowspan="{len(rows)}"'
    origin = _("our own test")
    mark = f"<small>{escape(origin)}</small>" if experiment.ours else ""
    notes = "".join(f"<small>{escape(say(note))}</small>" for note in experiment.notes)
    first = f'<th scope="rowgroup"{span}>{escape(setting_name(experiment, varied))}{mark}{notes}</th>'
    last = f'<td class="ways"{span}>{_ways(experiment, where, model_href)}</td>'
    rows[0] = f"{first}{rows[0]}{last}"
    return "<tbody>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</tbody>"


def _comparisons(id: str, evidence: Evidence) -> list[Comparison]:
    everything = chain.from_iterable(evidence.compared.values())
    return [comparison for comparison in everything if comparison.experiment.id == id]


def _figures(heads: Sequence[str], compared: Comparison) -> str:
    """The cells of one published figure; each says which column it is of, for narrow pages without heads."""
    published = compared.published
    quantity = FIGURES[published.figure]
    verdict = f"{SIGNS[compared.decision]} {say(AGREEMENT[compared.decision])}" if compared.values else NONE
    off = _off(compared)
    return (
        cell(heads[1], escape(say(quantity.label)))
        + cell(heads[2], f"{published_words(published)}<small>{escape(say(published.where))}</small>", "n")
        + cell(heads[3], ours_words(list(compared.values.values()), quantity), "n")
        + cell(heads[4], _seeds(len(compared.values)), "n")
        + cell(heads[5], f"{escape(verdict)}<small>{escape(off)}</small>", compared.decision)
    )


def _ours_alone(heads: Sequence[str], experiment: Experiment, evidence: Evidence) -> str:
    quantity = FIGURES["test_loss" if experiment.spec.task == "autoencoder" else "test_accuracy"]
    ours = list(numbers(quantity, experiment.id, evidence.records).values())
    none = _("our own") if experiment.ours else _("not in numbers")
    return (
        cell(heads[1], escape(say(quantity.label)))
        + cell(heads[2], f"<small>{escape(none)}</small>", "n")
        + cell(heads[3], ours_words(ours, quantity), "n")
        + cell(heads[4], _seeds(len(ours)), "n")
        + cell(heads[5], NONE)
    )


def _ways(experiment: Experiment, where: LabLink | Sentence, model_href: str) -> str:
    if isinstance(where, LabLink):
        ways = link(escape(_("Open in the lab")), where.href, LAB + experiment.id)
    else:
        ways = f"<small>{escape(say(where))}</small>"
    if experiment.id in shipped_specs():
        label = escape(_("See it trained"))
        ways += link(label, model_href.format(name=experiment.id), MODEL + experiment.id)
    return ways


def published_words(published: Published) -> str:
    relation = "" if published.relation == "=" else f"{published.relation} "
    return escape(relation + say(FIGURES[published.figure].text(published.value, published.decimals)))


def ours_words(values: Sequence[float], quantity: Quantity) -> str:
    """Mean and spread over seeds, as HTML; with one seed the figure alone, with none a word on that."""
    if not values:
        nothing = _("no evidence yet")
        return f"<small>{escape(nothing)}</small>"
    diverged = sum(not math.isfinite(value) for value in values)
    if diverged:
        return escape(_("diverged in {n} of {all}").format(n=diverged, all=len(values)))
    if len(values) == 1:
        return escape(say(quantity.text(values[0])))
    known: Estimate = estimate(values)
    return escape(f"{say(quantity.text(known.mean))} ± {say(quantity.text(known.standard_deviation))}")


def _seeds(count: int) -> str:
    return str(count) if count >= FEWEST_SEEDS else _("{n} of {all}").format(n=count, all=FEWEST_SEEDS)


def _off(compared: Comparison) -> str:
    """By how much our mean differs from the published figure, where that is one number."""
    known, published = compared.estimate, compared.published
    if known is None or not math.isfinite(known.mean) or published.relation not in ("=", "≈"):
        return ""
    if FIGURES[published.figure].unit == "share":
        points = 100 * (known.mean - published.value)
        return _("{points:+.1f} points").format(points=points)
    return _("{change:+.1f} %").format(change=100 * (known.mean / published.value - 1))
