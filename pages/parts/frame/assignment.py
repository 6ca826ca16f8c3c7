"""The assignment that a learner has taken, beside all work: what of it is done, and whether a run counts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import streamlit as st

from fmnist_core.assignments.assignment import RequiredRun, in_language
from fmnist_core.assignments.handed_out import AssignmentNotFound, Assignments, Taken
from fmnist_core.assignments.standing import Standing, standing
from fmnist_core.own_report.reports import OwnReport
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import StoreError
from pages.parts.base.formatting import count, date_and_time, duration, listed
from pages.parts.base.i18n import _, current_language
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import ASSIGNMENTS
from pages.parts.base.services import store
from pages.parts.base.spec_words import setting
from pages.parts.base.typed_text import as_typed

KEY = "assignment_taken"
ENCODERS: dict[str, Callable[[], str]] = {
    "untrained": lambda: _("an encoder that has learned nothing"),
    "trained": lambda: _("a trained encoder that learns on"),
    "frozen": lambda: _("a trained encoder, frozen"),
}


def assignments() -> Assignments:
    return Assignments(store(), learner_id())


def taken() -> Taken | None:
    """What this learner works on; asked of the store once a session, and after each change."""
    if KEY not in st.session_state:
        try:
            st.session_state[KEY] = assignments().taken()
        except AssignmentNotFound:
            st.session_state[KEY] = None
    return st.session_state[KEY]


def look_again() -> None:
    st.session_state.pop(KEY, None)


def standing_of(taken: Taken) -> Standing:
    runs, report = store().runs(learner_id()), OwnReport(store(), learner_id()).read()
    return standing(taken, runs, report)


def beside_the_work() -> None:
    """For the sidebar: nothing where no assignment is taken."""
    try:
        mine = taken()
        stand = None if mine is None else standing_of(mine)
    except StoreError as error:  # of which the page speaks, if it needs the store, and the frame's notice
        logging.getLogger(__name__).debug("no assignment is shown: %s", error)
        return
    if mine is None or stand is None:
        return
    with st.container(border=True, gap="xsmall", key="assignment_beside"):
        st.page_link(ASSIGNMENTS, label=_("Your assignment"), icon=":material/assignment:")
        title = as_typed(in_language(mine.assignment.title, current_language()))
        st.caption(" · ".join([f"**{title}**", parts_done(stand), *limits(mine, stand)]))


def parts_done(stand: Standing) -> str:
    return _("{n} of {all} parts done").format(n=sum(stand.parts), all=len(stand.parts))


def limits(taken: Taken, stand: Standing) -> list[str]:
    """What is spent of the budget, and how long there is time; what is overstepped stands out."""
    words = []
    if stand.budget is not None:
        spent = _("training: {spent} of {budget} min").format(
            spent=count(round(stand.seconds / 60)), budget=count(round(stand.budget / 60))
        )
        words.append(f"**:red[{spent}]**" if stand.is_over_budget else spent)
    deadline = taken.assignment.deadline
    if deadline is not None:
        left = (deadline - datetime.now(UTC)).total_seconds()
        if left > 0:
            words.append(_("due in {time}").format(time=duration(left)))
        else:
            over = _("was due on {moment}").format(moment=with_zone(deadline))
            words.append(f"**:red[{over}]**")
    return words


def with_zone(moment: datetime) -> str:
    """As its author wrote it, since a class may sit in several zones."""
    return f"{date_and_time(moment)} ({moment.tzname()})"


def say_whether_it_counts(spec: RunSpec) -> None:
    """For the form: of which part of the assignment the run would be, or what keeps it from that."""
    mine = taken()
    if mine is None or not mine.assignment.runs:
        return
    language = current_language()
    judged = [(required, mine.assignment.misfits(required, spec)) for required in mine.assignment.runs]
    counting = [in_language(required.title, language) for required, misfits in judged if not misfits]
    if counting:
        words = _("Counts for the assignment: {runs}.").format(runs=as_typed(listed(counting)))
        st.caption(f":material/assignment_turned_in: {words}")
        return
    near = [one for one in judged if one[1] != ["architecture"]]
    if not near:
        return
    nearest, misfits = min(near, key=lambda one: len(one[1]))
    words = _("Does not count for the assignment. For “{run}” it takes {settings}.").format(
        run=as_typed(in_language(nearest.title, language)),
        settings=as_typed(listed(it_takes(nearest, mine.assignment.asked(nearest), misfits))),
    )
    st.caption(f":material/assignment_late: {words}")


def it_takes(required: RequiredRun, asked: RunSpec, misfits: Iterable[str]) -> list[str]:
    """What a run would have to be, in words, by the settings that do not fit."""
    return [
        ENCODERS[required.encoder]()
        if name == "encoder" and required.encoder
        else setting(name, getattr(asked, name))
        for name in misfits
    ]
