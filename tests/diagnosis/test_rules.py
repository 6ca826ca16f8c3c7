"""Each rule on curves made for it: it fires, and just beyond its border it does not."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.diagnosis import fit, step_size, units
from fmnist_core.diagnosis.curves import CONSTANT_ANSWER, Curves, descent, smooth
from fmnist_core.diagnosis.finding import Severity, rate
from fmnist_core.diagnosis.rules import EXPLAINED_BY, MOST, RULES, diagnose, fired, remarks
from fmnist_core.events import Epoch
from fmnist_core.spec import read_spec
from tests.diagnosis.synthetic_curves import curves

LOG_10 = math.log(10)
FALLING = [2.0, 1.2, 0.8, 0.6, 0.5, 0.45, 0.43, 0.42, 0.415, 0.412, 0.41, 0.409]  # a healthy classifier's


def falling(to: float, epochs: int = 12, start: float = LOG_10) -> list[float]:
    """A loss that halves its distance to `to` each epoch."""
    return [to + (start - to) * 0.5**epoch for epoch in range(1, epochs + 1)]


def level(share: float, epochs: int = 8) -> list[float]:
    """A classifier's loss that stands at a share of that of equal chances."""
    return [share * LOG_10] * epochs


AE = {"architecture": "ff_autoencoder"}
SLOW = [2.25, 2.2, 2.15, 2.1]
STEPS = {"batches": [2.3] * 60}
LATE = {"batches": [2.3] * 60, "learning_rate": 1e-4}  # a tenth of the usual rate
# By rule: curves on which it fires, and curves just beyond a border of it.
FIRES: list[tuple[str, Curves]] = [
    ("divergence", curves(FALLING, ended="diverged")),
    ("divergence", curves([2.0, math.nan])),
    ("divergence", curves(FALLING, batches=[2.3, math.inf, 2.0])),
    ("divergence", curves([2.0, step_size.STILL_ABOVE * 2.01], batches=[2.0, 2.0])),
    ("divergence", curves(FALLING, batches=[2.0, 2.0 * step_size.CLIMBED + 1, 1.0])),
    ("rate_too_high", curves(FALLING, batches=[2.0, 2.0 * step_size.JUMPED + 0.01, 1.0])),
    ("rate_too_high", curves(level(0.9), learning_rate=0.01)),
    ("rate_too_low", curves(SLOW, learning_rate=9e-4, **STEPS)),
    ("rate_too_low", curves([1.0, 0.9, 0.8, 0.71], **LATE)),
    ("rate_too_low", curves([0.172, 0.168, 0.164, 0.160], learning_rate=0.9, optimizer="sgd", **STEPS, **AE)),
    ("batch_too_small", curves(FALLING, batches=[*[2.0] * 100, *[2.4] * 100], batch_size=1)),
    ("batch_too_small", curves([2.0, 1.0, 1.1, 1.0], batch_size=4)),
    ("batch_too_small", curves(FALLING, batch_size=8, dead=step_size.KILLED + 0.01)),
    ("batch_too_large", curves([2.2, 2.0, 1.8, 1.6], batch_size=200)),
    ("dropout_too_strong", curves(level(0.16), with_dropout=level(0.2), dropout=0.6)),
    ("dropout_too_strong", curves(level(0.31), dropout=0.9)),
    ("overfitting", curves(falling(0.01), validation=[*falling(0.4, 6), *np.linspace(0.44, 0.6, 6)])),
    ("overfitting", curves(falling(0.1), validation=falling(0.31))),
    ("underfitting", curves(level(fit.HIGH_LEVEL["classifier"] + 0.01))),
    ("underfitting", curves([0.0868 * (fit.HIGH_LEVEL["autoencoder"] + 0.01)] * 8, **AE)),
    ("dead_units", curves(FALLING, dead=units.MANY_DEAD + 0.01)),
    ("same_output", curves(level(0.87))),
    ("same_output", curves([2.1, 2.05, 2.3, 2.06, 2.4, 2.35, 2.3, 2.1])),  # it jumps, and reaches no new low
    ("same_output", curves([0.25, 0.2, 0.17, 0.0869], dead=1.0, **AE)),  # it has only just died
    ("same_output", curves([0.0868] * 6, **AE)),
    ("still_improving", curves([2.0, 1.8, 1.6, 1.4, 1.2, 1.0])),
    ("plateau", curves([*falling(0.4, 8), *[0.4] * 8])),
    ("plateau", curves([*falling(0.4, 8), *[0.4] * 8], validation_size=0)),
    ("validation_below_training", curves(FALLING, with_dropout=[1.1 * x for x in FALLING], dropout=0.3)),
]
TRAINED = {"origin": "run", "id": "a" * 12}
FROZEN = {"architecture": "encoder_classifier", "encoder": {"frozen": True}}
NO_DROPOUT = {"architecture": "encoder_classifier", "encoder": {"frozen": True, "dropout": False}}
BRANCH = {"branch": {"run": "a" * 12, "step": 50}}
SILENT: list[tuple[str, Curves]] = [
    ("divergence", curves([2.0, step_size.STILL_ABOVE * 1.99], batches=[2.0, 2.0])),
    ("divergence", curves(FALLING, batches=[2.0, 2.0 * step_size.CLIMBED - 1, 1.0])),
    ("rate_too_high", curves(FALLING, batches=[2.0, 2.0 * step_size.JUMPED - 0.01, 1.0])),
    ("divergence", curves([0.4, 0.6], batches=[0.3, 0.4], **BRANCH)),
    ("rate_too_high", curves(FALLING, batches=[0.3, 0.4, 0.3], **BRANCH)),
    ("rate_too_low", curves(SLOW, learning_rate=1e-5, **STEPS, **BRANCH)),
    ("rate_too_high", curves(FALLING, batches=[*[2.0] * 25, *[2.4] * 25], batch_size=4)),
    ("rate_too_high", curves(level(0.9), learning_rate=0.009)),
    ("rate_too_high", curves(level(0.84), learning_rate=0.1)),
    ("rate_too_low", curves(SLOW, learning_rate=1e-3, **STEPS)),  # the usual rate
    ("rate_too_low", curves(SLOW[:2], learning_rate=1e-5, **STEPS)),  # too early to say
    ("rate_too_low", curves(SLOW, learning_rate=1e-5, batches=[2.3] * 49)),
    ("rate_too_low", curves([2.25, 2.2, 2.3, 2.1], learning_rate=1e-5, **STEPS)),  # rises on the way
    ("rate_too_low", curves(SLOW, learning_rate=1e-5, batch_size=200, **STEPS)),  # few steps an epoch
    ("rate_too_low", curves([1.0, 0.9, 0.8, 0.68], **LATE)),
    ("rate_too_low", curves([1.6, 1.5, 1.4, 1.37], learning_rate=2e-4, **STEPS)),
    ("batch_too_small", curves([2.0, 1.0, 1.1, 1.0], batch_size=9)),
    ("batch_too_small", curves([2.0, 1.0, 1.05, 1.0], batch_size=4)),
    ("batch_too_small", curves(FALLING, batch_size=4, dead=step_size.KILLED)),
    ("batch_too_large", curves([2.2, 2.0, 1.8, 1.6], batch_size=100)),
    ("batch_too_large", curves(level(0.5), batch_size=500)),
    ("dropout_too_strong", curves(level(0.31), dropout=0.59)),
    ("dropout_too_strong", curves(level(0.14), with_dropout=level(0.2), dropout=0.8)),
    ("overfitting", curves(falling(0.1), validation=falling(0.29))),
    ("overfitting", curves(FALLING, validation=[*FALLING[:-1], 1.04 * FALLING[-2]])),
    ("overfitting", curves(falling(0.01), validation_size=0)),
    ("underfitting", curves(level(fit.HIGH_LEVEL["classifier"] - 0.01))),
    ("underfitting", curves(level(0.5), validation=level(0.6))),  # there is a gap
    ("underfitting", curves([2.2, 2.0, 1.8, 1.6, 1.4])),  # it goes on falling
    ("dead_units", curves(FALLING, dead=units.MANY_DEAD)),
    ("dead_units", curves(FALLING)),  # not recorded
    ("dead_units", curves(FALLING, dead=0.9, **FROZEN)),
    ("batch_too_small", curves(FALLING, dead=0.9, batch_size=4, **FROZEN)),
    ("underfitting", curves(level(0.5), validation_size=0)),  # whether there is a gap is not known
    ("dropout_too_strong", curves(level(0.31), dropout=0.9, **NO_DROPOUT)),
    (
        "validation_below_training",
        curves(FALLING, with_dropout=[1.1 * x for x in FALLING], dropout=0.3, **NO_DROPOUT),
    ),
    ("same_output", curves(level(0.85))),
    ("same_output", curves([0.25, 0.2, 0.17, 0.0869], dead=0.99, **AE)),
    ("same_output", curves(FALLING, dead=1.0)),  # dead for the images looked at, not for all
    ("same_output", curves([2.3, 2.3, 2.3, 2.3, 2.3, 2.15])),
    ("same_output", curves([0.17, 0.16, 0.15, 0.14, 0.13], **AE)),
    ("same_output", curves(level(1.0, epochs=3))),
    ("still_improving", curves([2.0, 1.8, 1.6, 1.4, 1.2, 1.0], ended="stopped")),
    ("still_improving", curves([2.0, 1.8, 1.6, 1.4, 1.2, 1.0], ended=None)),
    ("still_improving", curves([1.0, 0.5, 0.45, 0.44, 0.43, 0.42])),
    ("plateau", curves([*falling(0.4, 8), *np.linspace(0.4, 0.36, 8)])),
    ("plateau", curves([*falling(0.4, 5), *[0.4] * 5])),  # too short
    ("validation_below_training", curves(FALLING, with_dropout=[1.1 * x for x in FALLING], dropout=0.2)),
    ("validation_below_training", curves(FALLING, with_dropout=[1.01 * x for x in FALLING], dropout=0.5)),
]


