"""What an assignment asks for, in a few lines."""

from __future__ import annotations

import streamlit as st

from fmnist_core.assignments.assignment import Assignment, in_language
from fmnist_core.own_report.sections import SECTIONS
from fmnist_core.spec import LABELS
from pages.parts.base.formatting import duration, listed
from pages.parts.base.i18n import _, current_language, ngettext, say
from pages.parts.base.spec_words import differing, setting, within
from pages.parts.base.typed_text import as_typed
from pages.parts.frame.assignment import with_zone


def asked(assignment: Assignment) -> None:
    language = current_language()
    lines = []
    if assignment.runs:
        titles = [in_language(run.title, language) for run in assignment.runs]
        lines.append(_("Train: {runs}").format(runs=as_typed("; ".join(titles))))
        if given := _given(assignment):
            lines.append(_("Given: {settings}").format(settings=as_typed(listed(given))))
        if free := [within(say(LABELS[name])) for name in assignment.free]:
            lines.append(_("Free: {settings}").format(settings=listed(free)))
    if pins := pins_in_words(assignment.pins.by_kind()):
        lines.append(_("Show: {pins}").format(pins=listed(pins)))
    if assignment.sections:
        names = [within(say(SECTIONS[name])) for name in assignment.sections]
        lines.append(_("Write: {sections}").format(sections=listed(names)))
    if assignment.questions:
        n = len(assignment.questions)
        lines.append(ngettext("Answer {n} question", "Answer {n} questions", n).format(n=n))
    if assignment.minutes is not None:
        lines.append(_("At most {time} of training").format(time=duration(60 * assignment.minutes)))
    if assignment.deadline is not None:
        lines.append(_("Due on {moment}").format(moment=with_zone(assignment.deadline)))
    st.markdown("\n".join(f"- {line}" for line in lines))


def pins_in_words(counts: dict) -> list[str]:
    words = {
        "chart": lambda n: ngettext("{n} chart", "{n} charts", n),
        "table": lambda n: ngettext("{n} table", "{n} tables", n),
        "pictures": lambda n: ngettext("{n} row of garments", "{n} rows of garments", n),
    }
    return [words[kind](n).format(n=n) for kind, n in counts.items() if n]


def _given(assignment: Assignment) -> list[str]:
    """The settings that all of its runs share and that its author has named."""
    lacked = frozenset.intersection(*(spec.lacks for spec in assignment.specs))
    apart = {*differing(assignment.specs), *lacked}
    named = [name for name in LABELS if name in assignment.fixed and name not in apart]
    return [setting(name, getattr(assignment.specs[0], name)) for name in named]
