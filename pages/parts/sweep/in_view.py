"""Which sweep or race a page has in view: the one just started or asked for, else one that trains."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from fmnist_core.exports.formats import stem
from fmnist_core.store.sweeps import Kind, SweepNotFound
from pages.parts.base import pins
from pages.parts.base.attempt import attempt
from pages.parts.base.formatting import date_and_time
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import PLANNED_PAGES, opening
from pages.parts.base.services import engine
from pages.parts.base.typed_text import as_typed, isolated
from pages.parts.exports.export_menu import export_runs
from pages.parts.forms import lab_frame
from pages.parts.frame.announcement import announce
from pages.parts.frame.frame import guard
from pages.parts.run.status import status_name
from pages.parts.sweep.progress import SECONDS_A_LOOK, Progress, progress_of, watched_progress

MOST_LISTED = 12


def show(kind: Kind, sweep_id: str | None) -> None:
    """Bring one into view; the address follows."""
    st.session_state[f"{kind}_in_view"] = sweep_id


def start(kind: Kind, submit: Callable[[], str]) -> None:
    """What a click starts comes into view, unless it is refused; `submit` returns its id."""
    started = attempt(submit)
    if started is not None:
        show(kind, started)
        lab_frame.arrive()


def in_view(kind: Kind) -> Progress | None:
    """Says so if what was asked for is not there."""
    asked = st.session_state.get(f"{kind}_in_view")
    if asked is None:
        newest = engine().sweep_queue.sweeps.of_learner(learner_id(), kind)[:1]
        return next((progress for sweep in newest if (progress := progress_of(sweep.id)).moving), None)
    try:
        progress = progress_of(asked)
    except SweepNotFound as error:
        st.warning(as_typed(say(error)), icon=":material/link_off:")
        return None
    if progress.sweep.kind != kind:
        st.page_link(
            PLANNED_PAGES[progress.sweep.kind],
            label=_("“{name}” is on the other page of the lab. Open it there.").format(
                name=as_typed(progress.sweep.name)
            ),
            icon=":material/arrow_forward:",
            query_params=opening(progress.sweep),
        )
        return None
    return progress


def look(progress: Progress, draw: Callable[[Progress], None]) -> None:
    """Draws it, once a second while it moves. Once that changes, the whole page runs again."""
    moves = progress.moving
    announce(f"{isolated(progress.sweep.name)}: {status_name(progress.status)}.")
    look_again = st.fragment(_look, run_every=SECONDS_A_LOOK if moves else None)
    look_again(progress.sweep.id, (progress.status, moves), draw)


def _look(sweep_id: str, known: tuple[str, bool], draw: Callable[[Progress], None]) -> None:
    with guard():
        progress = watched_progress(sweep_id)
        if (progress.status, progress.moving) != known:
            st.rerun()
        draw(progress)


def heading(progress: Progress, about: str) -> None:
    """Its name, what it is about, and the learner's others. What follows on the page can be pinned."""
    pins.about(*(run.id for run in progress.runs.values()))
    mine = progress.sweep.learner == learner_id()
    with st.container(key="run_heading", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.header(as_typed(progress.sweep.name), anchor=False, width="content")
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                sweep = progress.sweep
                name = stem(sweep.name, sweep.id)
                export_runs(list(progress.runs.values()), name, key=f"{sweep.kind}_export", type="tertiary")
                earlier(sweep.kind, but=sweep.id)
        st.caption(about)
    if not mine:
        st.caption(":material/visibility: " + _("Another learner’s: you can watch it, not steer it."))


def earlier(kind: Kind, but: str | None = None) -> None:
    """The learner's others, newest first, one click away; nothing where there are none."""
    others = [
        sweep for sweep in engine().sweep_queue.sweeps.of_learner(learner_id(), kind) if sweep.id != but
    ]
    if not others:
        return
    with st.popover(_("Earlier ones"), icon=":material/history:", type="tertiary", key=f"{kind}_earlier"):
        for sweep in others[:MOST_LISTED]:
            st.button(
                as_typed(sweep.name),
                key=f"{kind}_to_{sweep.id}",
                type="tertiary",
                help=_("Started {date} (UTC)").format(date=date_and_time(sweep.created)),
                on_click=partial(show, kind, sweep.id),
            )
