"""For lecturers: an assignment typed, uploaded or begun from an example, checked, handed out as a link."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from fmnist_core.assignments.assignment import Assignment, in_language
from fmnist_core.assignments.reading import MOST_BYTES, AssignmentError, read_assignment, read_values, shipped
from fmnist_core.sentences import LabError, Sentence
from pages.parts.assignment import draft_state
from pages.parts.assignment.asked import asked
from pages.parts.assignment.draft import UnshownError, draft_of
from pages.parts.assignment.fields import Faults, fields
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _, current_language, ngettext, say
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.form_state import KEEP
from pages.parts.forms.widget_words import file_words
from pages.parts.frame.assignment import assignments
from pages.parts.my_report.pinned import shown
from pages.parts.widgets.share_link import share_link

MOST_MB = 1  # that a browser sends; of them `MOST_BYTES` are read
TEXT, UPLOADED, LINK = "assignment_json", "assignment_file", "assignment_link"
STYLES = Path(__file__).with_name("assignment.css")
VIEW, FIELDS, JSON = "assignment_view", "fields", "json"
STANDS = "assignment_in_fields"  # the JSON that the fields stand for, and what they made when filled
WEEKS, ZONE = 3, timezone(timedelta(hours=-3))  # until the example's deadline, in that of the course


def handing_out() -> None:
    with st.expander(_("Hand one out"), icon=":material/school:"):
        st.html(STYLES)
        st.markdown(_("Write it in the fields, look at it beside them, and make a link."), width=720)
        st.session_state.setdefault(TEXT, short_example())
        left, right = st.columns(2, gap="medium")
        with left.container(key="assignment_editor"):
            _begin()
            st.segmented_control(
                _("Write it as"),
                (FIELDS, JSON),
                format_func={FIELDS: _("Fields"), JSON: "JSON"}.get,
                default=FIELDS,
                required=True,
                key=VIEW,
                on_change=_keep_fields,
                **KEEP,
                wrap=True,
            )
            in_fields = st.session_state[VIEW] == FIELDS
            unshown = _stand_in_fields() if in_fields else None
            assignment, wrong = _read()
            faults = Faults(() if wrong is None else wrong.faults)
            if not in_fields:
                _json()
            elif unshown is None:
                fields(faults)
            else:
                st.info(as_typed(say(unshown)), icon=":material/data_object:")
        with right.container(key="assignment_preview"):
            if assignment is not None:
                _checked(assignment)
            elif in_fields and unshown is None:
                _still_wrong(faults)
            elif wrong is not None:
                for sentence in wrong.sentences:
                    st.warning(as_typed(say(sentence)), icon=":material/edit:")


def _stand_in_fields() -> UnshownError | None:
    """Have the fields say what the JSON does, or the other way round, as either has been changed.

    What keeps the fields from that is returned.
    """
    text = st.session_state[TEXT]
    if st.session_state.get(STANDS, ("", ""))[0] == text:
        _keep_fields()
        return None
    try:
        draft = draft_of(read_values(text))
    except UnshownError as error:
        return error
    except AssignmentError:  # which is said beside them
        return UnshownError(
            Sentence("The fields cannot show what is no JSON. It stays as it was typed: go on in JSON.")
        )
    draft_state.fill(draft)
    st.session_state[STANDS] = (text, draft.to_json())
    return None


def _keep_fields() -> None:
    """Bring what has been changed in the fields into the JSON; as it was typed it stays where nothing was."""
    text, made = st.session_state.get(STANDS, ("", ""))
    if text == held(TEXT) and (now := draft_state.read().to_json()) != made:
        st.session_state.update({TEXT: now, STANDS: (now, now)})


def _read() -> tuple[Assignment | None, AssignmentError | None]:
    """What stands there, or what is wrong with it."""
    try:
        return read_assignment(st.session_state[TEXT]), None
    except AssignmentError as error:
        return None, error


def _still_wrong(faults: Faults) -> None:
    """How much is said below the fields, and what belongs to none of them."""
    if faults.left != faults.all:
        n = len(faults.all) - len(faults.left)
        words = ngettext("{n} field is not right yet.", "{n} fields are not right yet.", n).format(n=n)
        st.info(words, icon=":material/edit:")
    faults.say()


def _json() -> None:
    st.text_area(_("The assignment, as JSON"), key=TEXT, height=420, **KEEP)
    st.caption(
        _(
            "In every run that counts, settings are as **fixed** says, then as the run says, and else the "
            "lab’s own; those in **free**, and the seed, may be anything."
        )
    )


def _begin() -> None:
    examples = shipped()
    names = {"": _("A short one")}
    names |= {id: in_language(example.title, current_language()) for id, example in examples.items()}

    def begin() -> None:
        chosen = held("assignment_example")
        st.session_state[TEXT] = examples[chosen].to_json() if chosen else short_example()

    st.selectbox(
        _("Begin with"),
        list(names),
        key="assignment_example",
        format_func=names.get,
        placeholder=_("Choose an example"),
        on_change=begin,
    )
    st.file_uploader(
        _("Or with a file"), type="json", key=UPLOADED, on_change=_read_upload, max_upload_size=MOST_MB
    )
    file_words(
        UPLOADED,
        _("An assignment as a JSON file, {most} kB at most; or drop it here.").format(
            most=MOST_BYTES // 1000
        ),
        _(
            "A file was not taken: it is of another kind, or too large. An assignment is the file that “Save "
            "the file” makes."
        ),
    )


def short_example() -> str:
    """The JSON of an assignment to begin with, in the learner's language, which is due in some weeks."""
    due = datetime.combine(datetime.now(ZONE) + timedelta(weeks=WEEKS), time(23, 59), ZONE)
    return json.dumps(
        {
            "format": 1,
            "title": _("My assignment"),
            "text": _("What to do, in **Markdown**."),
            "deadline": due.isoformat(timespec="minutes"),
            "minutes": 60,
            "fixed": {"architecture": "ff_classifier", "optimizer": "adam", "epochs": 10},
            "free": ["learning_rate", "train_size", "validation_size"],
            "runs": [
                {"title": _("Without dropout"), "settings": {"dropout": 0.0}},
                {"title": _("With dropout"), "settings": {"dropout": 0.2}, "seeds": 3},
            ],
            "questions": [_("What does dropout change?")],
            "sections": ["results", "discussion"],
            "pins": {"charts": 1, "tables": 1, "pictures": 0},
        },
        ensure_ascii=False,
        indent=2,
    )


def _read_upload() -> None:
    """For a callback: what is no text is refused as what it is, once it stands in the field."""
    file = st.session_state.get(UPLOADED)
    if file is not None:
        st.session_state[TEXT] = file.getvalue().decode("utf-8-sig", errors="replace")


def _checked(assignment: Assignment) -> None:
    with st.container(border=True):
        st.subheader(as_typed(in_language(assignment.title, current_language())), anchor=False)
        shown(in_language(assignment.text, current_language()), "assignment_seen")
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
