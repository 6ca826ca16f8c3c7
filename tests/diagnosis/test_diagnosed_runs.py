"""The plan of the benchmark: enough runs of each kind, half of them set aside, none in both halves."""

import pytest

from benchmarks.diagnosed_runs import ALIKE, HEALTHY, TROUBLES, UNLIKE, all_specs, cases, halves, pairs
from fmnist_core.diagnosis.rules import RULES

KINDS = {**{name: cases(settings) for name, settings in TROUBLES.items()}, "healthy": cases(HEALTHY)}
KINDS |= {"alike": pairs(ALIKE), "unlike": pairs(UNLIKE)}


def test_every_rule_has_fifteen_runs_or_more_and_there_are_sixty_healthy_ones():
    assert set(TROUBLES) == set(RULES)
    assert {kind: len(of_kind) for kind, of_kind in KINDS.items() if len(of_kind) < 15} == {}
    assert len(HEALTHY) >= 60


@pytest.mark.parametrize("kind", KINDS)
def test_half_of_each_kind_is_set_aside_whatever_the_order(kind: str):
    seen, set_aside = halves(KINDS[kind])
    assert not set(seen) & set(set_aside)
    assert {*seen, *set_aside} == set(KINDS[kind])
    assert len(set_aside) - len(seen) in (0, 1)
    assert halves(KINDS[kind][::-1]) == (seen, set_aside)


def test_every_run_is_trained_once():
    specs = all_specs()
    assert len(specs) == len(set(specs))
    assert {spec for of_kind in KINDS.values() for case in of_kind for spec in case} == set(specs)
