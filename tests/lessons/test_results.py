"""What a lesson's runs have to compare: every quantity read off its epochs, and why a run is left out."""

import math

import numpy as np
import pytest

from fmnist_core.events import Epoch
from fmnist_core.lessons.quantities import QUANTITIES
from fmnist_core.lessons.results import RunResult, absences, cut_short, values
from tests.lessons.epochs import epoch, run

LOSS = QUANTITIES["validation_loss"]
CONFUSION = np.eye(10, dtype=int)
EPOCHS = tuple(
    Epoch(n, 10 * n, 9.0, 0.5 / n, 0.8 / n, 0.1 * n, 0.2 * n, CONFUSION, 1e-3, seconds)
    for n, seconds in enumerate([8.0, 1.0, 3.0], 1)
)
AT_THE_END = {
    "validation_loss": 0.8 / 3,
    "validation_accuracy": 0.6,
    "train_loss_eval": 0.5 / 3,
    "train_accuracy": 0.3,
    "gap": 0.1,
    "seconds_per_epoch": 3.0,
}


@pytest.mark.parametrize("word", QUANTITIES)
def test_each_quantity_of_a_run(word):
    assert RunResult("finished", EPOCHS).value(QUANTITIES[word]) == pytest.approx(AT_THE_END[word])


def test_a_run_without_validation_images_has_no_validation_loss():
    result = run(None, None)
    assert result.value(LOSS) is None
    assert result.curve(LOSS) == {}
    assert result.value(QUANTITIES["gap"]) is None
    assert str(*absences({"a": result}, LOSS, {"a": "A"})) == (
        "“A” measured nothing to compare, so it is left out."
    )


def test_a_curve_is_where_it_was_measured():
    assert run(0.3, None, math.nan, 0.1, math.inf).curve(LOSS) == {1: 0.3, 4: 0.1}


def test_values_of_runs_that_ended_otherwise():
    results = {
        "finished": run(0.3, 0.2),
        "training": run(0.4, state="training"),
        "waiting": RunResult(),
        "stopped": run(0.1, state="stopped"),
        "missing": RunResult("missing"),
        "diverged": run(0.9, state="diverged"),
    }
    assert values(results, LOSS) == {"finished": 0.2, "training": 0.4, "diverged": math.inf}
    assert "diverged" not in values(results, QUANTITIES["seconds_per_epoch"])
    assert values(results, QUANTITIES["validation_accuracy"]) == {"diverged": -math.inf}
    said = [str(sentence) for sentence in absences(results, LOSS, {name: name.upper() for name in results})]
    assert said == [
        "“STOPPED” was stopped before its end, so it is left out.",
        "“MISSING” has no result, so it is left out.",
        "“DIVERGED” diverged, so it counts as worse than all others.",
        "Training goes on, so this may still change.",
    ]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (run(0.3, 0.2), []),
        (run(0.3, state="stopped"), ["“A” was stopped after epoch 1: the rest is left out."]),
        (run(0.3, 0.2, state="diverged"), ["“A” diverged after epoch 2: the rest is left out."]),
        (RunResult("stopped"), ["“A” has no result, so it is left out."]),
        (RunResult("missing"), ["“A” has no result, so it is left out."]),
        (run(0.3, state="training"), ["Training goes on, so this may still change."]),
    ],
)
def test_a_curve_of_epochs_that_was_cut_short(result, said):
    assert [str(sentence) for sentence in cut_short(result, "A")] == said


@pytest.mark.parametrize(
    ("word", "value", "text", "distance"),
    [
        ("validation_loss", 0.01234, "0.0123", "0.0123"),
        ("train_accuracy", 0.8744, "87.4 %", "87.4 percentage points"),
        ("gap", -0.01, "−0.0100", "−0.0100"),
        ("seconds_per_epoch", 12.34, "12.3 s", "12.3 s"),
        ("validation_loss", math.inf, "diverged", "diverged"),
    ],
)
def test_values_are_written_in_their_unit(word, value, text, distance):
    quantity = QUANTITIES[word]
    assert str(quantity.text(value)) == text
    assert str(quantity.distance_text(value)) == distance


@pytest.mark.parametrize("word", QUANTITIES)
def test_what_reads_alike_is_alike(word):
    quantity = QUANTITIES[word]
    for one in np.linspace(0, 0.3, 61).tolist():
        for other in (one + 1e-9, one + 0.00011, one + 0.06):
            alike = quantity.as_read(one) == quantity.as_read(other)
            assert alike == (str(quantity.text(one)) == str(quantity.text(other)))


def test_seconds_are_those_of_the_epoch_in_the_middle():
    result = RunResult("finished", tuple(epoch(n, 0.1, seconds=s) for n, s in enumerate([9, 1, 2], 1)))
    assert result.value(QUANTITIES["seconds_per_epoch"]) == 2
