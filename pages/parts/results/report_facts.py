"""What a report leaves open and what was chosen instead, and where it contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from html import escape
from itertools import groupby

import streamlit as st

from fmnist_core.replication.claims.published import FIGURES, Comparison
from fmnist_core.replication.recipes.report import OpenPoint, Report
from fmnist_core.statistics import FEWEST_SEEDS
from pages.parts.base import pins
from pages.parts.base.formatting import day
from pages.parts.base.i18n import _, say
from pages.parts.results.report_table import ours_words, published_words, setting_name
from pages.parts.results.shipped_evidence import Evidence
from pages.parts.widgets.link_table import cell, linked_table, study


def open_points(report: Report) -> None:
    """Question by question: what is not said, and what we chose and why."""
    st.header(_("What the report leaves open"))
    items = "".join(
        f"<div><dt>{escape(say(point.question))}</dt><dd>{escape(say(point.choice))}{_late(point)}</dd></div>"
        for point in report.open_points
    )
    question, choice = _("Left open"), _("What we chose, and why")
    heads = f"<dt>{escape(question)}</dt><dd>{escape(choice)}</dd>"
    st.html(f'<dl class="lab-open"><div>{heads}</div>{items}</dl>')


def _late(point: OpenPoint) -> str:
    """A mark on what was chosen by how close it brought our figures to the published ones."""
    if point.after_evidence is None:
        return ""
    words = _("chosen after evidence")
    return f' <span class="verdict missing">{escape(words)} · {escape(day(point.after_evidence))}</span>'


def contradictions(report: Report, evidence: Evidence) -> None:
    """Settings for which the report gives two figures, and whether luck of the seed explains both."""
    pairs = list(contradicting(evidence.compared[report.id]))
    if not pairs:
        return
    st.header(_("Where the report contradicts itself"))
    st.markdown(
        _(
            "The same setting, two published figures. Trained again with several seeds: is the luck of the "
            "draw enough to explain both?"
        ),
        width=720,
    )
    heads = (_("Setting"), _("Figure"), _("Published"), _("Ours"), _("Can both be luck?"))
    rows = "".join(_row(pair, heads) for pair in pairs)
    what = _("Where the report contradicts itself")
    known = partial(evidence.behind, [pair[0].experiment.id for pair in pairs])
    with pins.while_about(known):
        linked_table(study(what, heads, rows), what, key=f"{report.id}_contradictions")


def contradicting(compared: list[Comparison]) -> Iterator[list[Comparison]]:
    """Comparisons of one experiment and figure whose published values are not the same."""
    of_one = sorted(compared, key=_place)
    for _key, group in groupby(of_one, key=_place):
        pair = list(group)
        if len({comparison.published.value for comparison in pair}) > 1:
            yield pair


def explained(pair: list[Comparison]) -> str:
    """In words: whether both figures lie where seeds scatter."""
    known = pair[0].estimate
    if known is None or known.seeds < FEWEST_SEEDS:
        return _("Not enough evidence yet.")
    values, quantity = list(pair[0].values.values()), FIGURES[pair[0].published.figure]
    apart = abs(pair[0].published.value - pair[1].published.value)
    scatter = max(values) - min(values)
    blanks = {"apart": quantity.text(apart), "all": quantity.text(scatter), "seeds": known.seeds}
    if apart <= scatter:
        return _(
            "It may be: the two are {apart} apart, and our {seeds} seeds already lie {all} apart."
        ).format(**blanks)
    return _("No: the two are {apart} apart, and our {seeds} seeds only {all}.").format(**blanks)


def _place(comparison: Comparison) -> tuple[str, str]:
    return comparison.experiment.id, comparison.published.figure


def _row(pair: list[Comparison], heads: Sequence[str]) -> str:
    comparison = pair[0]
    quantity = FIGURES[comparison.published.figure]
    both = "".join(
        f"{published_words(comparison.published)}<small>{escape(say(comparison.published.where))}</small>"
        for comparison in pair
    )
    ours = ours_words(list(comparison.values.values()), quantity)
    shown = (escape(say(quantity.label)), both, ours, escape(explained(pair)))
    name = escape(setting_name(comparison.experiment, ("hidden_sizes", "dropout", "pooling")))
    cells = "".join(cell(head, inside) for head, inside in zip(heads[1:], shown, strict=True))
    return f'<tbody><tr><th scope="rowgroup">{name}</th>{cells}</tr></tbody>'
