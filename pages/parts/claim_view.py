"""One claim: its verdict and why, the picture that decides it, the rule, the figures, and ways to run it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from fmnist_core.claims import CLAIMS, Claim
from fmnist_core.claims.judge import PartVerdict, Verdict
from fmnist_core.claims.wording import deciding, part_sentence, verdict_sentence, written
from fmnist_core.recipes import EXPERIMENTS, REPORTS
from pages.parts.claim_picture import claim_pictures
from pages.parts.figures import NONE
from pages.parts.language import _, say
from pages.parts.linked import linked
from pages.parts.repeat import repeat_button
from pages.parts.report_table import cell, report_table, setting_name, study
from pages.parts.shipped_evidence import Evidence
from pages.parts.verdicts import badge


def claim_view(claim: Claim, evidence: Evidence, *, model_href: str) -> None:
    verdict = evidence.verdicts[claim.id]
    of = escape(", ".join(claim.reports))
    st.html(f'<p class="lab-claim"><b>{claim.id}</b> {of} {badge(verdict.decision)}</p>')
    st.header(say(claim.sentence), anchor=False)
    st.markdown(say(verdict_sentence(verdict)), width=820)
    claim_pictures(claim, evidence.records)
    st.subheader(_("The rule"), anchor=False)
    st.markdown(say(claim.criterion), width=820)
    _parts(verdict)
    with st.expander(_("When is it more than luck?"), icon=":material/casino:"):
        st.markdown(rule_in_words())
    _reasons(claim, evidence)
    st.subheader(_("Run it yourself"), anchor=False)
    in_order = [id for id in EXPERIMENTS if id in claim.experiments]
    repeat_button(in_order, key=claim.id)
    report_table(in_order, claim.varied, evidence, key=f"{claim.id}_table", model_href=model_href)


def neighbours(id: str, ids: Sequence[str] = tuple(CLAIMS)) -> tuple[str | None, str | None]:
    """The claims before and after one."""
    place = ids.index(id)
    return ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None


def rule_in_words() -> str:
    return _(
        "Settings are compared seed by seed: seed 0 with seed 0, since both deal the images alike and begin "
        "alike. The mean of these differences says how large the effect is, and their spread how much luck "
        "there is in it. From both follows an interval, mean ± t · spread / √n, that holds the true "
        "difference in about 95 of 100 such trials. **Confirmed**: all of it lies where the claim says. "
        "**Refuted**: all of it lies elsewhere. **Within seed noise**: it lies across the border. Under "
        "three seeds nothing is decided. The effect size counts how many spreads lie between two means: "
        "under 0.5 is little, over 2 is much. A claim of several parts holds if every part does."
    )


def _parts(verdict: Verdict) -> None:
    """What must hold, part by part, with the figures found."""
    heads = (_("What must hold"), _("Verdict"), _("Found"), _("Spread"), _("Effect size"), _("Seeds"))
    last = deciding(verdict)
    rows = "".join(_part(verdict.claim, part, part is last, heads) for part in verdict.parts)
    linked(study(_("What must hold"), heads, rows), key=f"{verdict.claim.id}_parts")
    st.caption(_("Found: the mean over seeds ± half its interval. In bold: what the verdict hangs on."))


def _part(claim: Claim, part: PartVerdict, decides: bool, heads: Sequence[str]) -> str:
    known = part.estimate
    told = [badge(part.decision), NONE, NONE]
    if known is not None:
        told[1] = escape(_text(written(part.part, known.mean, known.half_width)))
        told[2] = escape(_text(written(part.part, known.spread)))
    effect = NONE if part.effect is None else f"{part.effect:.1f}".replace("-", "\N{MINUS SIGN}")
    told += [effect.replace("inf", "∞"), str(len(part.seeds))]
    name = escape(say(part_sentence(claim, part.part)))
    cells = "".join(cell(head, inside, "n") for head, inside in zip(heads[1:], told, strict=True))
    kind = "decides" if decides else "plain"
    return f'<tbody><tr><th scope="rowgroup" class="{kind}">{name}</th>{cells}</tr></tbody>'


def _text(words: object) -> str:
    return words if isinstance(words, str) else say(words)


def _reasons(claim: Claim, evidence: Evidence) -> None:
    """Why, likely: where figures behind this claim differ from the published ones, or it does not hold."""
    told: dict[str, list[str]] = {}
    for compared in (one for id in claim.reports for one in evidence.compared[id]):
        if compared.experiment.id in claim.experiments and compared.reasons:
            of_one = told.setdefault(setting_name(compared.experiment, claim.varied), [])
            of_one += [words for words in map(say, compared.reasons) if words not in of_one]
    if not told and evidence.verdicts[claim.id].decision in ("refuted", "noise"):
        left = [
            say(point.question)
            for id in claim.reports
            for point in REPORTS[id].open_points
            if not point.experiments or set(point.experiments) & set(claim.experiments)
        ]
        told = {_("Left open by the report"): left} if left else {}
    if told:
        holds = evidence.verdicts[claim.id].decision == "confirmed"
        title = _("Where we differ, and the likeliest reasons")
        with st.expander(title, icon=":material/help:", expanded=not holds):
            for name, reasons in told.items():
                st.markdown(f"**{name}**\n" + "\n".join(f"- {reason}" for reason in reasons))
