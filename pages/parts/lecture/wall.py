"""The run in view on the wall: its curve and its garments (or its confusion matrix) on one screen, and keys.

Form, sidebar and title make room for it. A page without a run says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store.runs import Run
from pages.parts.base import lecture_mode, routes
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.forms import url_state
from pages.parts.frame.frame import lecture_needs_a_run
from pages.parts.run import status
from pages.parts.run.confusions import nothing_yet
from pages.parts.run.film import film, moments, scrubber_key
from pages.parts.run.live import live
from pages.parts.run.losses import losses
from pages.parts.run.page import run_in_view, show_run
from pages.parts.run.toolbar import run_bar
from pages.parts.run.watched import Watched
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.scrubber import scrub, shift

STYLES = Path(__file__).with_name("lecture.css")


def on_the_wall(task: str) -> bool:
    """Draws the run in view of this task, large, if lecture mode is on and there is one."""
    if not lecture_mode.is_on():
        return False
    run = _run_in_view(task)
    if run is None:
        lecture_needs_a_run()
        return False
    url_state.remember(_address(task), {routes.RUN: run.id}, _asked())
    st.query_params[routes.RUN] = run.id
    st.html(STYLES)
    with st.container(key="lecture_bar", horizontal=True, vertical_alignment="center", gap="small"):
        run_bar(run, None, _nothing_asked, partial(show_run, task), keys=True)
        st.button(
            _("Branch"), icon=":material/call_split:", key="lecture_branch", shortcut="B", on_click=_branch
        )
        st.button(
            _("Leave lecture mode"),
            icon=":material/close_fullscreen:",
            key="lecture_leave",
            shortcut="Q",
            on_click=lecture_mode.switch,
            args=(False,),
        )
    live(run, _draw)
    return True


def _run_in_view(task: str) -> Run | None:
    """The one that the address newly asks for, else the page's; why there is none, the page says."""
    asked = _asked()
    if asked and url_state.is_news(_address(task), asked):
        show_run(task, asked[routes.RUN])
    return run_in_view(task)


def _asked() -> dict[str, str]:
    """The part of the address that lecture mode reads and writes."""
    run_id = st.query_params.get(routes.RUN)
    return {} if run_id is None else {routes.RUN: run_id}


def _address(task: str) -> str:
    """Under which name the address is remembered: a form says more in its own."""
    return f"lecture_{task}"


def _nothing_asked() -> None:
    raise LabError(Sentence("There is no form in lecture mode. Leave it to train something else."))


def _branch() -> None:
    """Open what the bar has for it."""
    st.session_state["bar_branch"] = True


def _draw(latest: Watched) -> None:
    with st.container(key="lecture", gap="xsmall"):
        _headline(latest)
        if latest.run.spec.task == "autoencoder":
            with st.container(key="lecture_chart"):
                losses(latest, "stretch")
            film(latest)
            steps = latest.once("moments", lambda: moments(latest.run, latest.snapshots))
            _scrub_keys(scrubber_key(latest.run.id), steps)
        else:
            left, right = st.columns([0.48, 0.52], gap="small")
            with left, st.container(key="lecture_curve"):
                losses(latest, "stretch")
            with right:
                _matrix(latest)


def _headline(latest: Watched) -> None:
    """The run, how it stands, and its newest figures in one line, which may be cut off, or its trouble."""
    run, last = latest.run, latest.epochs[-1] if latest.epochs else None
    figures = [_("epoch {epoch} of {epochs}").format(epoch=run.epoch, epochs=run.spec.epochs)]
    if run.test_accuracy is not None:
        figures.append(_("test accuracy {share}").format(share=percent(run.test_accuracy)))
    if run.test_loss is not None:
        figures.append(_("test loss {loss}").format(loss=number(run.test_loss)))
    if last is not None and run.test_loss is None:  # beside both there is no room at 1280 pixels
        figures.append(_("validation loss {loss}").format(loss=number(last.validation_loss)))
    trouble = _trouble(latest)
    key = "run_trouble" if trouble else "run_now"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        status.badge(run, latest.engine_status.is_stopping)
        st.markdown(f"**{as_typed(run.name)}** · " + (trouble or " · ".join(figures)))
    if replaying := latest.engine_status.replaying:
        st.progress(replaying.share)


def _trouble(latest: Watched) -> str:
    """What keeps the run from training, has ended it or set it back, and which the hall should be told."""
    run, engine_status = latest.run, latest.engine_status
    if engine_status.replaying or run.status == "failed":
        return status.in_words(run, engine_status)
    said = engine_status.obstacle or run.notice
    return as_typed(say(said)) if said is not None else ""


def _matrix(latest: Watched) -> None:
    """Of the epoch chosen, on validation images; of the last, once it is known, on the test images."""
    run, newest = latest.run, len(latest.epochs)
    key, epochs = f"lecture_matrix_{run.id}", range(1, max(run.spec.epochs, newest) + 1)
    shown = st.container(key="lecture_matrix")
    help = _("The matrix at the end of each epoch. Drag, or use the arrow keys.")
    chosen = scrub(key, _("Epoch"), epochs, max(newest, 1), str, help=help)
    _scrub_keys(key, epochs)
    tested = run.test_confusion is not None and chosen >= newest
    matrix = run.test_confusion if tested else latest.confusion(chosen) if chosen <= newest else None
    with shown:
        if matrix is None:
            st.markdown(nothing_yet(run, newest))
            return
        draw_confusion(
            matrix,
            [say(name) for name in CLASS_NAMES],
            key=f"lecture_confusion_{run.id}",
            alt=_("Confusion matrix: true classes in rows, predicted classes in columns"),
            height="stretch",
        )
        epoch = _("validation images, epoch {epoch}").format(epoch=chosen)
        st.markdown(_("test images") if tested else epoch)


def _scrub_keys(key: str, moments: Sequence[int]) -> None:
    """Keys for the slider of this key."""
    with st.container(horizontal=True, gap="small", key="lecture_scrub"):
        for name, label, shortcut, by in (
            ("back", _("Earlier"), "Left", -1),
            ("on", _("Later"), "Right", 1),
        ):
            st.button(
                label,
                key=f"lecture_{name}",
                shortcut=shortcut,
                on_click=shift,
                args=(key, moments, by),
            )
