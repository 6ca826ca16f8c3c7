"""The recipes against the reports: published figures, settings, what experiments need and are called."""

import json
from pathlib import Path

import pytest

from fmnist_core.__main__ import main
from fmnist_core.architecture.networks import parameter_count
from fmnist_core.data import fashion_mnist
from fmnist_core.replication.claims import CLAIMS
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.replication.recipes.naming import name, position, setting
from fmnist_core.replication.recipes.r4 import ACCURACY, CONFUSION
from fmnist_core.spec import RunSpec, read_spec

# The reports' figures as data, copied from the reports themselves.
PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text())


def figures(id: str, figure: str) -> list:
    return [published.value for published in EXPERIMENTS[id].published if published.figure == figure]


def test_there_are_61_and_29_are_shipped():
    assert len(EXPERIMENTS) == sum(len(report.experiments) for report in REPORTS.values()) == 61
    assert sum(experiment.shipped for experiment in EXPERIMENTS.values()) == 29


@pytest.mark.parametrize("n", PUBLISHED["R1"]["mse"])
def test_figures_of_r1(n: str):
    theirs = PUBLISHED["R1"]["mse"][n]
    assert figures(f"r1-n{n}", "train_loss_eval") == [theirs["train"]]
    assert figures(f"r1-n{n}", "test_loss") == [theirs["test"]]


def test_figures_of_r2():
    """Where a study of the report repeats a setting of another one, that has both figures."""
    theirs = PUBLISHED["R2"]
    by_n, by_p, by_lr = theirs["mse_by_n"], theirs["mse_by_p"], theirs["mse_by_lr"]
    assert {
        "r2-n64": [by_n["64"]],
        "r2-n128": [by_n["128"], by_p["0.2"]],
        "r2-n256": [by_n["256"]],
        "r2-n512": [by_n["512"]],
        "r2-p0.05": [by_p["0.05"], by_lr["0.001"]],
        "r2-p0.1": [by_p["0.1"], theirs["mse_by_pooling"]["with"]],
        "r2-p0.15": [by_p["0.15"]],
        "r2-lr0.01": [by_lr["0.01"]],
        "r2-lr0.0001": [by_lr["0.0001"]],
        "r2-unpooled": [theirs["mse_by_pooling"]["without"]],
    } == {id: losses for id in EXPERIMENTS if id.startswith("r2") and (losses := figures(id, "test_loss"))}
    assert figures("r2-classifier-p0.1", "mean_diagonal") == [theirs["mean_diagonal"]]


@pytest.mark.parametrize("model", PUBLISHED["R3"]["models"])
def test_figures_of_r3(model: str):
    theirs = PUBLISHED["R3"]["models"][model]
    assert figures(f"r3-{model}", "test_loss") == [theirs["loss"]]
    assert figures(f"r3-{model}", "test_accuracy") == [theirs["accuracy"]]


@pytest.mark.parametrize("case", PUBLISHED["R4"]["confusion"])
def test_figures_of_r4(case: str):
    theirs = PUBLISHED["R4"]["confusion"][case]
    assert [list(row) for row in CONFUSION[int(case)]] == theirs
    assert EXPERIMENTS[f"r4-case{case}"].confusion == CONFUSION[int(case)]
    diagonal = sum(theirs[k][k] for k in range(10)) / 10
    assert figures(f"r4-case{case}", "test_accuracy") == [ACCURACY[int(case)]]
    assert ACCURACY[int(case)] == pytest.approx(diagonal, abs=5e-4)


def test_classes_stand_in_the_order_of_r4s_matrices():
    assert list(fashion_mnist.CLASSES) == PUBLISHED["R4"]["classes"]


@pytest.mark.parametrize("model", PUBLISHED["R5"]["models"])
def test_figures_of_r5(model: str):
    assert figures(f"r5-{model}", "test_accuracy") == [PUBLISHED["R5"]["models"][model]["accuracy"]]


def test_published_decimals_are_enough_for_the_figure():
    for experiment in EXPERIMENTS.values():
        for published in experiment.published:
            if published.decimals is not None:
                assert round(published.value, published.decimals) == published.value, experiment.id


