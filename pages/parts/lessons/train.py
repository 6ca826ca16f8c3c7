"""The third step of a lesson: its runs train live, their curves in one chart, their garments side by side."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.store.status import OPEN
from pages.parts.base.attempt import attempt, steering_button, tell_refusal
from pages.parts.base.formatting import listed
from pages.parts.base.i18n import _, lesson_text, ngettext, say
from pages.parts.base.services import engine, store
from pages.parts.base.spec_words import QUANTITIES
from pages.parts.base.typed_text import as_typed, isolated
from pages.parts.compare.comparison import STYLES, lines
from pages.parts.compare.side_by_side import draw_garments
from pages.parts.frame.announcement import announce
from pages.parts.frame.frame import guard
from pages.parts.lessons.standing import Standing
from pages.parts.lessons.steps import lead_on
from pages.parts.lessons.trainings import Training, training_of
from pages.parts.lessons.trainings import train as begin
from pages.parts.run.status import network, status_name, summary
from pages.parts.sweep.progress import draw_progress
from pages.parts.widgets.curves import Lines, Series, curves

SECONDS_A_LOOK = 1.0
HEIGHT = 300


def train(standing: Standing) -> None:
    training = standing.training
    _about(standing)
    tell_refusal()
    _missing(training)
    _steering(training)
    lead_on("train", primary=training.has_ended)
    if training.has_begun:
        watch(training, _draw)


def train_button(training: Training, key: str) -> None:
    """Trains what has no result and none to come; nothing where there is nothing of it."""
    names = training.to_train
    if not names or training.moves:
        return
    some = len(names) < len(training.lesson.runs)
    st.button(
        ngettext("Train the missing one", "Train the {n} missing ones", len(names)).format(n=len(names))
        if some
        else _("Train"),
        type="primary",
        icon=":material/play_circle:",
        key=key,
        on_click=attempt,
        args=(begin, training.lesson, names),
    )


def watch(training: Training, draw: Callable[[Training], None]) -> None:
    """Draws it, once a second while it moves. Once that or a run's status changes, the page runs again."""
    if training.progress is not None:
        announce(f"{isolated(training.progress.sweep.name)}: {status_name(training.progress.status)}.")
    look = st.fragment(_look, run_every=SECONDS_A_LOOK if training.moves else None)
    look(training, _known(training), draw)


def _look(training: Training, known: object, draw: Callable[[Training], None]) -> None:
    with guard():
        latest = training_of(training.lesson, watched=True)
        if _known(latest) != known:
            st.rerun()
        draw(latest)


def _known(training: Training) -> object:
    """What else on the page depends on."""
    progress = training.progress
    return training.moves, progress and progress.status, training.to_train, sorted(training.runs)


def _about(standing: Standing) -> None:
    """Which networks are trained, with which settings, and how long it takes."""
    lesson, names = standing.lesson, standing.run_names
    if not standing.training.has_begun:
        words = ngettext(
            "One network is ready to train, its settings filled in: {names}.",
            "{n} networks are ready to train, their settings filled in: {names}.",
            len(lesson.runs),
        )
        st.markdown(
            words.format(n=len(lesson.runs), names=listed([as_typed(name) for name in names.values()]))
        )
        seconds = ngettext(
            "About {n} second on two cores.", "About {n} seconds on two cores.", lesson.seconds
        )
        st.caption(seconds.format(n=lesson.seconds))
    with st.expander(_("Settings")):
        images = len(fashion_mnist.load().train_labels)
        specs = {names[run.name]: run.spec_for(images) for run in lesson.runs}
        st.markdown(
            "\n".join(
                f"- **{as_typed(name)}**: {network(spec)} · {summary(spec)}" for name, spec in specs.items()
            )
        )


def _missing(training: Training) -> None:
    """What was deleted or changed since, and the click that trains what is missing."""
    shown = {name: as_typed(lesson_text(name)) for name in training.absent}
    for why, sentence in (
        ("deleted", _("Deleted since: {runs}. Your prediction is kept; train again, and it is compared.")),
        ("changed", _("Given other settings since, so not compared here: {runs}. Train again to compare.")),
    ):
        names = [shown[name] for name, absence in training.absent.items() if absence == why]
        if names:
            st.warning(sentence.format(runs=listed(names)), icon=":material/delete_history:")
    train_button(training, "lesson_train")


def _steering(training: Training) -> None:
    progress = training.progress
    if progress is None or progress.status not in (*OPEN, "paused"):
        return
    queue = engine().sweep_queue
    with st.container(horizontal=True, gap="small", key="lesson_steering"):
        if progress.status == "paused":
            steering_button("resume", progress.sweep.id, queue.resume, True)
        else:
            steering_button("pause", progress.sweep.id, queue.pause, True)
        steering_button("stop", progress.sweep.id, queue.stop, True)


def _draw(training: Training) -> None:
    st.html(STYLES)
    if training.progress is not None:
        draw_progress(training.progress)
    _curves(training)
    runs = {run.name: training.runs[run.name] for run in training.lesson.runs if run.name in training.runs}
    drawn = list(runs.values())
    draw_garments(drawn, lines(drawn, list(map(lesson_text, runs))), store())


def _curves(training: Training) -> None:
    """Of what the lesson asks about, as far as it is a curve; else of the validation loss."""
    asked = training.lesson.prediction.quantity
    quantity = asked if asked in QUANTITIES else "validation_loss"
    series = [
        Series(
            lesson_text(name),
            [epoch.epoch for epoch in result.epochs],
            [vars(epoch)[quantity] for epoch in result.epochs],
        )
        for name, result in training.results.items()
    ]
    title = say(QUANTITIES[quantity])
    curves(
        Lines.of(series),
        key=f"lesson_curves_{training.lesson.slug}",
        x=_("Epoch"),
        y=title,
        alt=_("{quantity} of the lesson’s runs, epoch by epoch").format(quantity=title),
        y_format=".1~%" if quantity.endswith("accuracy") else ".4~f",
        height=HEIGHT,
        moving=True,
    )
