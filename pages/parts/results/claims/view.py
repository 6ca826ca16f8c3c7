"""One claim: its verdict and why, the picture that decides it, the rule, the figures, and ways to run it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from fmnist_core.replication.claims import CLAIMS, Claim
from fmnist_core.replication.claims.judge import PartVerdict, Verdict
from fmnist_core.replication.claims.wording import deciding, part_sentence, verdict_sentence, written
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from pages.parts.base import pins
from pages.parts.base.formatting import NONE, figure
from pages.parts.base.i18n import _, say
from pages.parts.results.claims.borders import other_borders
from pages.parts.results.claims.otherwise import otherwise
from pages.parts.results.claims.picture import claim_pictures
from pages.parts.results.claims.rule import chosen_late, quotes, rule_in_words
from pages.parts.results.reasons import draw_reasons, reasons_for
from pages.parts.results.repeat import repeat_button
from pages.parts.results.report_table import report_table
from pages.parts.results.shipped_evidence import Evidence
from pages.parts.results.verdicts import badge, claim_badge
from pages.parts.widgets.link_table import cell, linked_table, study


def claim_view(claim: Claim, evidence: Evidence, *, model_href: str) -> None:
    verdict = evidence.verdicts[claim.id]
    pins.about_runs(partial(evidence.behind, claim.experiments))
    of = escape(", ".join(claim.reports))
    st.html(f'<p class="lab-claim"><b>{claim.id}</b> {of} {claim_badge(verdict)}</p>')
    st.header(say(claim.sentence), anchor=False)
    quotes(claim)
    st.markdown(say(verdict_sentence(verdict)), width=820)
    claim_pictures(claim, evidence.records)
    st.subheader(_("The rule"), anchor=False)
    st.markdown(say(claim.criterion), width=820)
    chosen_late(claim)
    _parts(verdict)
    with st.expander(_("When is it more than luck?"), icon=":material/casino:"):
        st.markdown(rule_in_words())
    other_borders(verdict)
    _reasons(claim, evidence)
    otherwise(claim, evidence)
    st.subheader(_("Run it yourself"), anchor=False)
    in_order = [id for id in EXPERIMENTS if id in claim.experiments]
    repeat_button(in_order, key=claim.id)
    report_table(in_order, claim.varied, evidence, key=f"{claim.id}_table", model_href=model_href)


def neighbours(id: str, ids: Sequence[str] = tuple(CLAIMS)) -> tuple[str | None, str | None]:
    """The claims before and after one."""
    place = ids.index(id)
    return ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None


def _parts(verdict: Verdict) -> None:
    """What must hold, part by part, with the figures found."""
    heads = (_("What must hold"), _("Verdict"), _("Found"), _("Interval"), _("Effect size"), _("Seeds"))
    last = deciding(verdict)
    rows = "".join(_part(verdict.claim, part, part is last, heads) for part in verdict.parts)
    what = _("What must hold")
    linked_table(study(what, heads, rows), what, key=f"{verdict.claim.id}_parts")
    st.caption(
        _(
            "Found: the mean over seeds, and the interval that decides. Losses are compared in percent. In "
            "bold: what the verdict hangs on."
        )
    )


def _part(claim: Claim, part: PartVerdict, decides: bool, heads: Sequence[str]) -> str:
    known = part.estimate
    cells_inside = [badge(part.decision), NONE, NONE]
    if known is not None and math.isfinite(known.mean):
        reach = known.interval(part.part.confidence)
        cells_inside[1] = escape(say(written(part.part, known.mean)))
        low, high = (say(written(part.part, end)) for end in (reach.low, reach.high))
        cells_inside[2] = escape(_("{low} to {high}").format(low=low, high=high))
    effect = NONE if part.effect is None else figure(part.effect, ".1f")
    cells_inside += [effect, str(len(part.seeds))]
    name = escape(say(part_sentence(claim, part.part)))
    cells = "".join(cell(head, inside, "n") for head, inside in zip(heads[1:], cells_inside, strict=True))
    kind = "decides" if decides else "plain"
    return f'<tbody><tr><th scope="rowgroup" class="{kind}">{name}</th>{cells}</tr></tbody>'


def _reasons(claim: Claim, evidence: Evidence) -> None:
    """Why, likely: where figures behind this claim differ from the published ones, or it does not hold."""
    compared = [comparison for id in claim.reports for comparison in evidence.compared[id]]
    reasons = reasons_for(compared, claim.experiments, claim.varied)
    fails = evidence.verdicts[claim.id].decision in ("refuted", "noise")
    if not reasons and fails:
        left = [
            say(point.question)
            for id in claim.reports
            for point in REPORTS[id].open_points
            if not point.experiments or set(point.experiments) & set(claim.experiments)
        ]
        reasons = {_("Left open by the report"): tuple(left)} if left else {}
    draw_reasons(reasons, open=fails)
