"""Forecasts against runs of known speed."""

import pytest

from fmnist_core.engine.throughput import Throughputs, shape_of
from fmnist_core.spec import read_spec

SPEC = read_spec({"architecture": "conv_autoencoder", "train_size": 50_000, "validation_size": 10_000})


def burst(throughputs: Throughputs, spec=SPEC, batch: float = 0.02, image: float = 0.0001) -> None:
    throughputs.measured(shape_of(spec), 2, (batch, image))


def test_an_epoch_is_its_batches_and_the_images_evaluated_at_its_end():
    throughputs = Throughputs()
    assert throughputs.seconds_per_epoch(SPEC, 2) is None
    burst(throughputs)
    assert throughputs.seconds_per_epoch(SPEC, 2) == pytest.approx(500 * 0.02 + 20_000 * 0.0001)
    assert throughputs.seconds_per_epoch(SPEC.changed(train_size=5000), 2) == pytest.approx(
        50 * 0.02 + 15_000 * 0.0001
    )
    assert throughputs.seconds_per_epoch(SPEC, 1) is None, "measured for two threads only"
    assert throughputs.seconds_per_epoch(SPEC.changed(dropout=0.5), 2) is None, "another shape of work"


def test_what_decides_no_speed_needs_no_measurement_of_its_own():
    others = SPEC.changed(seed=9, epochs=3, learning_rate=0.1, train_size=200, validation_size=0)
    assert shape_of(others) == shape_of(SPEC)
    assert shape_of(SPEC.changed(batch_size=50)) != shape_of(SPEC)


@pytest.mark.parametrize("slower", [0.7, 1.0, 1.6])
def test_after_seconds_of_training_forecasts_are_what_training_takes(slower):
    throughputs = Throughputs()
    burst(throughputs)
    alone = throughputs.seconds_per_epoch(SPEC, 2)
    for _turn in range(30):
        throughputs.learn(SPEC, 2, 0.02 * slower)
    assert throughputs.seconds_per_epoch(SPEC, 2) == pytest.approx(alone * slower, rel=0.05)

    other = SPEC.changed(hidden_sizes=[512])
    burst(throughputs, other, batch=0.04)
    expected = (500 * 0.04 + 20_000 * 0.0001) * slower
    assert throughputs.seconds_per_epoch(other, 2) == pytest.approx(expected, rel=0.05)


def test_one_turn_that_was_held_up_changes_little_and_an_unknown_shape_nothing():
    throughputs = Throughputs()
    burst(throughputs)
    before = throughputs.seconds_per_epoch(SPEC, 2)
    throughputs.learn(SPEC, 2, 50.0)
    assert before < throughputs.seconds_per_epoch(SPEC, 2) < 1.2 * before
    throughputs.learn(SPEC.changed(hidden_sizes=[7]), 2, 1.0)
    throughputs.learn(SPEC, 1, 1.0)
    assert throughputs.seconds_per_epoch(SPEC, 2) < 1.2 * before