@pytest.mark.parametrize("id", EXPERIMENTS)
def test_a_spec_is_whole_and_can_be_trained(id: str, full_data: fashion_mnist.Dataset):
    spec = EXPERIMENTS[id].spec
    assert read_spec(spec.to_json()) == spec
    assert spec.seed == 0
    fashion_mnist.check(spec, full_data)


# Settings, as the reports give them: architecture, hidden sizes, dropout, optimizer, rate, batch, epochs.
SETTINGS = {
    "r1-n64": ("ff_autoencoder", (64,), 0.1, "sgd", 0.1, 1000, 200),
    "r1-n512": ("ff_autoencoder", (512,), 0.1, "sgd", 0.1, 1000, 200),
    "r1-long-n256": ("ff_autoencoder", (256,), 0.0, "sgd", 0.1, 100, 300),
    "r2-n64": ("conv_autoencoder", (64,), 0.2, "adam", 1e-3, 100, 30),
    "r2-p0.15": ("conv_autoencoder", (128,), 0.15, "adam", 1e-3, 100, 30),
    "r2-lr0.01": ("conv_autoencoder", (128,), 0.05, "adam", 1e-2, 100, 30),
    "r2-unpooled": ("conv_autoencoder", (128,), 0.1, "adam", 1e-3, 100, 30),
    "r2-classifier-p0.1": ("encoder_classifier", (128,), 0.1, "adam", 1e-3, 100, 30),
    "r3-1": ("ff_classifier", (128, 64), 0.2, "sgd", 1e-3, 100, 30),
    "r3-2": ("ff_classifier", (128, 64), 0.2, "adam", 1e-3, 100, 30),
    "r3-3": ("ff_classifier", (128, 64), 0.2, "adam", 1e-3, 100, 60),
    "r4-base": ("conv_autoencoder", (64,), 0.2, "adam", 1e-3, 100, 30),
    "r4-p0.5": ("conv_autoencoder", (64,), 0.5, "adam", 1e-3, 100, 30),
    "r4-sgd": ("conv_autoencoder", (64,), 0.2, "sgd", 1e-3, 100, 30),
    "r4-batch150": ("conv_autoencoder", (64,), 0.2, "adam", 1e-3, 150, 30),
    "r4-case3": ("encoder_classifier", (64,), 0.1, "adam", 1e-3, 100, 30),
    "r5-1": ("conv_classifier", (600, 120), 0.25, "adam", 1e-3, 64, 5),
    "r5-2": ("conv_classifier", (600, 120), 0.25, "adam", 1e-5, 1000, 30),
    "r5-3": ("conv_classifier", (600, 120), 0.25, "adam", 1e-5, 1000, 100),
    "r5-plain-n2048": ("ff_classifier", (2048,), 0.25, "adam", 1e-3, 500, 100),
    "r5-plain-n512": ("ff_classifier", (512,), 0.25, "adam", 1e-3, 1000, 40),
}


@pytest.mark.parametrize("id", SETTINGS)
def test_settings_are_the_reports(id: str):
    spec = EXPERIMENTS[id].spec
    optimizer = (spec.optimizer, spec.learning_rate, spec.batch_size, spec.epochs)
    assert (spec.architecture, spec.hidden_sizes, spec.dropout, *optimizer) == SETTINGS[id]


CASES = [(1, "model", False), (2, "model", True), (3, "random", False), (4, "random", True)]


@pytest.mark.parametrize(("case", "origin", "frozen"), CASES)
def test_the_four_cases(case: int, origin: str, frozen: bool):
    source = EXPERIMENTS[f"r4-case{case}"].spec.encoder
    assert (source.origin, source.frozen) == (origin, frozen)
    assert EXPERIMENTS[f"r4-case{case}"].encoder == ("r4-p0.1" if origin == "model" else None)


@pytest.mark.parametrize("id", [id for id, experiment in EXPERIMENTS.items() if experiment.encoder])
def test_an_encoder_fits_who_starts_from_it(id: str):
    experiment = EXPERIMENTS[id]
    ours, theirs = experiment.spec, EXPERIMENTS[experiment.encoder].spec
    assert theirs.task == "autoencoder"
    assert (theirs.architecture, theirs.hidden_sizes) == (ours.encoder.architecture, ours.hidden_sizes)
    assert (theirs.pooling, theirs.scaling) == (ours.pooling, ours.scaling)
    assert EXPERIMENTS[experiment.encoder].shipped, "a learner who opens it needs the trained encoder"
    assert experiment.needs == (experiment.encoder,)


