"""The lessons to choose from: what each asks, how long it takes, and how far the learner has come."""

from __future__ import annotations

import streamlit as st

from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.progress import STEPS, Progress, ProgressInLessons
from fmnist_core.lessons.reading import Lessons
from pages.parts.base.i18n import _, lesson_text, ngettext, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LESSONS
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.lessons.standing import is_done
from pages.parts.lessons.steps import titles


def shelf(lessons: Lessons) -> None:
    st.title(_("Lessons"), anchor=False)
    st.markdown(
        _(
            "A question, your prediction, a training that you watch, and what it means. You can leave at any "
            "step and come back."
        ),
        width=720,
    )
    progress = ProgressInLessons(store(), learner_id()).all()
    for error in lessons.refused:
        st.warning(as_typed(say(error)), icon=":material/draft:")
    for k, lesson in enumerate(lessons.lessons, start=1):
        _entry(k, lesson, progress.get(lesson.slug, Progress()))


def link_to(lesson: Lesson, label: str, icon: str, step: str | None = None) -> None:
    """To a lesson, at this step or else where the learner left it."""
    address = {"lesson": lesson.slug} | ({"step": step} if step else {})
    st.page_link(LESSONS, label=label, icon=icon, query_params=address)


def _entry(number: int, lesson: Lesson, progress: Progress) -> None:
    title = as_typed(lesson_text(lesson.title))
    with st.container(border=True, key=f"lesson_{lesson.slug}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(f"{number}. {title}", anchor=False, width="content")
            _standing(lesson, progress)
        st.markdown(as_typed(lesson_text(lesson.question)), width=720)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            if progress.changed is None:
                link_to(lesson, _("Begin lesson {k}").format(k=number), ":material/play_circle:", STEPS[0])
            elif is_done(lesson, progress):
                label = _("Look at lesson {k} again").format(k=number)
                link_to(lesson, label, ":material/replay:", STEPS[0])
            else:
                link_to(lesson, _("Resume lesson {k}").format(k=number), ":material/play_circle:")
            minutes = ngettext("About {n} minute", "About {n} minutes", lesson.minutes)
            st.caption(minutes.format(n=lesson.minutes))


def _standing(lesson: Lesson, progress: Progress) -> None:
    if progress.changed is None:
        return
    if is_done(lesson, progress):
        st.badge(_("Done"), icon=":material/check:", color="green")
        return
    step = titles()[STEPS[progress.furthest]]
    words = _("Step {k} of {n}: {step}").format(k=progress.furthest + 1, n=len(STEPS), step=step)
    st.badge(words, icon=":material/bookmark:", color="blue")
