"""Who else may read a report, and who may write it: a link, and a code."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from fmnist_core.own_report.report import Report
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _
from pages.parts.base.pins import own_report
from pages.parts.my_report.change import change
from pages.parts.widgets.share_link import share_link


def together(report: Report | None) -> None:
    with st.expander(_("Read and write together"), icon=":material/group:"):
        if report is not None:
            st.caption(_("Whoever opens this link reads the report as it then is, and can change nothing."))
            share_link(f"{(st.context.url or '').split('?')[0]}?{urlencode({'read': report.link})}")
            st.caption(_("Whoever types this code writes in the report with you."))
            st.code(report.code, language=None)
        st.text_input(
            _("Code of a group’s report"),
            key="report_code",
            on_change=change,
            args=(lambda: own_report().join(held("report_code").strip()),),
            help=_("You then write in that report. Yours stays: note its code to come back to it."),
        )
