"""Title, authors, template, and the text of each section."""

from __future__ import annotations

import streamlit as st

from fmnist_core.own_report.report import Report, Text
from fmnist_core.own_report.reports import MOST_IN_A_LINE
from fmnist_core.own_report.sections import SECTIONS, TEMPLATE_NAMES
from pages.parts.base.attempt import held
from pages.parts.base.formatting import listed
from pages.parts.base.i18n import _, say
from pages.parts.base.pins import own_report
from pages.parts.my_report.change import change, keyed_by
from pages.parts.my_report.pinned import say_refused_formulas, shown


def head(report: Report) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _line("title", _("Title"), report.title)
        _line("authors", _("Authors"), report.authors)
    with right:
        names = list(TEMPLATE_NAMES)
        st.selectbox(
            _("Sections"),
            names,
            index=names.index(report.template),
            key="report_template",
            format_func=lambda name: say(TEMPLATE_NAMES[name]),
            on_change=change,
            args=(lambda: own_report().arrange(held("report_template")),),
            help=_("Texts and pins of sections that another template lacks are kept."),
        )
        if report.hidden_sections:
            hidden = listed([say(SECTIONS[name]) for name in report.hidden_sections])
            st.caption(_("Kept, and not shown with these sections: {sections}.").format(sections=hidden))


def _line(name: str, label: str, value: str) -> None:
    key = keyed_by(f"report_{name}", value)
    st.text_input(
        label,
        value,
        key=key,
        max_chars=MOST_IN_A_LINE,
        on_change=change,
        args=(lambda: own_report().retitle(name, held(key), value),),
    )


def written(report: Report, section: str) -> None:
    """The text of a section to be changed, and below it as it will be read."""
    _text(report.text(section), section, _("Text"))


def answered(report: Report | None, key: str, question: str) -> None:
    """The same of the answer to a question, which is kept with it; there may be no report yet."""
    _text(Text() if report is None else report.text(key), key, _("Answer"), question)


def _text(latest: Text, section: str, label: str, heading: str = "") -> None:
    key = f"report_text_{section}_{latest.version}"  # a text that others have written meanwhile is drawn anew
    st.text_area(
        label,
        latest.text,
        key=key,
        height="content",
        placeholder=_("Markdown, with formulas between dollar signs: $e = (y - t)^2$"),
        label_visibility="collapsed",
        on_change=change,
        args=(lambda: own_report().write(section, held(key), latest.version, heading),),
    )
    shown(latest.text, f"report_{section}")
    say_refused_formulas(latest.text)
