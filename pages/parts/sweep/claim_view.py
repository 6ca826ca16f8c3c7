"""A learner's claim over its sweep: what was claimed and when, and, once opened, what came of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from fmnist_core.exports.opening import openings
from fmnist_core.own_claims.own_claim import OwnClaim, OwnClaims, judged
from fmnist_core.own_report import pin
from fmnist_core.replication.claims.judge import Verdict
from fmnist_core.replication.claims.wording import DECISIONS, verdict_sentence, verdict_word
from fmnist_core.statistics import Decision
from fmnist_core.store.runs import Run
from pages.parts.base.formatting import date_and_time, listed
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.numerals import exact
from pages.parts.base.pins import pin_button
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.sweep.claim_form import quantities
from pages.parts.sweep.progress import Progress, progress_of
from pages.parts.sweep.values import Values

COLOURS: dict[Decision, str] = {"confirmed": "green", "margin": "orange", "refuted": "red"}


def claim_view(claim: OwnClaim, progress: Progress, values: Values) -> None:
    with st.container(border=True, key="own_claim", gap="xsmall"):
        st.markdown(f":material/gavel: **{as_typed(in_words(claim, values))}**")
        assert claim.stated is not None, "it comes from the store"
        stamp = _("Stated on {moment} (UTC), before the runs.").format(moment=date_and_time(claim.stated))
        if progress.to_come:
            waits = _("It is judged when all planned runs have ended.")
            st.caption(f"{stamp} {waits}")
        elif claim.opened is None:
            closed = _("All runs have ended. The test figures are closed.")
            st.caption(f"{stamp} {closed}")
            if progress.sweep.learner == learner_id():
                st.button(
                    _("Open the test figures"),
                    key="own_claim_open",
                    type="primary",
                    icon=":material/lock_open:",
                    help=_("They stay open then. It is counted, and what you pin of the claim says so."),
                    on_click=partial(_open, progress.sweep.id),
                )
        else:
            runs_of, opened = _runs(progress, values), _opened(claim, progress)
            counted, planned = sum(map(len, runs_of.values())), len(progress.sweep.members)
            if counted < planned:
                st.markdown(
                    _(
                        "Not decided. Planned: {planned}, counted: {n}; the other runs were deleted, stopped "
                        "or changed, and to judge by what is left would be to choose."
                    ).format(planned=planned, n=counted)
                )
                st.caption(f"{stamp} {opened}")
                return
            verdict = judged(claim, _names(values), runs_of)
            st.badge(say(verdict_word(verdict)), color=COLOURS.get(verdict.decision, "gray"))
            st.markdown(as_typed(say(verdict_sentence(verdict))), width=820)
            st.caption(f"{stamp} {opened}")
            content = partial(_pinned, claim, verdict, values, stamp, opened)
            pin_button(content, in_words(claim, values), "own_claim")


def _open(sweep_id: str) -> None:
    OwnClaims(store()).open(sweep_id)
    progress_of(sweep_id)  # so that nobody looks at what was read before


def in_words(claim: OwnClaim, values: Values) -> str:
    quantity, words = quantities()[claim.quantity], list(values.words.values())
    blanks = {"quantity": quantity, "setting": values.setting, "values": listed(words)}
    blanks["value"] = words[min(claim.place, len(words) - 1)]
    blanks["margin"] = exact(round(100 * claim.margin, 3))
    sentences = {
        "falling": _("{quantity} falls from each value to the next. {setting}: {values}."),
        "rising": _("{quantity} rises from each value to the next. {setting}: {values}."),
        "lowest": _("{quantity} is lowest with {value}. {setting}: {values}."),
        "highest": _("{quantity} is highest with {value}. {setting}: {values}."),
        "alike": _("{quantity} differs by less than {margin} %. {setting}: {values}."),
    }
    if claim.quantity == "test_accuracy":
        sentences["alike"] = _("{quantity} differs by less than {margin} points. {setting}: {values}.")
    return sentences[claim.relation].format(**blanks)


def _names(values: Values) -> dict[str, str]:
    return {f"value-{k}": word for k, word in enumerate(values.words.values())}


def _runs(progress: Progress, values: Values) -> dict[str, list[Run]]:
    """By value, the runs as they were planned; those that a learner stopped or changed do not count."""
    experiments = dict(zip(values.words, _names(values), strict=True))
    runs_of: dict[str, list[Run]] = {name: [] for name in experiments.values()}
    for member, run in progress.as_planned("finished", "failed"):
        if run.status == "finished" or run.end_reason == "diverged":
            runs_of[experiments[values.of(member.spec)]].append(store().run(run.id))
    return runs_of


def _opened(claim: OwnClaim, progress: Progress) -> str:
    assert claim.opened is not None, "it was asked"
    count = openings(store(), progress.sweep.learner, claim.opened)
    return _("Test figures opened on {moment} (UTC), opening number {n} of this learner.").format(
        moment=date_and_time(claim.opened), n=count
    )


def _pinned(claim: OwnClaim, verdict: Verdict, values: Values, stamp: str, opened: str) -> pin.Content:
    rows = [
        [_("Claim"), in_words(claim, values)],
        [_("Verdict"), say(DECISIONS[verdict.decision])],
        [_("Found"), say(verdict_sentence(verdict))],
        [_("Stated"), stamp],
        [_("Test figures"), opened],
    ]
    return pin.table(["", ""], rows)
