"""A report as files: LaTeX with its figures, or one page of HTML; `lab.json` beside either."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from fmnist_core.exports.formats import zipped
from fmnist_core.own_report.document import MOST_PAGES, CompileError, html_page, latex_files, page_count
from fmnist_core.own_report.report import Report
from fmnist_core.sentences import LabError, Sentence
from pages.parts.base.formatting import count
from pages.parts.base.i18n import _, current_language, say
from pages.parts.base.typed_text import as_typed
from pages.parts.my_report.retold import retold

MADE = "report_made"  # what was made last: of which report, the file, its pages


def take_away(report: Report) -> None:
    """Files are made by a click, since that takes a second or two; then there is a button to save them."""
    st.subheader(_("Take it away"), anchor=False)
    language = current_language()
    comma = st.toggle(_("Decimal comma"), language == "es", key="report_comma")
    buttons, below = st.container(horizontal=True, vertical_alignment="center"), st.container()
    with buttons:
        for kind, label, icon in (
            ("tex", _("Make LaTeX"), "description"),
            ("html", _("Make HTML"), "language"),
        ):
            if st.button(label, icon=f":material/{icon}:", key=f"report_{kind}"):
                with below, st.spinner(_("Drawing the figures…")):
                    _make(report, kind, language, comma)
        made = st.session_state.get(MADE)
        is_latest = made is not None and made["of"] == (report, language, comma)
        if is_latest:
            st.download_button(
                _("Save {file}").format(file=made["name"]),
                made["content"],
                made["name"],
                "application/zip",
                key="report_save",
                icon=":material/download:",
                type="primary",
                on_click="ignore",
            )
    if is_latest and made["kind"] == "tex":
        _pages(made["pages"])


def _make(report: Report, kind: str, language: str, comma: bool) -> None:
    try:
        told = retold(report, language, comma)
        if kind == "tex":
            files = latex_files(told, say, language, comma)
            pages = _counted(files)
        else:
            files, pages = {"report.html": html_page(told, say, language, comma)}, None
    except LabError as error:
        st.warning(as_typed(say(error)), icon=":material/info:")
        return
    runs = {run["id"]: run for pin in report.pins for run in pin.runs if "id" in run}
    name = re.sub(r"[^\w-]+", "-", report.title).strip("-")[:60] or "report"
    st.session_state[MADE] = {
        "of": (report, language, comma),
        "kind": kind,
        "name": f"{name}-{kind}.zip",
        "content": zipped(list(runs.values()), files),
        "pages": pages,
    }


def _counted(files: Mapping[str, bytes]) -> int | Sentence | None:
    """The pages, or why there are none; nothing where no pdflatex is."""
    try:
        return page_count(files)
    except CompileError as error:
        return error.sentences[0]


def _pages(pages: int | Sentence | None) -> None:
    if isinstance(pages, Sentence):
        st.warning(as_typed(say(pages)), icon=":material/error:")
    elif pages is None:
        st.caption(
            _(
                "How many pages it has, LaTeX says when it compiles it; courses often ask for at most {most}."
            ).format(most=count(MOST_PAGES))
        )
    elif pages > MOST_PAGES:
        st.warning(
            _("Pages: {n}. Courses often ask for at most {most}: shorten texts, or delete a pin.").format(
                n=count(pages), most=count(MOST_PAGES)
            ),
            icon=":material/content_cut:",
        )
    else:
        st.caption(_("Pages: {n}.").format(n=count(pages)))
