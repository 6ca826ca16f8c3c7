"""How a claim's verdict would read if its report's figures came about as the likeliest hypothesis has it."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from fmnist_core.replication.claims import Claim
from fmnist_core.replication.claims.judge import Verdict, judge
from fmnist_core.replication.claims.wording import verdict_word
from fmnist_core.replication.hypotheses import STUDIES
from fmnist_core.replication.hypotheses.hypothesis import Hypothesis
from fmnist_core.replication.hypotheses.measures import AS_TOLD
from fmnist_core.replication.hypotheses.screening import explanation, runs_under
from fmnist_core.replication.recipes import EXPERIMENTS
from pages.parts.base.i18n import _, say
from pages.parts.results.shipped_evidence import Evidence


def otherwise(claim: Claim, evidence: Evidence) -> None:
    """Nothing, where no change explains the figures, or where too few runs were trained with it."""
    for hypothesis, verdict in verdicts_under(claim, evidence):
        words = _(
            "**If {what}**, which would explain the report’s figures, the verdict is: {verdict}."
        ).format(what=say(hypothesis.sentence), verdict=say(verdict_word(verdict)))
        turns = verdict.decision != evidence.verdicts[claim.id].decision
        st.markdown(words + " " + (_("It turns.") if turns else _("It stays the same.")), width=820)


def verdicts_under(claim: Claim, evidence: Evidence) -> Iterator[tuple[Hypothesis, Verdict]]:
    """By each explanation of all figures of a study that has the claim's experiments, if it has the runs."""
    for study in STUDIES:
        first = explanation(evidence.tried.get(study.id, ()))
        if first is None or not first.hypothesis.settings or first.hypothesis.measure is not AS_TOLD:
            continue
        if not set(claim.experiments) <= {*study.screened, *study.rest}:
            continue
        runs = {
            id: runs_under(first.hypothesis, EXPERIMENTS[id], evidence.records, evidence.screened)
            for id in claim.experiments
        }
        verdict = judge(claim, runs)
        if verdict.decision != "missing":
            yield first.hypothesis, verdict
