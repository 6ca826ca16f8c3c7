"""Runs whose rows cannot be read: which they are, why, and a button to delete each."""

from __future__ import annotations

import streamlit as st

from fmnist_core.store.rows import UnreadableRun
from pages.parts.base.attempt import attempt, tell_refusal
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.learner import learner_id
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import as_typed


def set_aside() -> bool:
    """Shows the learner's unreadable runs; whether there are any."""
    unreadable = store().unreadable_runs(learner_id())
    if not unreadable:
        return False
    with st.container(border=True, key="set_aside"):
        st.warning(
            ngettext(
                "{n} run cannot be read, so it is set aside. All others go on.",
                "{n} runs cannot be read, so they are set aside. All others go on.",
                len(unreadable),
            ).format(n=len(unreadable)),
            icon=":material/folder_off:",
        )
        tell_refusal()
        for run in unreadable:
            _row(run)
    return True


def _row(run: UnreadableRun) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.text(run.name)  # as it was typed, Markdown or not
            st.caption(as_typed(say(run.reason)))
        st.button(
            _("Delete"),
            icon=":material/delete:",
            key=f"set_aside_{run.id}",
            width="content",
            on_click=attempt,
            args=(engine().delete, run.id, learner_id()),
        )