def named(case: tuple[str, Curves]) -> str:
    return case[0]


@pytest.mark.parametrize("case", FIRES, ids=named)
def test_a_rule_fires_with_evidence_and_one_setting_to_change(case: tuple[str, Curves]):
    rule, run = case
    finding = fired(run)[rule]
    assert finding.kind == rule
    assert str(finding.what)
    assert "nan" not in str(finding.evidence)
    experiment = finding.experiment(run.spec)
    assert experiment is not None
    before, after = run.spec.model_dump(), experiment.model_dump()
    assert [name for name in before if before[name] != after[name]] == list(finding.change)


@pytest.mark.parametrize("case", SILENT, ids=named)
def test_a_rule_is_silent_just_beyond_its_border(case: tuple[str, Curves]):
    rule, run = case
    assert rule not in fired(run)


def test_every_rule_is_put_to_both_tests():
    assert {rule for rule, _run in FIRES} == {rule for rule, _run in SILENT} == set(RULES)
    assert set(EXPLAINED_BY) | set().union(*EXPLAINED_BY.values()) <= set(RULES)


@pytest.mark.parametrize(("dead", "said"), [(0.24, False), (0.25, True), (0.6, True), (None, False)])
def test_of_a_healthy_run_it_is_said_how_many_of_its_units_are_dead(dead: float | None, said: bool):
    run = curves(FALLING, dead=dead)
    assert diagnose(run) == []
    assert [finding.kind for finding in remarks(run)] == ["some_dead_units"] * said
    for finding in remarks(run):
        assert f"{dead:.0%}".replace("%", " %") in str(finding.evidence).replace("\N{NO-BREAK SPACE}", " ")
        assert finding.experiment(run.spec) is None


