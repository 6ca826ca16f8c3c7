"""The last three steps of a lesson: prediction beside result, what it means, and a question to check."""

from __future__ import annotations

import streamlit as st

from fmnist_core.lessons.lesson import Lesson
from pages.parts.base.attempt import attempt, held, tell_refusal
from pages.parts.base.i18n import _, lesson_text
from pages.parts.base.routes import AUTOENCODER, CLAIMS
from pages.parts.base.typed_text import as_typed
from pages.parts.lessons.beginning import TEXT_WIDTH
from pages.parts.lessons.plays.registry import play
from pages.parts.lessons.plays.trained import Trained
from pages.parts.lessons.shelf import link_to
from pages.parts.lessons.standing import Standing, is_done
from pages.parts.lessons.steps import go_to, lead_on
from pages.parts.lessons.train import train_button, watch
from pages.parts.lessons.trainings import Training
from pages.parts.predicting.comparison import comparison


def compare(standing: Standing) -> None:
    training = standing.training
    if not training.has_begun:
        st.info(
            _("Here your prediction stands beside the result, and nothing is trained yet."),
            icon=":material/hourglass_empty:",
        )
        st.button(
            _("Go to the training"),
            icon=":material/play_circle:",
            key="lesson_to_train",
            on_click=go_to,
            args=("train",),
        )
        lead_on("compare", primary=False)
        return
    if training.to_train and not training.moves:
        st.warning(
            _("Some runs are missing, so not everything can be compared. Your prediction is kept."),
            icon=":material/delete_history:",
        )
        train_button(training, "lesson_train_again")
        tell_refusal()
    said, names = standing.said, standing.names

    def draw(latest: Training) -> None:
        comparison(
            latest.lesson.prediction,
            said,
            latest.lesson.runs,
            latest.results,
            key=f"compare_{latest.lesson.slug}",
            names=names,
        )

    watch(training, draw)
    lead_on("compare")


def explain(standing: Standing) -> None:
    lesson = standing.lesson
    for paragraph in lesson.explanation.text:
        st.markdown(lesson_text(paragraph), width=TEXT_WIDTH)
    _claims(lesson)
    settings = lesson.explanation.play_settings
    if settings is not None:
        st.subheader(_("To play with"), anchor=False)
    room = st.container()
    lead_on("explain")
    if settings is not None:
        with room:  # last, since a worker may have to compute for it
            play(str(lesson.explanation.play), settings, Trained(lesson, standing.training.runs))


def check(standing: Standing) -> None:
    lesson = standing.lesson
    answers = lesson.check.answers
    st.markdown(lesson_text(lesson.check.question), width=TEXT_WIDTH)
    kept, key = standing.kept.answer, f"check_{lesson.slug}"

    def keep() -> None:
        """Before the script runs, so that the line of steps above says at once that it is done."""
        # A right answer is not lost by trying the others, here or in another tab.
        if not is_done(lesson, standing.progress.of(lesson.slug)):
            standing.progress.answer(lesson.slug, held(key))

    chosen = st.radio(
        _("Answers"),
        range(len(answers)),
        index=kept if kept is not None and kept < len(answers) else None,
        format_func=lambda place: lesson_text(answers[place].text),
        key=key,
        on_change=attempt,
        args=(keep,),
        label_visibility="collapsed",
    )
    tell_refusal()
    if chosen is not None:
        answer = answers[chosen]
        show, icon = (st.success, ":material/check:") if answer.right else (st.info, ":material/close:")
        show(lesson_text(answer.reply), icon=icon, width=TEXT_WIDTH)
        if answer.right:
            _what_next(standing)
        else:
            st.caption(_("You may choose again."))
    lead_on("check")


def _claims(lesson: Lesson) -> None:
    if not lesson.claims:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_("What the reports claim of it, and what many runs say:"), width="content")
        for claim in lesson.claims:
            st.page_link(CLAIMS, label=claim, icon=":material/fact_check:", query_params={"claim": claim})


def _what_next(standing: Standing) -> None:
    lessons = standing.lessons.lessons
    place = lessons.index(standing.lesson) + 1
    if place < len(lessons):
        title = as_typed(lesson_text(lessons[place].title))
        link_to(lessons[place], _("Next lesson: {title}").format(title=title), ":material/arrow_forward:")
    else:
        st.page_link(
            AUTOENCODER,
            label=_("The last lesson is done: train a network of your own"),
            icon=":material/compress:",
        )
