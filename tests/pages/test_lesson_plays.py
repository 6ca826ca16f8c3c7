"""Every play that a lesson's file may name can be drawn, and the other way round."""

from fmnist_core.lessons import plays
from pages.parts.lessons.plays import registry


def test_what_can_be_named_can_be_drawn():
    assert set(registry.PLAYS) == set(plays.PLAYS)
