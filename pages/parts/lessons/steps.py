"""The six steps of a lesson: where a learner is, what is done, and the buttons that lead on and back.

The step stands in the address. Any of them can be gone to at any time.
"""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from fmnist_core.lessons.progress import STEPS
from pages.parts.base.i18n import _
from pages.parts.forms.linked_choice import linked_choice, set_out

STEP = "step"


def titles() -> dict[str, str]:
    """What each step is called."""
    return {
        "question": _("Question"),
        "predict": _("Predict"),
        "train": _("Train"),
        "compare": _("Compare"),
        "explain": _("Explain"),
        "check": _("Check"),
    }


def step_line(done: Collection[str]) -> str:
    """The six steps in a line, those that are done ticked; which of them is in view."""
    words = {
        step: f"{':material/check: ' if step in done else ''}{k} {title}"
        for k, (step, title) in enumerate(titles().items(), start=1)
    }
    with st.container(key="lesson_steps"):
        return linked_choice(_("Step"), words, key=STEP)


def lead_on(step: str, label: str | None = None, *, primary: bool = True) -> None:
    """Back, and on to the next step; `label` says what going on means, where that is not plain."""
    place = STEPS.index(step)
    with st.container(horizontal=True, gap="small", key="lesson_buttons"):
        if place:
            st.button(
                _("Back"),
                icon=":material/arrow_back:",
                key="lesson_back",
                on_click=go_to,
                args=(STEPS[place - 1],),
            )
        if place + 1 < len(STEPS):
            next_step = _("Next: {step}").format(step=titles()[STEPS[place + 1]])
            st.button(
                label or next_step,
                type="primary" if primary else "secondary",
                icon=":material/arrow_forward:",
                icon_position="right",
                key="lesson_next",
                on_click=go_to,
                args=(STEPS[place + 1],),
            )


def go_to(step: str) -> None:
    """For callbacks."""
    st.session_state[STEP] = st.query_params[STEP] = step
    set_out(STEP)