@pytest.mark.parametrize("id", [id for id, experiment in EXPERIMENTS.items() if experiment.continues])
def test_what_continues_differs_in_epochs_alone(id: str):
    ours, before = EXPERIMENTS[id].spec, EXPERIMENTS[EXPERIMENTS[id].continues].spec
    assert before.changed(epochs=ours.epochs) == ours
    assert before.epochs < ours.epochs
    assert before.patience is None, "after early stopping it would not be the same run"


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_studies_vary_what_they_say_and_name_every_row(report):
    ids = [experiment.id for experiment in report.experiments]
    assert {id for study in report.studies for id in study.experiments} <= set(ids)
    fields = [field for field in RunSpec.model_fields if field != "seed"]
    for study in report.studies:
        specs = [EXPERIMENTS[id].spec for id in study.experiments]
        differing = {field for field in fields if len({str(getattr(spec, field)) for spec in specs}) > 1}
        # An encoder has the size of its classifier, so another size comes with another encoder.
        assert differing - {"encoder"} <= set(study.varied), study.title
        assert set(study.varied) <= differing, study.title
        names = [str(name(EXPERIMENTS[id], study.varied)) for id in study.experiments]
        assert len(set(names)) == len(names), study.title


def test_every_experiment_of_the_reports_is_in_a_study_or_an_encoder():
    studied = {id for report in REPORTS.values() for study in report.studies for id in study.experiments}
    encoders = {experiment.encoder for experiment in EXPERIMENTS.values()}
    assert set(EXPERIMENTS) == studied | (encoders - {None})


def test_open_points_name_experiments_of_their_report():
    for report in REPORTS.values():
        ids = {experiment.id for experiment in report.experiments}
        for point in report.open_points:
            assert set(point.experiments) <= ids, point.question


def test_claims_name_experiments_that_there_are():
    for claim in CLAIMS.values():
        assert set(claim.experiments) <= set(EXPERIMENTS)
        assert set(claim.reports) <= set(REPORTS)


# Names


def test_names_are_short_and_without_exponents():
    spec = EXPERIMENTS["r5-3"].spec
    assert str(setting(spec, "learning_rate")) == "learning rate 0.00001"
    assert str(name(EXPERIMENTS["r5-3"], ("hidden_sizes", "dropout"))) == "n 600–120, p 0.25"
    assert str(setting(EXPERIMENTS["r4-case2"].spec, "encoder")) == "pre-trained, frozen"
    assert str(setting(EXPERIMENTS["r3-1-symmetric"].spec, "scaling")) == "inputs [−1, 1]"


def test_only_numbers_have_a_place_on_an_axis():
    spec = EXPERIMENTS["r5-1"].spec
    assert [position(spec, field) for field in ("hidden_sizes", "dropout", "epochs")] == [600, 0.25, 5]
    assert [position(spec, field) for field in ("pooling", "optimizer", "encoder")] == [None] * 3


def test_what_has_no_name_is_refused():
    with pytest.raises(ValueError, match="patience"):
        setting(EXPERIMENTS["r4-base"].spec, "patience")


# The command


def test_the_command_lists_every_experiment(capsys):
    assert main(["recipes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(EXPERIMENTS)
    assert [line.split()[0] for line in lines if not line.startswith("  ")] == list(REPORTS)


def test_the_command_prints_a_spec_that_can_be_trained(capsys):
    assert main(["recipes", "r1-n128"]) == 0
    assert read_spec(capsys.readouterr().out) == EXPERIMENTS["r1-n128"].spec
    assert main(["recipes", "r1-n129"]) == 1
    assert "There is no recipe “r1-n129”." in capsys.readouterr().err


def test_sizes_of_the_reports_networks():
    """By hand: 784·64 + 64 + 64·784 + 784, and R5's with its 2304 numbers ahead of the hidden layers."""
    assert parameter_count(EXPERIMENTS["r1-n64"].spec) == 101_200
    conv = 32 * 9 + 32 + 64 * 32 * 9 + 64
    plain = 2304 * 600 + 600 + 600 * 120 + 120 + 120 * 10 + 10
    assert parameter_count(EXPERIMENTS["r5-1"].spec) == conv + plain