def test_of_a_run_just_begun_nothing_is_said_of_dead_units():
    assert remarks(curves(FALLING[:4], dead=0.5)) == []


def test_a_healthy_run_is_told_nothing():
    assert diagnose(curves(FALLING, validation=[1.1 * loss for loss in FALLING], dead=0.3)) == []


def test_overfitting_is_dated_by_the_lowest_validation_loss():
    validation = [1.0, 0.8, 0.6, 0.5, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7]
    finding = fired(curves(falling(0.05, 10), validation=validation))["overfitting"]
    assert "since about epoch 5" in str(finding.what)
    assert finding.change == {"dropout": 0.3}


def test_what_follows_from_something_worse_is_not_said_and_three_at_most_are():
    run = curves(level(0.95), learning_rate=1e-5, dead=0.9, dropout=0.9, with_dropout=level(1.0))
    shown = [finding.kind for finding in diagnose(run)]
    assert len(shown) <= MOST
    severities = [finding.severity for finding in diagnose(run)]
    assert severities == sorted(severities, reverse=True)
    diverged = [finding.kind for finding in diagnose(curves(level(1.0), dead=1.0, ended="diverged"))]
    assert diverged == ["divergence"]


def test_a_network_whose_layer_has_died_is_not_told_to_train_on():
    run = curves([0.25, 0.24, 0.2, 0.0869], dead=1.0, learning_rate=0.2, ended="epochs", **AE)
    assert {"still_improving", "same_output"} <= set(fired(run))
    shown = diagnose(run)
    assert "still_improving" not in {finding.kind for finding in shown}
    said = next(finding for finding in shown if finding.kind == "same_output")
    assert "all units of a hidden layer" in str(said.evidence)
    assert "no longer falls" not in str(said.evidence)


@pytest.mark.parametrize(("learning_rate", "tried"), [(5.0, 0.01), (0.05, 0.005), (0.1, 0.01)])
def test_after_a_rate_that_was_far_too_high_one_is_tried_that_works(learning_rate: float, tried: float):
    run = curves(level(50.0), learning_rate=learning_rate)
    assert fired(run)["divergence"].experiment(run.spec).learning_rate == tried


def test_an_experiment_is_trained_from_the_first_batch_at_one_rate():
    run = curves(FALLING, dead=0.9, learning_rate_changes=[{"step": 5, "learning_rate": 0.02}])
    experiment = fired(run)["dead_units"].experiment(run.spec)
    assert (experiment.learning_rate, experiment.learning_rate_changes) == (0.002, ())


