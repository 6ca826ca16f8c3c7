"""What is noticed, and when it is taken back; with losses and tallies made up for the purpose."""

import math

import numpy as np
import pytest

from fmnist_core.nets.training.evaluation import Tally
from fmnist_core.nets.training.health import Health
from tests.nets.short_runs import short

CLASSIFIER = short(architecture="ff_classifier", batch_size=100)
AUTOENCODER = short(architecture="ff_autoencoder", batch_size=100)


def flags(watch: Health, losses: list[float], spec=CLASSIFIER) -> list[bool]:
    """For each look: whether a flag was raised (True) or taken back (False)."""
    raised = []
    for step, loss in enumerate(losses):
        watch.see(spec, [loss] * 20)
        raised += [notice.sentence is not None for notice in watch.judge_losses(step, spec)]
    return raised


def test_divergence_is_raised_once_and_taken_back_once():
    assert flags(Health(), [2.3, 1.0, 2.3, 4.0, 4.5]) == []
    assert flags(Health(), [2.3, 5.0, 50.0, 4.5, 4.0, 3.0, 2.0, 1.0]) == [True, False]
    assert flags(Health(), [2.3, 5.0, 1.0, 5.0]) == [True, False, True]
    assert flags(Health(), [0.17, 0.2, 0.3], AUTOENCODER) == []
    assert flags(Health(), [0.17, 0.4], AUTOENCODER) == [True]


def test_a_run_that_climbs_from_its_first_batches_on_is_not_its_own_measure():
    assert flags(Health(), [1e6, 1e6]) == [True]


def test_losses_bundled_differently_are_seen_the_same():
    losses = list(np.random.default_rng(0).random(97))
    one, many = Health(), Health()
    one.see(CLASSIFIER, losses)
    for loss in losses:
        many.see(CLASSIFIER, [loss])
    assert one == many


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_any_number_that_is_none_counts_as_overflow(wrong):
    watch = Health()
    watch.see(CLASSIFIER, [1.0] * 30)
    assert not watch.overflowed()
    watch.see(CLASSIFIER, [1.0, wrong, *[1.0] * 18])
    assert watch.overflowed()


def test_collapse_is_one_class_for_all_or_one_picture_for_all():
    healthy, one_class = np.eye(10, dtype=np.int64), np.zeros((10, 10), np.int64)
    one_class[:, 3] = 5
    watch = Health()
    judged = [
        watch.judge_outputs(0, CLASSIFIER, Tally(seen=1, counts=c)) for c in (healthy, one_class, healthy)
    ]
    assert [[n.sentence is not None for n in notices] for notices in judged] == [[], [True], [False]]
    judged = [watch.judge_outputs(0, AUTOENCODER, Tally(seen=1, output_range=s)) for s in (0.5, 0.0, 0.5)]
    assert [[n.sentence is not None for n in notices] for notices in judged] == [[], [True], [False]]
