"""Predictions of every form: read back from what may be anything, and judged, also where runs have no end."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.lessons.judgement import axis_of, came_along, is_complete, judged, places, read_said
from fmnist_core.lessons.lesson import LessonRun
from fmnist_core.lessons.results import RunResult
from fmnist_core.spec import read_spec
from tests.lessons.asked import ALONG_EPOCHS, ALONG_RUNS, ASKED, NAMES, ORDER, RUNS
from tests.lessons.epochs import run

CURVE = st.lists(st.none() | st.floats(0, 0.1), min_size=3, max_size=3).filter(any)
SAID = {
    "runs": CURVE.map(tuple),
    "epochs": st.lists(st.none() | st.floats(0, 0.1), min_size=10, max_size=10).filter(any).map(tuple),
    "order": st.permutations(list(NAMES)).map(tuple),
    "direction": st.sampled_from(["lower", "alike", "higher"]),
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text("lower", max_size=5)
    | st.sampled_from([*NAMES]),
    lambda part: st.lists(part, max_size=11) | st.dictionaries(st.text("ab", max_size=3), part, max_size=3),
    max_leaves=12,
)
ENDED = {"2 numbers": run(0.07, 0.05), "8 numbers": run(0.06, 0.02), "32 numbers": run(0.03, 0.019)}


def sentences(form: str, said: object, results: dict[str, RunResult] = ENDED) -> list[str]:
    asked = ASKED[form]
    return [str(s) for s in judged(asked, read_said(asked, RUNS, said), RUNS, results, NAMES)]


@pytest.mark.parametrize("form", ASKED)
@given(data=st.data())
def test_what_was_said_survives_json(form, data):
    said = data.draw(SAID[form])
    assert read_said(ASKED[form], RUNS, json.loads(json.dumps(said))) == said


def test_numbers_of_any_size_end_on_the_axis():
    asked = ASKED["runs"]
    low, high = axis_of(asked, RUNS)
    huge = [10**400, -(10**400)] * len(places(asked, RUNS))
    said = read_said(asked, RUNS, huge[: len(places(asked, RUNS))])
    assert said is not None
    assert set(said) <= {low, high}


@pytest.mark.parametrize("form", ASKED)
@given(anything=JSON)
def test_anything_else_is_refused_or_can_be_judged(form, anything):
    said = read_said(ASKED[form], RUNS, anything)
    if said is not None:
        assert judged(ASKED[form], said, RUNS, ENDED, NAMES)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("runs", [None, None, None]),
        ("runs", [0.1, 0.1]),
        ("runs", [0.1, "0.1", 0.1]),
        ("runs", [0.1, True, 0.1]),
        ("runs", [0.1, math.nan, 0.1]),
        ("order", ["2 numbers", "8 numbers"]),
        ("order", ["2 numbers", "8 numbers", "8 numbers"]),
        ("direction", "sideways"),
        ("direction", ["lower"]),
    ],
)
def test_what_is_no_prediction_is_nothing(form, said):
    assert read_said(ASKED[form], RUNS, said) is None


def test_values_beyond_the_axis_are_moved_onto_it():
    assert read_said(ALONG_RUNS, RUNS, [5, -1, 0.05]) == (0.1, 0.0, 0.05)


def test_a_curve_drawn_in_part_is_kept_and_not_complete():
    assert read_said(ALONG_RUNS, RUNS, [0.1, None, 0]) == (0.1, None, 0.0)
    assert not is_complete((0.1, None, 0.0))
    assert not is_complete(None)
    assert is_complete((0.1, 0.0, 0.0))
    assert is_complete(tuple(NAMES))
    assert is_complete("alike")


def test_places_of_curves():
    assert places(ALONG_RUNS, RUNS) == ("2 numbers", "8 numbers", "32 numbers")
    assert places(ALONG_EPOCHS, RUNS) == tuple(range(1, 11))


@pytest.mark.parametrize(
    ("architecture", "quantity", "axis"),
    [
        ("ff_autoencoder", "validation_loss", (0, 0.1)),
        ("ff_autoencoder", "gap", (-0.01, 0.01)),
        ("ff_classifier", "train_loss_eval", (0, 1)),
        ("ff_classifier", "gap", (-0.5, 0.5)),
        ("ff_classifier", "validation_accuracy", (0, 1)),
        ("ff_classifier", "seconds_per_epoch", (0, 10)),
    ],
)
def test_an_axis_fits_what_such_runs_take(architecture, quantity, axis):
    runs = [LessonRun(name="a", spec=read_spec({"architecture": architecture}))]
    asked = ALONG_RUNS.model_copy(update={"quantity": quantity})
    assert axis_of(asked, runs) == axis
    assert axis_of(asked.model_copy(update={"range": (0.2, 0.4)}), runs) == (0.2, 0.4)


def test_a_curve_along_runs_is_judged():
    assert sentences("runs", [0.08, 0.05, 0.02]) == [
        "Right: from “2 numbers” to “8 numbers” it falls, as you drew.",
        "Not so: from “8 numbers” to “32 numbers” it hardly changes; in your drawing it falls.",
        "It flattens at “8 numbers”; your curve changes to its end.",
        "On average your curve is off by 0.0203.",
    ]


def test_a_curve_along_epochs_is_judged_where_the_run_has_come_to():
    results = {**ENDED, "8 numbers": run(0.06, 0.04, 0.02, state="training")}
    assert came_along(ALONG_EPOCHS, RUNS, results) == (0.06, 0.04, 0.02, *[None] * 7)
    assert sentences("epochs", [0.06, 0.04, 0.02, *[0.01] * 7], results) == [
        "Right: from epoch 1 to epoch 3 it falls, as you drew.",
        "On average your curve is off by 0.0000.",
        "Training goes on, so this may still change.",
    ]
    assert sentences("epochs", [0.1] * 10, {**ENDED, "8 numbers": RunResult("missing")}) == [
        "“8 numbers” has no result, so it is left out."
    ]


def test_an_order_is_judged():
    assert sentences("order", ["32 numbers", "8 numbers", "2 numbers"])[0] == "Your order is right."
    results = {**ENDED, "2 numbers": run(0.1, state="diverged"), "8 numbers": run(0.02, state="stopped")}
    assert sentences("order", ["2 numbers", "8 numbers", "32 numbers"], results) == [
        "Your order is the reverse of what came.",
        "Not so: the lowest is “32 numbers” (0.0190); you put “2 numbers” there.",
        "Not so: the highest is “2 numbers” (diverged); you put “32 numbers” there.",
        "“2 numbers” diverged, so it counts as worse than all others.",
        "“8 numbers” was stopped before its end, so it is left out.",
    ]


def test_accuracies_are_said_in_percent():
    asked = ORDER.model_copy(update={"quantity": "validation_accuracy"})
    results = {
        name: run(0.1, accuracy=share) for name, share in zip(NAMES, (0.8701, 0.8704, 0.9), strict=True)
    }
    assert [str(s) for s in judged(asked, tuple(NAMES), RUNS, results, NAMES)] == [
        "Your order is right.",
        "Right: the lowest is “2 numbers” (87.0 %).",
        "Right: the highest is “32 numbers” (90.0 %).",
        "“2 numbers”, “8 numbers” read alike, so their order counts neither way.",
    ]


def test_a_direction_is_judged_and_of_other_runs_nothing_is_said():
    results = {**ENDED, "8 numbers": RunResult("missing")}
    assert sentences("direction", "lower", results) == [
        "Right.",
        "Validation loss: “32 numbers” (0.0190) is lower than “2 numbers” (0.0500).",
    ]
    results["2 numbers"] = RunResult("waiting")
    assert sentences("direction", "lower", results) == [
        "There are no two values to compare.",
        "Training goes on, so this may still change.",
    ]


def test_in_a_curve_a_run_that_diverged_is_left_out():
    results = {**ENDED, "2 numbers": run(0.1, state="diverged")}
    assert came_along(ALONG_RUNS, RUNS, results) == (None, 0.02, 0.019)
    assert sentences("runs", [0.1, 0.05, 0.02], results)[-1] == "“2 numbers” diverged, so it is left out."