@pytest.mark.parametrize(
    ("first", "last", "offered"),
    [
        (0.002, 0.02, {"learning_rate": 0.002}),  # which the run began with, but does not train at
        (0.02, 1e-6, {}),  # as low as it can be
    ],
)
def test_a_rate_is_compared_with_the_one_in_force(first: float, last: float, offered: dict[str, float]):
    changes = [{"step": 5, "learning_rate": last}, {"step": 5000, "learning_rate": 5.0}]  # one yet to come
    run = curves(FALLING, dead=0.9, learning_rate=first, learning_rate_changes=changes)
    assert fired(run)["dead_units"].change == offered


@pytest.mark.parametrize(
    ("given", "offered"), [(1e-6, 1e-4), (2e-5, 2e-4), (1e-4, 1e-3)], ids=["far below", "below", "a little"]
)
def test_a_rate_that_is_raised_is_at_least_a_tenth_of_the_usual_one(given: float, offered: float):
    assert rate(curves(SLOW, learning_rate=given, **STEPS), 10) == {"learning_rate": offered}


def test_dropout_is_offered_only_where_it_acts():
    apart = {"training": falling(0.1), "validation": falling(0.31), "dropout": 0.1}
    assert fired(curves(**apart, **FROZEN))["overfitting"].change == {"dropout": 0.4}
    assert fired(curves(**apart, **NO_DROPOUT))["overfitting"].change == {"patience": 3}


def test_a_trained_encoder_is_not_widened():
    for encoder, offered in (({"frozen": True}, {"hidden_sizes": (256,)}), (TRAINED, {})):
        run = curves(level(0.5), architecture="encoder_classifier", encoder=encoder)
        assert fired(run)["underfitting"].change == offered


def test_the_mean_garment_costs_what_the_rules_think(sample_data: Dataset):
    pixels = sample_data.train_images / 255
    error = np.square(pixels - pixels.mean(0)).mean()
    assert CONSTANT_ANSWER["autoencoder", "mse"] == pytest.approx(error, rel=0.02)


def test_less_than_one_class_told_from_the_others_counts_as_nothing():
    one_told = 0.9 * math.log(9) / LOG_10
    assert one_told < units.NOTHING_LEARNED < one_told + 0.01


def test_smoothing_keeps_a_line_and_descent_is_a_share_of_what_was():
    assert smooth(np.array([1.0, 2.0, 3.0, 4.0]))[1:-1].tolist() == [2.0, 3.0]
    assert smooth(np.array([1.0])).tolist() == [1.0]
    assert descent(np.array([4.0, 2.0, 1.0, 0.5])) == 0.5
    assert math.isnan(descent(np.array([4.0])))


losses = st.floats(width=32) | st.floats(0, 3, width=32)
batch_losses = st.lists(losses, max_size=30)
shares = st.none() | st.floats(0, 1)
branches = st.none() | st.just({"run": "a" * 12, "step": 5})
specs = st.builds(
    lambda architecture, loss, **settings: read_spec(
        {"architecture": architecture, **({"loss": loss} if "classifier" in architecture else {}), **settings}
    ),
    architecture=st.sampled_from(
        ["ff_autoencoder", "ff_classifier", "conv_classifier", "encoder_classifier"]
    ),
    loss=st.sampled_from(["mse", "cross_entropy"]),
    dropout=st.sampled_from([0.0, 0.3, 0.9]),
    learning_rate=st.sampled_from([1e-6, 1e-3, 10.0]),
    batch_size=st.sampled_from([1, 8, 100, 1000]),
    train_size=st.sampled_from([1000, 60_000]),
    validation_size=st.just(0),
    epochs=st.sampled_from([1, 10, 500]),
    optimizer=st.sampled_from(["adam", "sgd"]),
    patience=st.none(),
    branch=branches,
)
epoch_losses = st.lists(st.tuples(losses, losses, st.none() | losses, shares), max_size=20)


@given(specs, epoch_losses, batch_losses, st.sampled_from([None, "epochs", "stopped", "diverged"]))
def test_no_curve_is_too_much_for_the_rules(spec, recorded, losses, reason):
    """Nothing raises, and whatever is offered can be trained."""
    epochs = [
        Epoch(
            number, number * spec.steps_per_epoch, dropped, trained, unseen, None, None, None, 0.1, 1.0, dead
        )
        for number, (dropped, trained, unseen, dead) in enumerate(recorded, 1)
    ]
    run = Curves(spec, epochs, np.arange(1, len(losses) + 1), np.array(losses, np.float32), reason)
    found = diagnose(run)
    assert len(found) <= MOST
    for finding in found:
        assert isinstance(finding.severity, Severity)
        assert str(finding.what)
        assert "nan" not in str(finding.evidence)
        finding.experiment(spec)
