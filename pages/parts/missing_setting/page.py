"""The page of the missing setting: figures that differ, experiments to buy, and an answer to give."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts.base import routes
from pages.parts.base.formatting import duration
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.missing_setting.case import Case, cases
from pages.parts.results.explanations import figures_table
from pages.parts.results.shipped_evidence import shipped_evidence

CASE, TRIED, SAID = "case", "tried", "said"


def missing_setting_page() -> None:
    st.title(_("The missing setting"), anchor=False)
    st.markdown(
        _(
            "A report gives its figures, and not every setting behind them. Trained as we read it, ours come "
            "out otherwise. Run experiments as far as your budget goes, then say which change makes them "
            "agree."
        ),
        width=720,
    )
    evidence = shipped_evidence()
    there = cases(evidence.tried)
    if not there:
        st.info(_("No report’s figures are explained yet, so there is nothing to find here."))
        return
    reports = [case.study.report for case in there.values()]
    titles = {
        id: case.study.report if reports.count(case.study.report) == 1 else say(case.study.title)
        for id, case in there.items()
    }
    case = there[linked_choice(_("Case"), titles, key=CASE, within=(TRIED, SAID))]
    asked = list(dict.fromkeys(id for id in st.query_params.get(TRIED, "").split(",") if id))
    bought, said = case.affordable(asked), st.query_params.get(SAID)
    if bought != asked or (said is not None and said not in case.options):
        st.warning(_("This link names experiments that are not here, or that the budget does not allow."))
    rows = [case.told, *(case.options[id] for id in bought)]
    figures_table(case.study, rows, case.varied, evidence, key=f"missing_{case.study.id}")
    if said in case.options:
        _answer(case, bought, said)
    else:
        _questions(case, bought)


def _questions(case: Case, bought: list[str]) -> None:
    """What to run next, what is left to run it, and the button that ends the game."""
    left = case.left(bought)
    st.metric(
        _("Left of your budget of training"),
        _("{left} of {all}").format(left=duration(left), all=duration(case.budget)),
        width="content",
    )
    names = {
        id: _("{what} · {cost}").format(what=say(each.hypothesis.sentence), cost=duration(case.seconds(id)))
        for id, each in case.options.items()
    }
    chosen = st.selectbox(
        _("What if …"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        key=f"next_{case.study.id}",
        placeholder=_("Choose a change"),
    )
    too_dear = chosen is not None and case.seconds(chosen) > left
    with st.container(horizontal=True):
        st.button(
            _("Run it"),
            key="missing_run",
            icon=":material/science:",
            type="primary",
            on_click=partial(_say, TRIED, ",".join([*bought, chosen or ""])),
            disabled=chosen is None or chosen in bought or too_dear,
        )
        st.button(
            _("This is it"),
            key="missing_answer",
            icon=":material/flag:",
            on_click=partial(_say, SAID, chosen or ""),
            disabled=chosen is None,
        )
    if chosen in bought:
        st.caption(_("You ran that: it stands in the table."))
    elif too_dear:
        st.caption(_("Your budget does not last for that. You may still answer."))


def _answer(case: Case, bought: list[str], said: str) -> None:
    best = say(case.options[case.answers[0]].hypothesis.sentence)
    given = case.options[said]
    if given.explains:
        words = _("Right: all figures agree if {what}.").format(what=say(given.hypothesis.sentence))
        if said not in bought:
            words += " " + _("A good guess: you had not run it.")
        if said != case.answers[0]:
            words += " " + _("Likelier still: {what}.").format(what=best)
        st.success(words, icon=":material/check:")
    else:
        agreeing = sum(figure.agrees for figure in given.figures)
        st.warning(
            _("Not that: {n} of {all} figures agree with it. All would agree if {what}.").format(
                n=agreeing, all=len(given.figures), what=best
            ),
            icon=":material/close:",
        )
    ran = ngettext(
        "You ran {n} experiment, {spent} of training.",
        "You ran {n} experiments, {spent} of training.",
        len(bought),
    )
    st.markdown(ran.format(n=len(bought), spent=duration(case.budget - case.left(bought))))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(_("Start again"), key="missing_again", icon=":material/replay:", on_click=_forget)
        st.page_link(
            routes.REPORTS,
            label=_("All that was tried"),
            icon=":material/menu_book:",
            query_params={"report": case.study.report},
        )


def _say(name: str, value: str) -> None:
    """The address keeps it, so that a link shows the game as it stands."""
    st.query_params[name] = value


def _forget() -> None:
    for name in (TRIED, SAID):
        st.query_params.pop(name, None)
