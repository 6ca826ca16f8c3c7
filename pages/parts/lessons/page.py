"""The page of lessons: all of them, or the one in the address at its step."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.progress import STEPS, ProgressInLessons
from fmnist_core.lessons.reading import Lessons, all_lessons
from pages.parts.base import pins
from pages.parts.base.i18n import _, lesson_text
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LESSONS
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.lessons.beginning import predict, question
from pages.parts.lessons.ending import check, compare, explain
from pages.parts.lessons.shelf import shelf
from pages.parts.lessons.standing import Standing
from pages.parts.lessons.steps import STEP, step_line
from pages.parts.lessons.train import train
from pages.parts.lessons.trainings import training_of

LESSON = "lesson"
IN_VIEW = "lesson_in_view"
DRAWN: dict[str, Callable[[Standing], None]] = {
    "question": question,
    "predict": predict,
    "train": train,
    "compare": compare,
    "explain": explain,
    "check": check,
}


def lessons_page() -> None:
    lessons = all_lessons()
    asked = st.query_params.get(LESSON)
    lesson = None if asked is None else lessons.of(asked)
    if lesson is None:
        if asked is not None:
            st.warning(
                _("There is no lesson “{asked}” here. These are all:").format(asked=as_typed(asked[:40])),
                icon=":material/link_off:",
            )
            del st.query_params[LESSON]
        st.session_state.pop(IN_VIEW, None)
        st.query_params.pop(STEP, None)
        shelf(lessons)
        return
    _one(lesson, lessons)


def _one(lesson: Lesson, lessons: Lessons) -> None:
    if st.session_state.get(IN_VIEW) != lesson.slug:  # the step of another lesson is none of this one's
        st.session_state[IN_VIEW] = lesson.slug
        st.session_state.pop(STEP, None)
    progress = ProgressInLessons(store(), learner_id())
    kept = progress.of(lesson.slug)
    training = training_of(lesson)
    asked = st.query_params.setdefault(STEP, STEPS[kept.furthest])
    if asked in STEPS:
        shows = asked != "compare" or training.has_ended
        kept = progress.reach(lesson.slug, STEPS.index(asked), visited=shows)
    st.page_link(LESSONS, label=_("All lessons"), icon=":material/arrow_back:")
    st.title(as_typed(lesson_text(lesson.title)), anchor=False)
    standing = Standing(lesson, lessons, progress, kept, training)
    pins.about(*(run.id for run in training.runs.values()))
    step = step_line(standing.done)
    DRAWN[step](standing)
