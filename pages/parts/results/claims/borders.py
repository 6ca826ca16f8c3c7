"""What a claim's verdict hangs on besides the runs: the borders that were chosen, and the number of seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import streamlit as st

from fmnist_core.replication.claims.borders import Borders, borders
from fmnist_core.replication.claims.claim import PLANNED_ON, Claim, Part
from fmnist_core.replication.claims.judge import PartVerdict, Verdict
from fmnist_core.replication.claims.wording import part_sentence, written
from fmnist_core.statistics import MOST_SEEDS, Range, seeds_to_decide
from pages.parts.base.formatting import NONE, day
from pages.parts.base.i18n import _, say
from pages.parts.widgets.link_table import cell, linked_table, study

WIDTH, HEIGHT = 130, 12  # of a strip
COLOURS = {"confirmed": "#009E73", "refuted": "#D55E00", "noise": "#56B4E9"}


def other_borders(verdict: Verdict) -> None:
    """Part by part: the border, which others would confirm or refute, and how many seeds would decide."""
    st.subheader(_("Other borders, other verdicts"), anchor=False)
    heads = (
        _("What must hold"),
        _("Border"),
        _("Confirmed if it is"),
        _("Refuted if it is"),
        _("All borders"),
        _("Seeds to decide"),
    )
    rows = "".join(_part(verdict.claim, part, heads) for part in verdict.parts)
    what = _("Other borders, other verdicts")
    linked_table(study(what, heads, rows), what, key=f"{verdict.claim.id}_borders")
    st.caption(
        _(
            "Each part by itself, not corrected for the others. Seeds to decide: so many would decide in 8 "
            "of 10 trials, if today’s mean and spread are the true ones."
        )
    )
    if verdict.claim.planned_seeds is not None:
        st.caption(
            _(
                "Seeds of this claim in all, a number fixed on {day}, before they are run: {planned}. Today: "
                "{n}. To add seeds until a verdict pleases would make it wrong more often."
            ).format(day=day(PLANNED_ON), planned=verdict.claim.planned_seeds, n=_seeds(verdict))
        )


def _seeds(verdict: Verdict) -> int:
    return min(len(part.seeds) for part in verdict.parts)


def _part(claim: Claim, judged: PartVerdict, heads: Sequence[str]) -> str:
    part, turning = judged.part, borders(judged)
    inside = [NONE] * 4
    if turning is not None:
        chosen = say(written(part, turning.chosen, fewest=True))
        inside[0] = escape(f"± {chosen}" if turning.margin else chosen)
        inside[1] = escape(_range(part, turning.confirmed))
        inside[2] = NONE if turning.refuted is None else escape(_range(part, turning.refuted))
        inside[3] = _strip(turning)
    cells = "".join(cell(head, text, "n") for head, text in zip(heads[1:5], inside, strict=True))
    cells += cell(heads[5], escape(_to_decide(judged)), "n")
    name = escape(say(part_sentence(claim, part)))
    return f'<tbody><tr><th scope="rowgroup" class="plain">{name}</th>{cells}</tr></tbody>'


def _range(part: Part, values: Range) -> str:
    if math.isinf(values.high):
        return _("over {border}").format(border=say(written(part, values.low)))
    return _("under {border}").format(border=say(written(part, values.high)))


def _to_decide(judged: PartVerdict) -> str:
    if judged.estimate is None or not judged.estimate.error or not math.isfinite(judged.estimate.mean):
        return NONE
    seeds = seeds_to_decide(judged.hypothesis)
    return f"> {MOST_SEEDS}" if seeds is None else str(seeds)


def _strip(turning: Borders) -> str:
    """A bar over all borders, coloured by the verdict that each would give, with a mark at the chosen one."""
    of_ranges = [turning.confirmed] + ([] if turning.refuted is None else [turning.refuted])
    ends = [end for values in of_ranges for end in (values.low, values.high) if math.isfinite(end)]
    low, high = min([*ends, turning.chosen]), max([*ends, turning.chosen])
    room = 0.25 * (high - low) or 1.0
    low, high = (0.0 if turning.margin else low - room), high + room

    def place(value: float) -> float:
        return WIDTH * (min(max(value, low), high) - low) / (high - low)

    shapes = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{COLOURS["noise"]}" fill-opacity="0.4"/>'
    for values, verdict in zip(of_ranges, ("confirmed", "refuted"), strict=False):
        start, end = place(values.low), place(values.high)
        shapes += (
            f'<rect x="{start:.1f}" width="{end - start:.1f}" height="{HEIGHT}" fill="{COLOURS[verdict]}" '
            'fill-opacity="0.7"/>'
        )
    mark = place(turning.chosen)
    shapes += f'<path d="M{mark:.1f} 0V{HEIGHT}" stroke="currentColor" stroke-width="2.5"/>'
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f"{shapes}</svg>"
    )
