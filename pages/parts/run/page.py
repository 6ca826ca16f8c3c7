"""A lab page whole: settings at the left, the run in view at the right, the bar that steers it above both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec, SpecError
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.runs import Run, RunNotFound
from fmnist_core.store.status import OPEN
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.services import await_run, engine, store
from pages.parts.forms import controls, form_state, form_values, url_state
from pages.parts.forms.encoders import Encoder, encoders
from pages.parts.run.forecast import forecast
from pages.parts.run.live import live, nothing_yet
from pages.parts.run.other_garments import other_garments
from pages.parts.run.status import summary
from pages.parts.run.toolbar import learning_rate, run_bar, start

STYLES = Path(__file__).with_suffix(".css")
# On a narrow screen the run stands above the settings, among which a learner has just pressed Train.
SCROLL = """<script>
if (innerWidth <= 640) document.querySelector(".st-key-run_side")?.scrollIntoView();
</script>"""
ARRIVED = "run_arrived"
PAGES = {"autoencoder": "pages/lab/autoencoder.py", "classifier": "pages/lab/classifier.py"}


def lab_page(task: str) -> None:
    """The page of a task, "autoencoder" or "classifier", below its title."""
    st.html(STYLES)
    dataset = fashion_mnist.load()
    fresh = form_values.defaults(task, dataset)
    trained = encoders(learner_id(), form_state.encoder_asked_for(task)) if task == "classifier" else {}
    _follow_address(task, fresh, trained)
    run = _run_in_view(task)
    arrived = st.session_state.pop(ARRIVED, False) and run is not None
    if arrived and run.step == 0 and run.status in OPEN and not engine().queue_place(run.learner):
        run = await_run(run.id, lambda run: run.step > 0)
    try:
        spec, refused = asked(task, fresh, trained), ()
    except SpecError as error:
        spec, refused = None, error.sentences
    show = partial(show_run, task)
    asks = partial(asked, task, fresh, trained)

    bar = st.container(key="bar_place")
    left, right = st.columns([0.31, 0.69], gap="medium")
    with left.container(key="settings_side"):
        st.html('<span id="lab-settings"></span>')
        _tell_ignored(task, fresh)
        for sentence in refused:
            st.warning(say(sentence), icon=":material/edit_note:")
        if spec is not None:
            forecast(spec)
        controls.draw(task, form_state.read(task, fresh), trained, len(dataset.train_labels))
    with bar:
        run_bar(run, spec, asks, show)
    with right.container(key="run_side" if run else "no_run_side", gap="xsmall"):
        if run is None:
            _tell_missing(task)
            nothing_yet(task, partial(start, asks, show), ready=spec is not None)
        else:
            _heading(task, run, fresh, show)
            live(run)
            other_garments(run)
    if arrived:
        st.html(SCROLL, unsafe_allow_javascript=True)
    url_state.write(task, form_state.read(task, fresh), fresh, run and run.id)


def asked(task: str, fresh: Mapping[str, Any], trained: Mapping[str, Encoder]) -> RunSpec:
    """What the form asks for at this moment. Raises `SpecError`."""
    specs = {id: encoder.spec for id, encoder in trained.items()}
    spec = form_values.spec_of(task, form_state.read(task, fresh), specs)
    fashion_mnist.check(spec, fashion_mnist.load())
    return spec


def show_run(task: str, run_id: str | None) -> None:
    """Bring a run into view; the address follows."""
    st.session_state[f"run_{task}"] = run_id
    st.session_state[ARRIVED] = True


def _follow_address(task: str, fresh: Mapping[str, Any], trained: Mapping[str, Encoder]) -> None:
    told = url_state.news(task, was_in_view="bar_train" in st.session_state)
    if told is not None:
        show_run(task, told.pop(url_state.RUN, None))
        specs = {id: encoder.spec for id, encoder in trained.items()}
        choices = form_values.choices(task, specs)
        check = partial(form_values.spec_of, task, encoders=specs)
        values, ignored = url_state.read(told, fresh, choices, check)
        form_state.fill(task, values)
        st.session_state[f"ignored_{task}"] = ([sentence.to_json() for sentence in ignored], values)


def _tell_ignored(task: str, fresh: Mapping[str, Any]) -> None:
    """What was wrong in the address, until the learner changes something in the form."""
    sentences, values = st.session_state.get(f"ignored_{task}", ((), None))
    if sentences and form_state.read(task, fresh) == values:
        told = "\n\n".join(say(Sentence.from_json(sentence)) for sentence in sentences)
        st.warning(told, icon=":material/link_off:")


def _run_in_view(task: str) -> Run | None:
    run_id = st.session_state.get(f"run_{task}")
    if run_id is None:
        return None
    try:
        run = store().run(run_id)
    except (RunNotFound, Unreadable):
        return None
    return run if run.spec.task == task else None


def _tell_missing(task: str) -> None:
    """Why the run that was asked for is not shown."""
    run_id = st.session_state.get(f"run_{task}")
    if run_id is None:
        return
    try:
        run = store().run(run_id)
    except RunNotFound:
        told = _("There is no run “{id}” here: the link is incomplete, or the run was deleted.")
        st.warning(told.format(id=run_id[:40]), icon=":material/link_off:")
        return
    except Unreadable as error:
        st.warning(say(error), icon=":material/folder_off:")
        return
    st.page_link(
        PAGES[run.spec.task],
        label=_("The run “{name}” is on the other page of the lab. Open it there.").format(name=run.name),
        icon=":material/arrow_forward:",
        query_params={"run": run.id},
    )


def _heading(task: str, run: Run, fresh: Mapping[str, Any], show: Callable[[str], None]) -> None:
    mine = run.learner == learner_id()
    with st.container(key="run_heading", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.header(run.name, anchor=False, width="content")
            learning_rate(run, enabled=mine and run.status in (*OPEN, "paused"))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(summary(run.spec), width="content")
            link = _("To the settings")
            st.html(f'<a class="lab-narrow" href="#lab-settings">{escape(link)}</a>', width="content")
            st.button(
                _("Use these settings"),
                key="use_settings",
                icon=":material/tune:",
                type="tertiary",
                help=_("Fill the form with the settings of this run."),
                on_click=form_state.fill,
                args=(task, {**fresh, **form_values.values_of(run.spec)}),
            )
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
    if run.parent is not None:
        st.button(
            _("Branched from another run after batch {step:,}").format(step=run.parent_step),
            key="to_parent",
            icon=":material/call_split:",
            type="tertiary",
            help=_("Open that run."),
            on_click=show,
            args=(run.parent,),
        )


def _train_same(task: str, run: Run, show: Callable[[str], None]) -> None:
    form_state.fill(task, form_values.values_of(run.spec))
    start(lambda: run.spec.changed(branch=None, learning_rate_changes=()), show)
