"""The board of claims: how many hold, which to show, and a card for each with its verdict and its picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape

import streamlit as st

from fmnist_core.replication.claims import CLAIMS, Claim
from fmnist_core.replication.claims.judge import Verdict
from fmnist_core.replication.claims.wording import DECISIONS
from fmnist_core.replication.recipes import REPORTS
from fmnist_core.statistics import Decision
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.results.claims.thumbnail import thumbnail
from pages.parts.results.shipped_evidence import Evidence
from pages.parts.results.verdicts import SIGNS, claim_badge, verdict_words
from pages.parts.widgets.link_table import link, linked

ALL = "all"


def counted(decision: Decision, n: int) -> str:
    """So many claims with a verdict, in words."""
    words = {
        "confirmed": ngettext("{n} confirmed", "{n} confirmed", n),
        "margin": ngettext("{n} within a margin only", "{n} within a margin only", n),
        "refuted": ngettext("{n} refuted", "{n} refuted", n),
        "noise": ngettext("{n} within seed noise", "{n} within seed noise", n),
        "missing": ngettext("{n} open", "{n} open", n),
    }
    return words[decision].format(n=n)


def summary_line(verdicts: Mapping[str, Verdict]) -> None:
    """How many of the claims are what, and how many of those confirmed luck may have made."""
    counts = Counter(verdict.decision for verdict in verdicts.values())
    items = "".join(
        f'<li class="{decision}"><b>{SIGNS[decision]}</b> {escape(counted(decision, counts[decision]))}</li>'
        for decision in DECISIONS
    )
    st.html(f'<ul class="lab-summary">{items}</ul>')
    judged = [verdict for verdict in verdicts.values() if verdict.decision != "missing"]
    if judged:
        by_luck = sum(verdict.false_confirmation for verdict in judged)
        st.caption(
            _(
                "If every claim were false by a hair, luck alone would still confirm some: at most {n} of "
                "these, on average."
            ).format(n=figure(by_luck, ".1f"))
        )


def chosen_claims(verdicts: Mapping[str, Verdict]) -> list[str]:
    """By report and verdict, as the address and the two choices say."""
    with st.container(horizontal=True, gap="small", key="claim_filters"):
        reports = {ALL: _("All reports"), **{id: id for id in REPORTS}}
        report = linked_choice(_("Report"), reports, key="report")
        decisions = {ALL: _("All verdicts"), **{decision: verdict_words(decision) for decision in DECISIONS}}
        decision = linked_choice(_("Verdict"), decisions, key="verdict")
    return [
        id
        for id, verdict in verdicts.items()
        if report in (ALL, *verdict.claim.reports) and decision in (ALL, verdict.decision)
    ]


def board(ids: list[str], evidence: Evidence, *, key: str) -> str | None:
    """The cards; returns the claim whose card was clicked."""
    if not ids:
        with st.container(border=True):
            st.markdown(_("No claim has this verdict in this report. Choose another one above."))
        return None
    cards = "".join(_card(CLAIMS[id], evidence) for id in ids)
    return linked(f'<div class="board">{cards}</div>', key=key)


def _card(claim: Claim, evidence: Evidence) -> str:
    verdict = evidence.verdicts[claim.id]
    runs = _("{runs} of {needed} runs").format(runs=verdict.runs, needed=verdict.needed)
    of = escape(", ".join(claim.reports))
    inside = (
        f"<header><b>{claim.id}</b> {of}<i>{claim_badge(verdict)}</i></header><p>"
        f"{escape(say(claim.sentence))}</p>{thumbnail(claim, evidence.records)}"
        f"<small>{escape(runs)}</small>"
    )
    return link(inside, f"claims?claim={claim.id}", claim.id, "card")
