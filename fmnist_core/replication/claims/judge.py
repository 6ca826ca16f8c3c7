"""Verdicts: a claim held against evidence, part by part, by the rule of `statistics`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.replication.claims import Claim
from fmnist_core.replication.claims.claim import Part
from fmnist_core.replication.claims.quantities import Quantity
from fmnist_core.replication.evidence.records import Record, Records
from fmnist_core.statistics import (
    ANY,
    FEWEST_SEEDS,
    Decision,
    Estimate,
    Hypothesis,
    all_of,
    contrast,
    decisions,
    differences,
    estimate,
    false_confirmation,
    hedges_g,
    mean,
)


@dataclass(frozen=True)
class PartVerdict:
    """`values` is the number that decides, for each seed that has all runs; `hypothesis` is what they tell.

    `effect` is the effect size where two sides are compared, and their difference is what counts.
    """

    part: Part
    decision: Decision
    values: Mapping[int, float]
    hypothesis: Hypothesis
    effect: float | None

    @property
    def estimate(self) -> Estimate | None:
        """Of two seeds or more."""
        return self.hypothesis.known

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(self.values)


@dataclass(frozen=True)
class Verdict:
    """`runs` of the claim's experiments are there, of `needed` ones (more seeds than needed count too).

    The seeds of `mixed` experiments were calculated in several precisions. They are not compared.
    """

    claim: Claim
    decision: Decision
    parts: tuple[PartVerdict, ...]
    runs: int
    needed: int
    mixed: tuple[str, ...] = ()

    @property
    def false_confirmation(self) -> float:
        """How often luck would confirm the claim if it were false, at most."""
        return false_confirmation(part.hypothesis for part in self.parts)

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
    mixed = tuple(id for id in claim.experiments if len(_precisions(records.get(id, {}))) > 1)
    records = {id: of_experiment for id, of_experiment in records.items() if id not in mixed}
    values = [_values(part, records) for part in claim.parts]
    tests = [
        Hypothesis(_estimate(part, of_part, records), part.within, part.confidence, part.claimed)
        for part, of_part in zip(claim.parts, values, strict=True)
    ]
    parts = tuple(
        PartVerdict(part, decision, of_part, test, _effect(part, records))
        for part, decision, of_part, test in zip(claim.parts, decisions(tests), values, tests, strict=True)
    )
    seeds = [len(records.get(id, ())) for id in claim.experiments]
    return Verdict(
        claim,
        all_of(part.decision for part in parts),
        parts,
        runs=sum(min(count, FEWEST_SEEDS) for count in seeds),
        needed=FEWEST_SEEDS * len(seeds),
        mixed=mixed,
    )


def _precisions(of_experiment: Mapping[int, Record]) -> set[str]:
    return {record.precision for record in of_experiment.values() if record.precision is not None}


def numbers(quantity: Quantity, experiment: str, records: Records) -> dict[int, float]:
    """The experiment's quantity seed by seed. A seed whose run has no such number is left out."""
    values = {seed: quantity(record) for seed, record in sorted(records.get(experiment, {}).items())}
    return {seed: value for seed, value in values.items() if not math.isnan(value)}


def _values(part: Part, records: Records) -> dict[int, float]:
    """The number that decides, seed by seed."""
    if part.relation == "trend":
        table, weights = _table(part, part.of, records), np.array(_slope(len(part.of)))
        values = {seed: float(weights @ column) for seed, column in table.items()}
    else:
        values = _compared(part, part.quantity, part.of[0], records)
    if part.against:
        other = part.against_quantity or part.quantity
        values = differences(values, _compared(part, other, part.against[0], records))
    return {seed: value for seed, value in values.items() if not math.isnan(value)}


def _estimate(part: Part, values: Mapping[int, float], records: Records) -> Estimate | None:
    """What the values tell; the luck of all `pooled` experiments together, if all their runs are whole."""
    if len(values) < 2:
        return None
    compares = bool(part.against) or part.relation == "trend"
    possible = ANY if compares else part.quantity.possible
    rounding = part.quantity.step / math.sqrt(12)  # the standard deviation of what rounding took off
    table = _table(part, part.pooled, records) if part.pooled else {}
    if len(table) >= FEWEST_SEEDS and np.all(np.isfinite(list(table.values()))):
        if part.relation == "trend":
            weights = _slope(len(part.of))
        else:
            sides = {part.of[0]: 1.0, part.against[0]: -1.0}
            weights = tuple(sides.get(id, 0.0) for id in part.pooled)
        return contrast(np.transpose(list(table.values())), weights, least=rounding)
    luck = 0.0
    # A run that diverged was tested on nothing.
    tested = [records[part.of[0]][seed] for seed, value in values.items() if math.isfinite(value)]
    if (
        part.quantity.luck is not None and not compares and tested
    ):  # a run that diverged was tested on nothing
        luck = mean([part.quantity.luck(record) for record in tested])
    least = rounding * math.sqrt(2) if compares else rounding
    return estimate(list(values.values()), least=least, luck=luck, possible=possible)


def _effect(part: Part, records: Records) -> float | None:
    if not part.against or part.relation != "difference":
        return None
    other = part.against_quantity or part.quantity
    return hedges_g(
        _compared(part, part.quantity, part.of[0], records), _compared(part, other, part.against[0], records)
    )


def _compared(part: Part, quantity: Quantity, experiment: str, records: Records) -> dict[int, float]:
    """`numbers`, of losses that are compared their logarithms."""
    values = numbers(quantity, experiment, records)
    if not part.logarithmic:
        return values
    return {seed: math.log(value) if value > 0 else -math.inf for seed, value in values.items()}


def _table(part: Part, experiments: Sequence[str], records: Records) -> dict[int, NDArray[np.float64]]:
    """A column of the experiments' numbers for each seed that they all have."""
    rows = [_compared(part, part.quantity, id, records) for id in experiments]
    common = sorted(set.intersection(*map(set, rows)))
    return {seed: np.array([row[seed] for row in rows]) for seed in common}


def _slope(settings: int) -> tuple[float, ...]:
    """The weights that make numbers a step apart the slope of the straight line through them."""
    places = np.arange(settings) - (settings - 1) / 2
    return tuple(places / np.square(places).sum())
