"""Claims, their parts and verdicts in words, with the figures that decide."""

from __future__ import annotations

import math
from typing import Any

from fmnist_core.replication.claims.claim import Claim, Part
from fmnist_core.replication.claims.judge import PartVerdict, Verdict
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.naming import name
from fmnist_core.sentences import Sentence, figure
from fmnist_core.statistics import ABOVE_ZERO, BELOW_ZERO, Decision, students_t

DECISIONS: dict[Decision, Sentence] = {
    "confirmed": Sentence("confirmed"),
    "margin": Sentence("within a margin only"),
    "refuted": Sentence("refuted"),
    "noise": Sentence("within seed noise"),
    "missing": Sentence("not enough evidence yet"),
}


def side(claim: Claim, experiment: str) -> Sentence | str:
    """What a part compares: an experiment by its settings."""
    if experiment in claim.sides:
        return claim.sides[experiment]
    return name(EXPERIMENTS[experiment], claim.varied)


def part_sentence(claim: Claim, part: Part) -> Sentence:
    """What must hold, in one line."""
    if part.relation == "trend":
        return _trend(claim, part)
    quantity, one = part.quantity.label, side(claim, part.of[0])
    low, high = (border(part, value) for value in (part.within.low, part.within.high))
    bounded = math.isfinite(part.within.low), math.isfinite(part.within.high)
    if not part.against:
        match bounded:
            case (False, True):
                return Sentence("{quantity}: {one} < {border}", quantity=quantity, one=one, border=high)
            case (True, False):
                return Sentence("{quantity}: {one} > {border}", quantity=quantity, one=one, border=low)
        return Sentence("{quantity}: {low} < {one} < {high}", quantity=quantity, low=low, one=one, high=high)
    other = side(claim, part.against[0])
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
    if bounded == (True, False):
        return Sentence("{quantity}: {one} more than {margin} above {other}", margin=low, **blanks)
    return Sentence("{quantity}: {one} and {other} less than {margin} apart", margin=high, **blanks)


def written(part: Part, value: float, fewest: bool = False) -> Sentence:
    """A number of the part's in its unit; differences of shares are in points, those of losses in percent.

    With the `fewest` decimals there are none that are zero.
    """
    unit = part.quantity.unit
    if part.relation == "ratio":
        value, scale, digits = math.exp(value), 1, 2
    elif part.logarithmic:
        value, scale, digits = math.expm1(value), 100, 2
    else:
        scale = 100 if unit in ("share", "part") else 1
        digits = {"loss": 4, "loss_difference": 4, "epochs": 1}.get(unit, 2)
    if fewest:
        digits = len(f"{scale * value:.{digits}f}".partition(".")[2].rstrip("0"))
    text = figure(scale * value, f".{digits}f")
    if unit == "share" and (part.against or part.relation == "trend"):
        one = fewest and scale * value == 1
        return Sentence("{number} point", number=text) if one else Sentence("{number} points", number=text)
    return Sentence("{number} %", number=text) if scale == 100 else text


def border(part: Part, value: float) -> Sentence:
    """A number that must not be crossed, with no more decimals than it has: "5 %"."""
    return written(part, value, fewest=True)


def finding(claim: Claim, judged: PartVerdict) -> Sentence:
    """What was expected of a part, and what was found, in one sentence."""
    part = judged.part
    if part.relation == "trend":
        return _trend_found(claim, judged)
    blanks: dict[str, Any] = {
        "quantity": part.quantity.label,
        "one": side(claim, part.of[0]),
        "low": border(part, part.within.low),
        "high": border(part, part.within.high),
        "found": figures(judged),
    }
    if not part.against:
        return _finding_alone(part, blanks)
    blanks["other"] = side(claim, part.against[0])
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
    if not math.isfinite(part.within.high):
        return Sentence(
            "{quantity}: “{one}” was expected more than {low} above “{other}”; the difference is {found}.",
            **blanks,
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
    """Mean, the interval that decides, effect size and seeds, of a part with two seeds or more."""
    known, part = judged.estimate, judged.part
    assert known is not None, "one seed has no standard deviation"
    if not math.isfinite(known.mean):
        return Sentence("unknown, since a run diverged")
    reach = known.interval(part.confidence)
    blanks = {
        "mean": written(part, known.mean),
        "confidence": round(100 * part.confidence),
        "low": written(part, reach.low),
        "high": written(part, reach.high),
        "seeds": known.seeds,
    }
    if judged.effect is None:
        return Sentence("{mean} ({confidence} % interval: {low} to {high}, {seeds} seeds)", **blanks)
    effect = figure(judged.effect, ".1f")
    return Sentence(
        "{mean} ({confidence} % interval: {low} to {high}, effect size {effect}, {seeds} seeds)",
        effect=effect,
        **blanks,
    )


def verdict_word(verdict: Verdict) -> Sentence:
    """The verdict in few words; of one that holds within a margin alone, what is true of it."""
    part = deciding(verdict)
    if verdict.decision == "margin" and part is not None:
        return Sentence("better, by less than {margin}", margin=border(part.part, part.part.within.high))
    return DECISIONS[verdict.decision]


def deciding(verdict: Verdict) -> PartVerdict | None:
    """The part on which the verdict hangs: what is refuted most clearly, undecided, or confirmed least."""
    if verdict.decision == "missing":
        return None
    parts = verdict.decided(verdict.decision)
    return (max if verdict.decision == "refuted" else min)(parts, key=_certainty)


def verdict_sentence(verdict: Verdict) -> Sentence:
    """The verdict with the figures of the part on which it hangs, or how many runs it still lacks."""
    part = deciding(verdict)
    if verdict.mixed:
        return Sentence(
            "Not compared: the seeds of {experiment} were calculated in more than one precision. Run those "
            "of one precision again.",
            experiment=verdict.mixed[0],
        )
    if part is None and verdict.runs == verdict.needed:
        return Sentence("Not enough evidence: every run is there, but too few have figures to compare.")
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
        case "margin", _:
            return Sentence("Not as claimed: the difference is clear of zero, and small. {finding}", **blanks)
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


def _trend(claim: Claim, part: Part) -> Sentence:
    blanks = {"quantity": part.quantity.label, "first": side(claim, part.of[0])}
    blanks["last"] = side(claim, part.of[-1])
    if part.within == ABOVE_ZERO:
        return Sentence("{quantity}: rises on the whole from {first} to {last}", **blanks)
    return Sentence("{quantity}: falls on the whole from {first} to {last}", **blanks)


def _trend_found(claim: Claim, judged: PartVerdict) -> Sentence:
    part = judged.part
    blanks: dict[str, Any] = {"quantity": part.quantity.label, "first": side(claim, part.of[0])}
    blanks |= {"last": side(claim, part.of[-1]), "found": figures(judged)}
    if part.within == ABOVE_ZERO:
        return Sentence(
            "{quantity}: a rise from “{first}” to “{last}” was expected; the mean change from one setting to "
            "the next is {found}.",
            **blanks,
        )
    return Sentence(
        "{quantity}: a fall from “{first}” to “{last}” was expected; the mean change from one setting to the "
        "next is {found}.",
        **blanks,
    )


def _certainty(judged: PartVerdict) -> float:
    """How far the mean lies from the nearest border, in half widths of its interval: over 1 is decided."""
    known, part = judged.estimate, judged.part
    assert known is not None, "a part that is decided has seeds enough"
    if not math.isfinite(known.mean):
        return math.inf
    away = min(abs(known.mean - part.within.low), abs(known.mean - part.within.high))
    reach = students_t(known.degrees, part.confidence) * known.error
    return away / reach if reach else math.inf
