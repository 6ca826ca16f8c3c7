"""The page of a report: one's own, or, by a link, somebody else's to be read."""

from __future__ import annotations

import streamlit as st

from fmnist_core.own_report.report import Report
from fmnist_core.own_report.reports import read_by_link
from fmnist_core.own_report.sections import SECTIONS, TEMPLATES
from fmnist_core.sentences import LabError
from pages.parts.base.i18n import _, say
from pages.parts.base.pins import own_report
from pages.parts.base.routes import LAB_PAGES, RUNS
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.my_report.change import say_refused
from pages.parts.my_report.pinned import pinned, pinned_content, shown
from pages.parts.my_report.taking_away import take_away
from pages.parts.my_report.together import together
from pages.parts.my_report.writing import head, written

READ = "read"  # in the address: a link to a report


def my_report() -> None:
    if (link := st.query_params.get(READ)) is not None:
        _read(link)
        return
    say_refused()
    report = own_report().read()
    if report is None:
        _nothing_yet()
        return
    head(report)
    for section in TEMPLATES[report.template]:
        st.subheader(say(SECTIONS[section]), anchor=False)
        written(report, section)
        pinned(report, section)
    if not report.pins:
        st.info(_("Nothing is pinned yet. Open a run, and press Pin below a chart."), icon=":material/keep:")
    st.divider()
    take_away(report)
    together(report)


def _nothing_yet() -> None:
    with st.container(border=True):
        st.markdown(
            _(
                "What you want to show in a report, you pin: below every chart of a run there is a button "
                "for it. Here it is put in order, described, and taken away as LaTeX or as a page."
            )
        )
        with st.container(horizontal=True):
            if st.button(_("Choose a run to pin from"), type="primary", key="report_runs"):
                st.switch_page(RUNS)
            if st.button(_("Train a network"), key="report_train"):
                st.switch_page(LAB_PAGES["autoencoder"])
            st.button(_("Begin with an empty report"), key="report_begin", on_click=own_report().begin)
    together(None)


def _read(link: str) -> None:
    try:
        report = read_by_link(store(), link)
    except LabError as error:
        st.warning(as_typed(say(error)), icon=":material/link_off:")
        return
    st.caption(_("Somebody’s report, to be read."))
    _as_read(report)


def _as_read(report: Report) -> None:
    st.header(as_typed(report.title) or _("Untitled report"), anchor=False)
    st.markdown(as_typed(report.authors))
    for section in report.filled_sections:
        st.subheader(say(SECTIONS[section]), anchor=False)
        shown(report.text(section).text, f"report_{section}")
        for pin in report.pins_of(section):
            with st.container(border=True):
                pinned_content(pin)
    for place, answer in enumerate(report.answers):
        st.subheader(as_typed(answer.heading), anchor=False)
        shown(answer.text, f"answer_{place}")
    take_away(report)
