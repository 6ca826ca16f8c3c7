"""The page of a task: its form at the left, the run in view at the right, the bar that steers it above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec, SpecError
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.runs import Run, RunNotFound
from fmnist_core.store.status import OPEN
from pages.parts.base import pins
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LAB_PAGES
from pages.parts.base.services import await_run, engine, store
from pages.parts.base.typed_text import as_typed
from pages.parts.forms import controls, form_state, form_values, lab_frame, url_state
from pages.parts.forms.encoders import Encoder, encoders
from pages.parts.forms.form_values import RANDOM
from pages.parts.frame.assignment import say_whether_it_counts
from pages.parts.run.forecast import forecast
from pages.parts.run.heading import heading
from pages.parts.run.live import draw_run, live, nothing_yet
from pages.parts.run.next_steps import next_steps
from pages.parts.run.other_garments import other_garments
from pages.parts.run.recent import last_run, remember_run
from pages.parts.run.toolbar import run_bar, settings, start


def lab_page(task: str) -> None:
    """The page of a task, "autoencoder" or "classifier", below its title."""
    dataset = fashion_mnist.load()
    fresh = form_values.defaults(task, dataset)
    trained = _encoders(task)
    form = lab_frame.AddressedForm(
        task,
        button="bar_train",
        read=partial(form_state.read, task, fresh),
        fill=partial(form_state.fill, task),
        follow=partial(_follow, task, fresh, trained),
        show=partial(show_run, task),
    )
    form.follow_address()
    if form.read().get("encoder", RANDOM) not in (RANDOM, *trained):  # the run in view has brought it
        trained |= encoders(learner_id(), form.read()["encoder"])
    run = run_in_view(task)
    arrived = lab_frame.arrived() and run is not None
    if arrived and run.step == 0 and run.status in OPEN and not engine().queue_place(run.learner):
        run = await_run(run.id, lambda run: run.step > 0)
    asks = partial(asked, task, fresh, trained)
    show = partial(_bring_into_view, task, fresh, asks)
    try:
        spec, refused = asks(), ()
    except SpecError as error:
        spec, refused = None, error.sentences
    place = lab_frame.layout()
    with place.notices:
        form.notices(refused)
        if spec is not None:
            forecast(spec)
            say_whether_it_counts(spec)
    with place.settings:
        controls.draw(task, form.read(), trained, len(dataset.train_labels))
    with place.bar:
        run_bar(run, spec, asks, show, partial(_use_settings, task, fresh))
    with place.side(filled=run is not None):
        if run is None:
            _say_missing(task)
            nothing_yet(task, partial(start, asks, show), spec is not None, last_run(task), show)
        else:
            pins.about(run.id)
            heading(task, run, show)
            next_steps(run, show, partial(_use_settings, task, fresh))
            live(run, partial(draw_run, fill=partial(_use_settings, task, fresh)))
            other_garments(run)
    if arrived:
        lab_frame.scroll_to_view()
    url_state.write(task, form.read(), fresh, run and run.id)


def asked(task: str, fresh: Mapping[str, Any], trained: Mapping[str, Encoder]) -> RunSpec:
    """What the form asks for at this moment. Raises `SpecError`."""
    specs = {id: encoder.spec for id, encoder in trained.items()}
    spec = form_values.spec_of(task, form_state.read(task, fresh), specs)
    fashion_mnist.check(spec, fashion_mnist.load())
    return spec


def show_run(task: str, run_id: str | None) -> None:
    """Bring a run into view; the address follows."""
    st.session_state[f"run_{task}"] = run_id
    if run_id is not None:
        remember_run(task, run_id)
    lab_frame.arrive()


def _bring_into_view(task: str, fresh: Mapping[str, Any], asks: Callable[[], RunSpec], run_id: str) -> None:
    """For callbacks: a run in view, and its settings in the form, unless it says the same already."""
    show_run(task, run_id)
    run = run_in_view(task)
    if run is None:
        return
    try:
        same = settings(asks()) == settings(run.spec)
    except SpecError:
        same = False
    if not same:
        _use_settings(task, fresh, run.spec)


def _use_settings(task: str, fresh: Mapping[str, Any], spec: RunSpec) -> None:
    form_state.fill(task, {**fresh, **form_values.values_of(spec)})


def _encoders(task: str) -> dict[str, Encoder]:
    """Those that the form of this task can name."""
    return encoders(learner_id(), form_state.encoder_asked_for(task)) if task == "classifier" else {}


def _follow(
    task: str, fresh: Mapping[str, Any], trained: Mapping[str, Encoder], given: dict[str, str]
) -> tuple[dict[str, Any], list[Sentence]]:
    run = run_in_view(task)
    if run is not None and not given:  # a link to a run says its settings, too
        return {**fresh, **form_values.values_of(run.spec)}, []
    specs = {id: encoder.spec for id, encoder in trained.items()}
    check = partial(form_values.spec_of, task, encoders=specs)
    return url_state.read(given, fresh, form_values.choices(task, specs), check)


def run_in_view(task: str) -> Run | None:
    """The one last brought into view on the page of this task, if it is there and of this task."""
    run_id = st.session_state.get(f"run_{task}")
    if run_id is None:
        return None
    try:
        run = store().run(run_id)
    except (RunNotFound, Unreadable):
        return None
    return run if run.spec.task == task else None


def _say_missing(task: str) -> None:
    """Why the run that was asked for is not shown."""
    run_id = st.session_state.get(f"run_{task}")
    if run_id is None:
        return
    try:
        run = store().run(run_id)
    except RunNotFound:
        message = _("There is no run “{id}” here: the link is incomplete, or the run was deleted.")
        st.warning(message.format(id=as_typed(run_id[:40])), icon=":material/link_off:")
        return
    except Unreadable as error:
        st.warning(as_typed(say(error)), icon=":material/folder_off:")
        return
    st.page_link(
        LAB_PAGES[run.spec.task],
        label=_("The run “{name}” is on the other page of the lab. Open it there.").format(
            name=as_typed(run.name)
        ),
        icon=":material/arrow_forward:",
        query_params={"run": run.id},
    )
