"""Takes a run away: a button for each format, behind one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core.exports.exported_run import ExportedRun
from fmnist_core.exports.formats import package
from fmnist_core.own_report.run_report import RUN_FORMATS
from fmnist_core.store.runs import Run
from pages.parts.base.i18n import _, current_language, say, say_in


def export_menu(load: Callable[[], ExportedRun], name: str, *, key: str, **popover: Any) -> None:
    """`load` is called when a format is chosen, on a thread of its own; `name` is that of the files."""
    language = current_language()
    with st.popover(_("Export"), icon=":material/ios_share:", key=key, **popover):
        for id, format in RUN_FORMATS.items():
            st.download_button(
                say(format.label),
                data=lambda format=format: package(load(), format, say_in(language), language),
                file_name=f"{name}-{id}.zip",
                mime="application/zip",
                key=f"{key}_{id}",
                icon=":material/download:",
                on_click="ignore",
                width="stretch",
            )
            st.caption(say(format.contents))


def file_stem(run: Run) -> str:
    """The run's name as a file's, with a little of its id, since names repeat."""
    return re.sub(r"[^\w.-]+", "-", run.name).strip("-.")[:60] + f"-{run.id[:4]}"
