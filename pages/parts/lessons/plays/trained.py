"""What a play is given: the lesson, and the runs of it that the learner has trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.plays import OfRun
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from pages.parts.base.i18n import _, lesson_text
from pages.parts.base.typed_text import as_typed
from pages.parts.inside.network_choice import Network


@dataclass(frozen=True)
class Trained:
    """`runs` are the learner's by their name in the lesson; none where one was not trained, or deleted."""

    lesson: Lesson
    runs: Mapping[str, Run]


def name_of(settings: OfRun, trained: Trained) -> str:
    return trained.lesson.run(settings.run).name


def ended_run(settings: OfRun, trained: Trained) -> Run | None:
    """The run that a play is about; `None`, with a sentence, while it has not ended."""
    name = name_of(settings, trained)
    run = trained.runs.get(name)
    if run is None:
        not_trained(name)
    elif run.status in (*OPEN, "paused"):
        st.info(
            _("This plays with the run “{name}”, which still trains. It appears here at its end.").format(
                name=as_typed(lesson_text(name))
            ),
            icon=":material/hourglass:",
        )
    else:
        return run
    return None


def network_of(run: Run) -> Network:
    """What workers are asked about: the run as it ended."""
    return Network(run.spec, {"run_id": run.id, "step": run.step})


def not_trained(name: str) -> None:
    """What stands where a play needs a run that is not there."""
    st.info(
        _("This plays with the run “{name}”. Train it in the step Train, and it appears here.").format(
            name=as_typed(lesson_text(name))
        ),
        icon=":material/play_circle:",
    )
