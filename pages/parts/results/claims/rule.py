"""What stands beside a claim's rule: the report's own words, what was chosen late, and when it is no luck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import escape

import streamlit as st

from fmnist_core.replication.claims import Claim
from fmnist_core.replication.recipes import REPORTS
from pages.parts.base.formatting import day
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed


def quotes(claim: Claim) -> None:
    """In the reports' language, each with its place."""
    lines = "".join(
        f'<p><q lang="es">{escape(quote.words)}</q> <cite>{escape(say(quote.where))}</cite></p>'
        for quote in claim.quotes
    )
    st.html(f'<div class="lab-quotes">{lines}</div>')


def chosen_late(claim: Claim) -> None:
    """What was chosen when evidence could be seen, with its day; nothing where there is nothing such."""
    choices = list(late_choices(claim))
    if not choices:
        return
    days = ", ".join(dict.fromkeys(day(on) for _what, on in choices))
    word = _("chosen after evidence")
    st.html(f'<p class="lab-claim"><span class="verdict missing">{escape(word)} · {escape(days)}</span></p>')
    st.markdown("\n".join(f"- {as_typed(what)} ({day(on)})" for what, on in choices), width=820)


def late_choices(claim: Claim) -> Iterator[tuple[str, date]]:
    """Those of the claim itself, then those of its reports' settings, in words."""
    for chosen in claim.after_evidence:
        yield say(chosen.what), chosen.on
    for id in claim.reports:
        for point in REPORTS[id].open_points:
            if point.after_evidence is not None:
                words = _("A setting of {report}: {question}").format(report=id, question=say(point.question))
                yield words, point.after_evidence


def rule_in_words() -> str:
    settings = _(
        "Settings are compared seed by seed: seed 0 with seed 0, since both deal the images alike. The mean "
        "of these differences says how large the effect is, and their spread how much luck there is in it. "
        "From both follows an interval that holds the true difference in about 95 of 100 such trials."
    )
    verdicts = _(
        "**Confirmed**: all of it lies where the claim says. **Refuted**: all of it lies elsewhere, by far "
        "enough that it is no luck even though several parts were tried (Holm’s correction). **Within seed "
        "noise**: it lies across the border. Under three seeds nothing is decided. A claim of several parts "
        "holds if every part does."
    )
    margins = _(
        "What must be alike, or no better, must differ by less than a margin: each border is tested at 5 %, "
        "so the 90 % interval must lie within. An accuracy that is held against a number alone has the luck "
        "of the test images in its interval too."
    )
    effect = _(
        "The effect size counts how many spreads lie between two means (Hedges’ g): under 0.5 is little, "
        "over 2 is much."
    )
    return "\n\n".join((settings, verdicts, margins, effect))
