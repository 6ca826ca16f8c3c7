"""Borders at which a verdict turns: the judge itself gives the verdict that is foretold on each side."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fmnist_core.replication.claims import CLAIMS
from fmnist_core.replication.claims.borders import borders
from fmnist_core.replication.claims.claim import Claim
from fmnist_core.replication.claims.judge import arranged, judge
from fmnist_core.replication.claims.wording import finding, part_sentence, verdict_sentence
from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.records import Record, Records
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.statistics import Range

LITTLE = 1e-6


@pytest.fixture(scope="module")
def shipped() -> Records:
    return arranged(records.read(records.SHIPPED, EXPERIMENTS))


def with_border(claim: Claim, place: int, border: float) -> Claim:
    """That part of the claim alone, with another border."""
    part = claim.parts[place]
    low, high = part.within.low, part.within.high
    margin = math.isfinite(low) and math.isfinite(high)
    within = Range(-border if margin else border if math.isfinite(low) else low, border)
    if math.isinf(high):
        within = Range(low=border)
    return replace(claim, parts=(replace(part, within=within, claimed=None),))


def inside(values: Range) -> Iterator[float]:
    """Just within the end that a range has, and far within."""
    if math.isfinite(values.low):
        yield values.low + LITTLE
        if math.isinf(values.high):
            yield values.low + 1e6
    if math.isfinite(values.high):
        yield values.high - LITTLE


@pytest.mark.parametrize("id", CLAIMS)
def test_each_border_gives_the_verdict_that_is_foretold(id: str, shipped: Records):
    for place, part in enumerate(judge(CLAIMS[id], shipped).parts):
        turning = borders(part)
        if turning is None:
            assert part.part.within.low != -part.part.within.high
            continue
        for border in inside(turning.confirmed):
            assert judge(with_border(CLAIMS[id], place, border), shipped).decision == "confirmed"
        for border in inside(turning.refuted or Range()):
            assert judge(with_border(CLAIMS[id], place, border), shipped).decision == "refuted"
        if not part.estimate.error:  # what does not scatter is on one side or the other
            continue
        between = turning.confirmed.low if math.isfinite(turning.confirmed.low) else turning.confirmed.high
        outside = between - LITTLE if math.isfinite(turning.confirmed.low) else between + LITTLE
        assert judge(with_border(CLAIMS[id], place, outside), shipped).decision == "noise"


@pytest.mark.parametrize("id", CLAIMS)
def test_a_run_that_diverged_leaves_every_claim_a_verdict_in_words(id: str, shipped: Records):
    for experiment in CLAIMS[id].experiments:
        seeds = shipped[experiment]
        last = max(seeds)
        broken = dict(shipped) | {experiment: {**seeds, last: diverged(seeds[last])}}
        verdict = judge(CLAIMS[id], broken)
        words = [verdict_sentence(verdict), *(part_sentence(CLAIMS[id], part.part) for part in verdict.parts)]
        words += [finding(CLAIMS[id], part) for part in verdict.parts if part.estimate]
        assert not re.search(r"\bnan\b|∞|\binf\b", " ".join(map(str, words)))
        for part in verdict.parts:
            borders(part)


def diverged(record: Record) -> Record:
    """The same run, had it come to no number at its end."""
    lost = {"test_loss": None, "test_accuracy": None, "confusion": None, "reason": "diverged"}
    return record.model_copy(update=lost)


def test_a_margin_of_less_than_nothing_confirms_nothing(shipped: Records):
    (part,) = judge(CLAIMS["C9"], shipped).parts
    turning = borders(part)
    assert turning.margin
    assert turning.chosen == 0.01
    assert turning.confirmed.low > 0


def test_without_evidence_there_is_nothing_to_turn():
    assert [borders(part) for part in judge(CLAIMS["C1"], {}).parts] == [None] * 3
