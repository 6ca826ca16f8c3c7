"""What stands above a run in view: its name, its main settings, and what can be done with both."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import streamlit as st

from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from pages.parts.base.i18n import _
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LAYERS, MISTAKES
from pages.parts.base.spec_words import surgery_words
from pages.parts.base.typed_text import as_typed
from pages.parts.exports.export_menu import export_runs, file_stem
from pages.parts.forms import form_state, form_values
from pages.parts.run.fork import fork_of
from pages.parts.run.status import summary
from pages.parts.run.toolbar import learning_rate, start
from pages.parts.widgets.share_link import share_link

SETTINGS = "#lab-settings"  # where the form stands, in `lab_frame`


def heading(task: str, run: Run, show: Callable[[str], None]) -> None:
    """Name and settings; whose run it is, if not the learner's; the run that it branched from."""
    mine = run.learner == learner_id()
    with st.container(key="run_heading", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.header(as_typed(run.name), anchor=False, width="content")
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                learning_rate(run, enabled=mine and run.status in (*OPEN, "paused"))
                _look_inside(run)
                _share(run)
                _export(run)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(summary(run.spec), width="content")
            with st.container(key="to_settings", width="content"):
                link = _("To the settings")
                st.markdown(f"[{link}]({SETTINGS})")
    if not mine:
        with st.container(horizontal=True, vertical_alignment="center", key="not_mine"):
            st.markdown(
                ":material/visibility: "
                + _("Another learner’s run: you can watch it and branch from it, not steer it.")
            )
            st.button(
                _("Train these settings myself"),
                key="train_myself",
                on_click=_train_same,
                args=(task, run, show),
            )
    if (fork := fork_of(run)) is not None and fork.parent is not None:
        st.button(
            _("Branched from “{name}” after batch {step:,}").format(
                name=as_typed(fork.parent.name), step=run.parent_step
            ),
            key="to_parent",
            icon=":material/call_split:",
            type="tertiary",
            help=_("Open that run."),
            on_click=show,
            args=(fork.parent.id,),
        )
    if (operation := surgery_words(run.spec)) is not None:
        st.caption(_("It began after surgery: {operation}.").format(operation=operation))


def _look_inside(run: Run) -> None:
    if run.step > 0:
        st.page_link(
            LAYERS,
            label=_("Look inside"),
            icon=":material/layers:",
            query_params={"network": run.id},
            help=_("What each layer makes of a garment."),
        )
        if run.spec.task == "classifier":
            st.page_link(
                MISTAKES,
                label=_("Mistakes"),
                icon=":material/rule:",
                query_params={"network": run.id},
                help=_("What it takes for what, and which pixels mattered."),
            )


def _share(run: Run) -> None:
    with st.popover(_("Share"), icon=":material/qr_code_2:", type="tertiary", key="run_share"):
        st.caption(_("Whoever opens this link sees this run, and can branch from it but not change it."))
        share_link(f"{(st.context.url or '').split('?')[0]}?{urlencode({'run': run.id})}")


def _export(run: Run) -> None:
    if run.step > 0:
        export_runs([run], file_stem(run), key="run_export", type="tertiary")


def _train_same(task: str, run: Run, show: Callable[[str], None]) -> None:
    form_state.fill(task, form_values.values_of(run.spec))
    start(lambda: run.spec.changed(branch=None, learning_rate_changes=()), show)
