"""Claims, their parts and verdicts in words, with the figures that decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.replication.claims.claim import Claim, Part
from fmnist_core.replication.claims.judge import PartVerdict, Verdict
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.naming import name
from fmnist_core.sentences import Sentence, figure
from fmnist_core.statistics import ABOVE_ZERO, BELOW_ZERO, Decision

DECISIONS: dict[Decision, Sentence] = {
    "confirmed": Sentence("confirmed"),
    "refuted": Sentence("refuted"),
    "noise": Sentence("within seed noise"),
    "missing": Sentence("not enough evidence yet"),
}


def side(claim: Claim, experiments: Sequence[str]) -> Sentence:
    """What a part compares: an experiment by its settings, several by their network."""
    first = EXPERIMENTS[experiments[0]]
    if len(experiments) == 1:
        return name(first, claim.varied)
    return ARCHITECTURES[first.spec.architecture].in_sentence


def part_sentence(claim: Claim, part: Part) -> Sentence:
    """What must hold, in one line."""
    quantity, one = part.quantity.label, side(claim, part.of)
    low, high = (border(part, value) for value in (part.within.low, part.within.high))
    bounded = math.isfinite(part.within.low), math.isfinite(part.within.high)
    if not part.against:
        match bounded:
            case (False, True):
                return Sentence("{quantity}: {one} < {border}", quantity=quantity, one=one, border=high)
            case (True, False):
                return Sentence("{quantity}: {one} > {border}", quantity=quantity, one=one, border=low)
        return Sentence("{quantity}: {low} < {one} < {high}", quantity=quantity, low=low, one=one, high=high)
    other = side(claim, part.against)
    blanks = {"quantity": quantity, "one": one, "other": other}
    if part.against_quantity is not None:
        return Sentence(
            "{quantity}: {one} < {other_quantity}: {other}",
            other_quantity=part.against_quantity.label,
            **blanks,
        )
    if part.relation == "ratio":
        return Sentence("{quantity}: {one} is {low} to {high} times {other}", low=low, high=high, **blanks)
    if part.within == ABOVE_ZERO:
        return Sentence("{quantity}: {one} > {other}", **blanks)
    if part.within == BELOW_ZERO:
        return Sentence("{quantity}: {one} < {other}", **blanks)
    if bounded == (False, True):
        return Sentence("{quantity}: {one} less than {margin} above {other}", margin=high, **blanks)
    return Sentence("{quantity}: {one} and {other} less than {margin} apart", margin=high, **blanks)


def written(part: Part, value: float, half_width: float | None = None, fewest: bool = False) -> Sentence:
    """A number of the part's in its unit, or two, "1.2 ± 0.3"; differences of shares are in points.

    With the `fewest` decimals there are none that are zero.
    """
    unit = part.quantity.unit
    percent = part.relation == "difference" and unit in ("share", "part")
    digits = 4 if unit == "loss" and part.relation == "difference" else 1 if unit == "epochs" else 2
    scale = 100 if percent else 1
    if fewest:
        digits = len(f"{scale * value:.{digits}f}".partition(".")[2].rstrip("0"))
    text = figure(scale * value, f".{digits}f")
    if half_width is not None:
        text = Sentence(
            "{mean} ± {half_width}", mean=text, half_width=figure(scale * half_width, f".{digits}f")
        )
    if percent and unit == "share" and part.against:
        one = fewest and scale * value == 1
        return Sentence("{number} point", number=text) if one else Sentence("{number} points", number=text)
    return Sentence("{number} %", number=text) if percent else text


def border(part: Part, value: float) -> Sentence:
    """A number that must not be crossed, with no more decimals than it has: "5 %"."""
    return written(part, value, fewest=True)


def finding(claim: Claim, judged: PartVerdict) -> Sentence:
    """What was expected of a part, and what was found, in one sentence."""
    part = judged.part
    blanks: dict[str, Any] = {
        "quantity": part.quantity.label,
        "one": side(claim, part.of),
        "low": border(part, part.within.low),
        "high": border(part, part.within.high),
        "found": figures(judged),
    }
    if not part.against:
        return _finding_alone(part, blanks)
    blanks["other"] = side(claim, part.against)
    if part.against_quantity is not None:
        return Sentence(
            "{quantity}: “{one}” was expected below “{other}” ({other_quantity}); the difference is {found}.",
            other_quantity=part.against_quantity.label,
            **blanks,
        )
    if part.relation == "ratio":
        return Sentence(
            "{quantity}: “{one}” was expected to be {low} to {high} times “{other}”; it is {found}.", **blanks
        )
    if part.within == ABOVE_ZERO:
        return Sentence(
            "{quantity}: “{one}” was expected above “{other}”; the difference is {found}.", **blanks
        )
    if part.within == BELOW_ZERO:
        return Sentence(
            "{quantity}: “{one}” was expected below “{other}”; the difference is {found}.", **blanks
        )
    if math.isfinite(part.within.low):
        return Sentence(
            "{quantity}: “{one}” and “{other}” were expected less than {high} apart; the difference is "
            "{found}.",
            **blanks,
        )
    return Sentence(
        "{quantity}: “{one}” was expected less than {high} above “{other}”; the difference is {found}.",
        **blanks,
    )


def _finding_alone(part: Part, blanks: dict[str, Any]) -> Sentence:
    """`finding` of a part that compares with nothing but a border."""
    match part.quantity.moves, math.isfinite(part.within.low), math.isfinite(part.within.high):
        case "rises", True, False:
            return Sentence(
                "The loss of “{one}” was expected to rise by more than {low}; it rose by {found}.", **blanks
            )
        case "rises", False, True:
            return Sentence(
                "The loss of “{one}” was expected to rise by less than {high}; it rose by {found}.", **blanks
            )
        case "falls", False, True:
            return Sentence(
                "The loss of “{one}” was expected to fall by less than {high}; it fell by {found}.", **blanks
            )
        case _, True, False:
            return Sentence("{quantity}: “{one}” was expected over {low}; it is {found}.", **blanks)
        case _, False, True:
            return Sentence("{quantity}: “{one}” was expected under {high}; it is {found}.", **blanks)
    return Sentence("{quantity}: “{one}” was expected between {low} and {high}; it is {found}.", **blanks)


def figures(judged: PartVerdict) -> Sentence:
    """Mean, its uncertainty, standard deviation, effect size and seeds, of a part with two seeds or more."""
    known, part = judged.estimate, judged.part
    assert known is not None, "one seed has no standard deviation"
    blanks = {
        "mean": written(part, known.mean, known.half_width),
        "spread": written(part, known.standard_deviation),
        "seeds": known.seeds,
    }
    if judged.effect is None:
        return Sentence("{mean} (spread {spread}, {seeds} seeds)", **blanks)
    effect = figure(judged.effect, ".1f")
    return Sentence("{mean} (spread {spread}, effect size {effect}, {seeds} seeds)", effect=effect, **blanks)


def deciding(verdict: Verdict) -> PartVerdict | None:
    """The part on which the verdict hangs: what is refuted most clearly, undecided, or confirmed least."""
    if verdict.decision == "missing":
        return None
    parts = verdict.decided(verdict.decision)
    return (max if verdict.decision == "refuted" else min)(parts, key=_certainty)


def verdict_sentence(verdict: Verdict) -> Sentence:
    """The verdict with the figures of the part on which it hangs, or how many runs it still lacks."""
    part = deciding(verdict)
    if part is None:
        return Sentence(
            "Not enough evidence yet: {runs} of {needed} runs are there.",
            runs=verdict.runs,
            needed=verdict.needed,
        )
    blanks = {
        "finding": finding(verdict.claim, part),
        "count": len(verdict.decided(verdict.decision)),
        "all": len(verdict.parts),
    }
    match verdict.decision, len(verdict.parts):
        case "confirmed", 1:
            return Sentence("Confirmed beyond seed noise. {finding}", **blanks)
        case "refuted", 1:
            return Sentence("Refuted beyond seed noise. {finding}", **blanks)
        case "noise", 1:
            return Sentence("Within seed noise. {finding}", **blanks)
        case "confirmed", _:
            return Sentence(
                "Confirmed beyond seed noise, in each of its {all} parts. The closest: {finding}",
                **blanks,
            )
        case "refuted", _:
            return Sentence(
                "Refuted beyond seed noise, in {count} of {all} parts. The clearest: {finding}",
                **blanks,
            )
    return Sentence(
        "Within seed noise: {count} of {all} parts cannot be told from luck. The closest: {finding}",
        **blanks,
    )


def _certainty(judged: PartVerdict) -> float:
    """How far the mean lies from the nearest border, in half widths of its interval: over 1 is decided."""
    known, within = judged.estimate, judged.part.within
    assert known is not None, "a part that is decided has seeds enough"
    if not math.isfinite(known.mean):
        return math.inf
    away = min(abs(known.mean - within.low), abs(known.mean - within.high))
    return away / known.half_width if known.half_width else math.inf
