"""Verdicts: a claim held against evidence, part by part, by the rule of `statistics`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fmnist_core.replication.claims import Claim
from fmnist_core.replication.claims.claim import Part
from fmnist_core.replication.claims.quantities import VALIDATION_ACCURACY, Quantity
from fmnist_core.replication.evidence.records import Record
from fmnist_core.statistics import (
    FEWEST_SEEDS,
    Decision,
    Estimate,
    all_of,
    decide,
    differences,
    effect_size,
    estimate,
)

Records = Mapping[str, Mapping[int, Record]]  # by experiment and seed


@dataclass(frozen=True)
class PartVerdict:
    """`values` is the number that decides, for each seed that has all runs; `estimate` needs two of them.

    `effect` is the effect size where two sides are compared, and their difference is what counts.
    """

    part: Part
    decision: Decision
    values: Mapping[int, float]
    estimate: Estimate | None
    effect: float | None

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(self.values)


@dataclass(frozen=True)
class Verdict:
    """`runs` of the claim's experiments are there, of `needed` ones (more seeds than needed count too)."""

    claim: Claim
    decision: Decision
    parts: tuple[PartVerdict, ...]
    runs: int
    needed: int

    def decided(self, decision: Decision) -> tuple[PartVerdict, ...]:
        return tuple(part for part in self.parts if part.decision == decision)


def arranged(records: Iterable[Record]) -> Records:
    """The records by experiment and seed, seeds in order."""
    by_experiment: dict[str, dict[int, Record]] = {}
    for record in sorted(records, key=lambda record: record.seed):
        by_experiment.setdefault(record.experiment, {})[record.seed] = record
    return by_experiment


def judge(claim: Claim, records: Records) -> Verdict:
    """The verdict on a claim, and on each of its parts, from the runs that there are."""
    parts = tuple(_judged(part, records) for part in claim.parts)
    seeds = [len(records.get(id, ())) for id in claim.experiments]
    return Verdict(
        claim,
        all_of(part.decision for part in parts),
        parts,
        runs=sum(min(count, FEWEST_SEEDS) for count in seeds),
        needed=FEWEST_SEEDS * len(seeds),
    )


def numbers(quantity: Quantity, experiments: Sequence[str], records: Records) -> dict[int, float]:
    """Seed by seed: the quantity of the experiment, or of the best of several by validation accuracy.

    A seed that lacks a run, or whose run has no such number, is left out.
    """
    of_all = [records.get(id, {}) for id in experiments]
    seeds = set.intersection(*(set(runs) for runs in of_all))
    values = {seed: quantity(_best([runs[seed] for runs in of_all])) for seed in sorted(seeds)}
    return {seed: value for seed, value in values.items() if not math.isnan(value)}


def _best(records: Sequence[Record]) -> Record:
    return max(records, key=VALIDATION_ACCURACY) if len(records) > 1 else records[0]


def _judged(part: Part, records: Records) -> PartVerdict:
    values, effect = numbers(part.quantity, part.of, records), None
    if part.against:
        ours, theirs = values, numbers(part.against_quantity or part.quantity, part.against, records)
        if part.relation == "ratio":
            values = {seed: ours[seed] / theirs[seed] for seed in ours if seed in theirs}
        else:
            values = differences(ours, theirs)
        values = {seed: value for seed, value in values.items() if not math.isnan(value)}
        if part.relation == "difference":
            effect = effect_size(ours, theirs) if len(values) > 1 else None
    known = list(values.values())
    return PartVerdict(
        part,
        decide(known, part.within),
        values,
        estimate(known) if len(known) > 1 else None,
        effect,
    )
