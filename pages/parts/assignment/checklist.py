"""What of an assignment is done and what is missing, with a way to each part."""

from __future__ import annotations

import streamlit as st

from fmnist_core.assignments.assignment import Assignment, in_language
from fmnist_core.assignments.handed_out import Taken
from fmnist_core.assignments.standing import RunsThere, Standing
from fmnist_core.data import fashion_mnist
from fmnist_core.own_report.report import answer_key
from fmnist_core.own_report.sections import SECTIONS
from pages.parts.assignment.asked import pins_in_words
from pages.parts.base.formatting import count, listed
from pages.parts.base.i18n import _, current_language, ngettext, say
from pages.parts.base.pins import own_report
from pages.parts.base.routes import LAB_PAGES, MY_REPORT, RUNS
from pages.parts.base.typed_text import as_typed
from pages.parts.forms import form_values, url_state
from pages.parts.frame.assignment import it_takes
from pages.parts.my_report.writing import answered

DONE, OPEN = ":green[:material/check_circle:]", ":gray[:material/radio_button_unchecked:]"


def checklist(taken: Taken, stand: Standing) -> None:
    assignment = taken.assignment
    report = own_report().read()
    if stand.runs:
        st.subheader(_("Runs"), anchor=False)
        for k, there in enumerate(stand.runs):
            _run(assignment, there, k)
    if stand.asked_pins or stand.sections:
        st.subheader(_("Report"), anchor=False)
        with st.container(gap="xsmall"):
            for kind, asked in stand.asked_pins.items():
                (words,) = pins_in_words({kind: asked})
                pinned = _("Pinned: {n} of {wanted}").format(n=count(stand.pins[kind]), wanted=words)
                _line(stand.pins[kind] >= asked, pinned)
            for name, is_written in stand.sections.items():
                _line(is_written, say(SECTIONS[name]))
        st.page_link(MY_REPORT, label=_("Write in your report"), icon=":material/article:")
    if assignment.questions:
        st.subheader(_("Questions"), anchor=False)
        for k, question in enumerate(assignment.questions, 1):
            words = in_language(question, current_language())
            _line(stand.questions[k - 1], f"**{as_typed(words)}**")
            answered(report, answer_key(taken.id, k), words)


def _line(is_done: bool, words: str) -> None:
    st.markdown(f"{DONE if is_done else OPEN} {words}")


def _run(assignment: Assignment, there: RunsThere, k: int) -> None:
    title = as_typed(in_language(there.required.title, current_language()))
    wanted = there.required.seeds
    if wanted > 1:
        title += " · " + _("seeds: {n} of {wanted}").format(n=len(there.counting), wanted=wanted)
    with st.container(border=True, key=f"assignment_run_{k}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{DONE if there.is_done else OPEN} **{title}**", width="content")
            if there.is_done:
                ids = ",".join(run.id for run in there.counting)
                label, script, address = _("See it"), RUNS, {"runs": ids}
            else:
                label, script = _("Set it up in the lab"), LAB_PAGES[there.spec.task]
                address = _settings(assignment, there)
            st.page_link(script, label=label, icon=":material/arrow_forward:", query_params=address)
        if not there.is_done:
            if there.required.encoder in ("trained", "frozen"):
                st.caption(_("Choose the encoder there that you have trained."))
            _why_not(there)


def _settings(assignment: Assignment, there: RunsThere) -> dict[str, str]:
    """An address that asks for the run, with the first seed that is missing; what is free is as ever."""
    seeds = {run.spec.seed for run in (*there.counting, *there.under_way)}
    spec = there.spec.changed(seed=next(k for k in range(len(seeds) + 1) if k not in seeds))
    free = {*assignment.free, *there.required.free}
    if there.required.encoder in ("trained", "frozen"):
        free |= {"encoder", "encoder_architecture"}
    return url_state.parameters(spec, form_values.defaults(spec.task, fashion_mnist.load()), free)


def _why_not(there: RunsThere) -> None:
    if there.under_way:
        n = len(there.under_way)
        words = ngettext("{n} run is under way, or paused.", "{n} runs are under way, or paused.", n)
        st.caption(words.format(n=n))
    elif there.nearest is not None:
        asked = it_takes(there.required, there.spec, there.misfits)
        st.caption(
            _("“{run}” does not count: it takes {settings}.").format(
                run=as_typed(there.nearest.name), settings=as_typed(listed(asked))
            )
        )
