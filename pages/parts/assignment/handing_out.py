"""For lecturers: an assignment typed, uploaded or begun from an example, checked, handed out as a link."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from fmnist_core.assignments.assignment import Assignment, in_language
from fmnist_core.assignments.reading import AssignmentError, read_assignment, shipped
from fmnist_core.sentences import LabError
from pages.parts.assignment.asked import asked
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _, current_language, say
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.form_state import KEEP
from pages.parts.frame.assignment import assignments
from pages.parts.my_report.pinned import shown
from pages.parts.widgets.share_link import share_link

TEXT, UPLOADED, LINK = "assignment_json", "assignment_file", "assignment_link"
BLANK = """{
  "format": 1,
  "title": "My assignment",
  "text": "What to do, in **Markdown**.",
  "deadline": "2026-12-18T23:59-03:00",
  "minutes": 60,
  "fixed": {"architecture": "ff_classifier", "optimizer": "adam", "epochs": 10},
  "free": ["learning_rate", "train_size", "validation_size"],
  "runs": [
    {"title": "Without dropout", "settings": {"dropout": 0.0}},
    {"title": "With dropout", "settings": {"dropout": 0.2}, "seeds": 3}
  ],
  "questions": ["What does dropout change?"],
  "sections": ["results", "discussion"],
  "pins": {"charts": 1, "tables": 1, "pictures": 0}
}
"""


def handing_out() -> None:
    with st.expander(_("Hand one out"), icon=":material/school:"):
        st.markdown(
            _(
                "An assignment is a JSON file. In every run that counts, settings are as **fixed** says, "
                "then as the run says, and else the lab’s own; those in **free**, and the seed, may be "
                "anything."
            ),
            width=720,
        )
        st.session_state.setdefault(TEXT, BLANK)
        left, right = st.columns(2, gap="medium")
        with left:
            _begin()
            st.text_area(_("The assignment, as JSON"), key=TEXT, height=420, **KEEP)
        with right:
            try:
                assignment = read_assignment(st.session_state[TEXT])
            except AssignmentError as error:
                for sentence in error.sentences:
                    st.warning(as_typed(say(sentence)), icon=":material/edit:")
                return
            _checked(assignment)


def _begin() -> None:
    examples = {"": BLANK} | {id: assignment.to_json() for id, assignment in shipped().items()}
    names = {id: in_language(assignment.title, current_language()) for id, assignment in shipped().items()}
    names[""] = _("A short one")
    st.selectbox(
        _("Begin with"),
        list(examples),
        key="assignment_example",
        format_func=names.get,
        placeholder=_("Choose an example"),
        on_change=lambda: st.session_state.update({TEXT: examples[held("assignment_example")]}),
    )
    st.file_uploader(
        _("Or with a file"), type="json", key=UPLOADED, on_change=_read_upload, max_upload_size=1
    )


def _read_upload() -> None:
    """For a callback: what is no text is refused as what it is, once it stands in the field."""
    file = st.session_state.get(UPLOADED)
    if file is not None:
        st.session_state[TEXT] = file.getvalue().decode("utf-8-sig", errors="replace")


def _checked(assignment: Assignment) -> None:
    with st.container(border=True):
        st.subheader(as_typed(in_language(assignment.title, current_language())), anchor=False)
        shown(in_language(assignment.text, current_language()))
        asked(assignment)
    with st.container(horizontal=True):
        if st.button(_("Make a link"), type="primary", key="assignment_hand_out"):
            try:
                st.session_state[LINK] = (assignment, assignments().hand_out(assignment))
            except LabError as error:
                st.warning(as_typed(say(error)))
        st.download_button(
            _("Save the file"),
            assignment.to_json(),
            "assignment.json",
            "application/json",
            key="assignment_save",
            on_click="ignore",
        )
    of, id = st.session_state.get(LINK, (None, ""))
    if of == assignment:
        st.caption(_("Whoever opens this link can take the assignment. It cannot be changed any more."))
        share_link(f"{(st.context.url or '').split('?')[0]}?{urlencode({'assignment': id})}")
