"""Takes runs away: a button for each format, behind one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from fmnist_core.exports.exported_run import ExportedRun, of_runs
from fmnist_core.exports.formats import package, stem
from fmnist_core.own_report.run_report import RUN_FORMATS
from fmnist_core.store.runs import Run
from pages.parts.base.formatting import count
from pages.parts.base.i18n import _, current_language, say, say_in
from pages.parts.base.services import store

MOST_BYTES = 40_000_000  # of weights in one file, which a server holds in its memory


def export_menu(
    load: Callable[[], Sequence[ExportedRun]],
    name: str,
    *,
    key: str,
    about: str = "",
    refusal: str = "",
    **popover: Any,
) -> None:
    """`load` is called when a format is chosen, on a thread of its own; `name` is that of the files.

    What is said `about` them stands above; with a `refusal`, which says why, there is nothing to choose.
    """
    language = current_language()
    with st.popover(_("Export"), icon=":material/ios_share:", key=key, **popover):
        if refusal:
            st.caption(refusal)
            return
        if about:
            st.caption(about)
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


def export_runs(runs: Sequence[Run], name: str, *, key: str, **popover: Any) -> None:
    """The menu for those of them that have been trained; greyed out where none has."""
    opened, ids = store(), [run.id for run in runs if run.step]
    size, refusal = 4 * sum(run.spec.parameter_count for run in runs if run.step), ""
    if size > MOST_BYTES:
        refusal = _(
            "Together these networks take {size} MB, and {most} fit into one file here. Choose fewer of them "
            "on Results › Runs."
        ).format(size=count(round(size / 1e6)), most=MOST_BYTES // 1_000_000)
    export_menu(
        lambda: of_runs(opened, ids),
        name,
        key=key,
        about=_("Each run that has been trained is in a folder of its own; in LaTeX they are one report.")
        if len(runs) > 1
        else "",
        refusal=refusal,
        disabled=not ids,
        **popover,
    )


def file_stem(run: Run) -> str:
    return stem(run.name, run.id)
