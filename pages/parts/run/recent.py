"""A learner's latest runs: as links into the lab, and the one to go on with."""

from __future__ import annotations

import streamlit as st

from fmnist_core.store.runs import Run
from pages.parts.base import services
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LAB_PAGES, RUNS
from pages.parts.base.typed_text import as_typed
from pages.parts.run.status import status_name

MOST = 5


def recent_runs() -> None:
    """The last few runs under a heading, or nothing when there are none. Raises `StoreError`."""
    runs = services.store().runs(learner=learner_id())
    if not runs:
        return
    st.header(_("Your latest runs"))
    for run in runs[:MOST]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                LAB_PAGES[run.spec.task],
                label=as_typed(run.name),
                icon=":material/play_circle:",
                query_params={"run": run.id},
            )
            st.caption(summary(run))
    if len(runs) > MOST:
        st.page_link(RUNS, label=_("All your runs"), icon=":material/stacked_line_chart:")


def last_run(task: str) -> Run | None:
    """The learner's run of a task that was in view last, else the newest. Raises `StoreError`."""
    runs = [run for run in services.store().runs(learner=learner_id()) if run.spec.task == task]
    seen = st.session_state.get(_seen(task))
    return next((run for run in runs if run.id == seen), runs[0] if runs else None)


def remember_run(task: str, run_id: str) -> None:
    """It is in view now."""
    st.session_state[_seen(task)] = run_id


def _seen(task: str) -> str:
    return f"last_run_{task}"


def summary(run: Run) -> str:
    epochs = _("epoch {epoch} of {epochs}").format(epoch=run.epoch, epochs=run.spec.epochs)
    parts = [status_name(run.status), epochs]
    if run.test_loss is not None:
        parts.append(_("test loss {loss}").format(loss=number(run.test_loss)))
    if run.test_accuracy is not None:
        parts.append(_("test accuracy {share}").format(share=percent(run.test_accuracy)))
    return " · ".join(parts)
