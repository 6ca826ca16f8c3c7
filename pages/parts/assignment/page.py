"""The page of assignments: the one taken or the one that a link names, and those to choose from."""

from __future__ import annotations

from functools import partial

import streamlit as st

from fmnist_core.assignments.assignment import Assignment, in_language
from fmnist_core.assignments.handed_out import AssignmentNotFound, Taken
from fmnist_core.assignments.reading import shipped
from pages.parts.assignment.asked import asked
from pages.parts.assignment.checklist import checklist
from pages.parts.assignment.handing_out import handing_out
from pages.parts.base.i18n import _, current_language, say
from pages.parts.base.typed_text import as_typed
from pages.parts.frame.assignment import assignments, limits, look_again, parts_done, standing_of, taken
from pages.parts.my_report.change import change, say_refused
from pages.parts.my_report.pinned import shown

OPENED = "assignment"  # in the address: the name of one


def assignments_page() -> None:
    st.title(_("Assignments"), anchor=False)
    say_refused()
    mine, named = taken(), st.query_params.get(OPENED)
    if named is not None and (mine is None or mine.id != named):
        _offered(named, mine)
    elif mine is not None:
        _taken(mine)
    else:
        _to_choose()
    handing_out()


def _to_choose() -> None:
    st.markdown(
        _(
            "An assignment says what to train, to show and to answer, and keeps count of what is still "
            "missing. Your lecturer gives you a link; these two come with the lab."
        ),
        width=720,
    )
    for id, assignment in shipped().items():
        with st.container(border=True, key=f"assignment_{id}"):
            st.subheader(_title(assignment), anchor=False)
            asked(assignment)
            st.button(
                _("Look at it"), key=f"open_{id}", icon=":material/assignment:", on_click=partial(_open, id)
            )


def _offered(id: str, mine: Taken | None) -> None:
    try:
        assignment = assignments().find(id)
    except AssignmentNotFound as error:
        st.warning(as_typed(say(error)), icon=":material/link_off:")
        _taken(mine) if mine is not None else _to_choose()
        return
    st.header(_title(assignment), anchor=False)
    _text(assignment)
    with st.container(border=True):
        asked(assignment)
    if mine is not None:
        st.caption(
            _("You are working on “{title}”. What you have trained and written stays.").format(
                title=_title(mine.assignment)
            )
        )
    with st.container(horizontal=True):
        st.button(
            _("Take this assignment"), type="primary", key="assignment_take", on_click=partial(_take, id)
        )
        st.button(_("Back"), key="assignment_back", on_click=_close)


def _taken(mine: Taken) -> None:
    stand = standing_of(mine)
    st.header(_title(mine.assignment), anchor=False)
    words = " · ".join([parts_done(stand), *limits(mine, stand)])
    st.progress(sum(stand.parts) / len(stand.parts), words)
    _text(mine.assignment)
    checklist(mine, stand)
    st.button(
        _("Give it back"),
        key="assignment_give_back",
        icon=":material/undo:",
        type="tertiary",
        help=_("It is beside your work no longer. What you have trained and written stays."),
        on_click=partial(_give_back, mine.id),
    )


def _title(assignment: Assignment) -> str:
    return as_typed(in_language(assignment.title, current_language()))


def _text(assignment: Assignment) -> None:
    shown(in_language(assignment.text, current_language()), "assignment_text")


def _open(id: str) -> None:
    st.query_params[OPENED] = id


def _close() -> None:
    st.query_params.pop(OPENED, None)


def _take(id: str) -> None:
    change(partial(assignments().take, id))
    look_again()


def _give_back(id: str) -> None:
    change(partial(assignments().give_back, id))
    look_again()
    _close()
