"""The first two steps of a lesson: its question, and the learner's prediction."""

from __future__ import annotations

from functools import partial

import streamlit as st

from fmnist_core.lessons.judgement import is_complete
from pages.parts.base.attempt import attempt, tell_refusal
from pages.parts.base.i18n import _, lesson_text
from pages.parts.base.typed_text import as_typed
from pages.parts.lessons.standing import Standing
from pages.parts.lessons.steps import lead_on
from pages.parts.predicting.predict_input import predict_input

TEXT_WIDTH = 720


def question(standing: Standing) -> None:
    lesson = standing.lesson
    st.subheader(as_typed(lesson_text(lesson.question)), anchor=False)
    for paragraph in lesson.beginning:
        st.markdown(lesson_text(paragraph), width=TEXT_WIDTH)
    lead_on("question")


def predict(standing: Standing) -> None:
    lesson, training = standing.lesson, standing.training
    st.markdown(lesson_text(lesson.prediction.ask), width=TEXT_WIDTH)
    said = predict_input(
        lesson.prediction,
        lesson.runs,
        key=f"predict_{lesson.slug}",
        stored=standing.said,
        names=standing.names,
        on_said=partial(attempt, standing.progress.predict, lesson.slug),
    )
    tell_refusal()
    if any(result.epochs for result in training.results.values()):
        st.caption(_("You have trained already, so what you say now may not be a guess any more."))
    elif said is None:
        st.caption(_("A guess is enough. It is kept for you, and not marked."))
    if is_complete(said):
        lead_on("predict")
    else:
        lead_on("predict", _("Go on without") if said is None else None)
