"""Published figures beside ours: agreement by rounding and noise, the reasons, and the printed check."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.__main__ import main
from fmnist_core.replication.claims.judge import arranged
from fmnist_core.replication.claims.published import comparisons, mean_confusion
from fmnist_core.replication.evidence import records
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.replication.recipes.report import Published
from fmnist_core.sentences import Sentence
from tests.replication.synthetic_records import record

HERE = Sentence("here")


def seeds(experiment: str, name: str, *values: float):
    return [record(experiment, seed, **{name: value}) for seed, value in enumerate(values)]


def compared(report: str, figure: str, records) -> dict:
    known = comparisons(REPORTS[report], arranged(records))
    return {
        comparison.experiment.id: comparison for comparison in known if comparison.published.figure == figure
    }


@pytest.fixture
def evidence_file(tmp_path: Path):
    def write(*records) -> Path:
        path = tmp_path / "evidence.jsonl"
        path.write_bytes(b"".join(record.to_line() for record in records))
        return path

    return write


@pytest.mark.parametrize(
    ("published", "low", "high"),
    [
        (Published("test_loss", 0.020, HERE, decimals=3), 0.0195, 0.0205),
        (Published("test_loss", 0.20, HERE, decimals=2), 0.195, 0.205),
        (Published("test_accuracy", 0.83, HERE, "≈", 2), 0.82, 0.84),
        (Published("test_accuracy", 0.90, HERE, ">", 2), 0.90, math.inf),
        (Published("test_accuracy", 0.75, HERE, "<", 2), -math.inf, 0.75),
        (Published("test_loss", 0.052893, HERE), 0.052893, 0.052893),
    ],
)
def test_what_a_published_figure_may_stand_for(published: Published, low: float, high: float):
    assert (published.meant.low, published.meant.high) == pytest.approx((low, high))


def test_figures_differ_agree_or_drown_in_noise():
    known = compared(
        "R5",
        "test_accuracy",
        [
            *seeds("r5-1", "accuracy", 0.83, 0.831, 0.832),
            *seeds("r5-2", "accuracy", 0.80, 0.801, 0.802),
            *seeds("r5-3", "accuracy", 0.88, 0.90, 0.92),
        ],
    )
    assert [known[id].decision for id in ("r5-1", "r5-2", "r5-3")] == ["confirmed", "refuted", "noise"]
    assert known["r5-2"].values == {0: 0.80, 1: 0.801, 2: 0.802}
    assert known["r5-2"].reasons
    assert not known["r5-1"].reasons


def test_a_setting_with_two_published_figures_is_held_against_both():
    figures = comparisons(REPORTS["R2"], arranged(seeds("r2-n128", "loss", 0.0251, 0.0252, 0.0250)))
    assert [comparison.decision for comparison in figures if comparison.experiment.id == "r2-n128"] == [
        "confirmed",
        "refuted",
    ]


def test_reasons_are_what_was_tested_then_what_is_noted():
    records = [
        *seeds("r3-1", "accuracy", 0.74, 0.741, 0.742),
        *seeds("r3-1-symmetric", "accuracy", 0.80, 0.801, 0.802),
        *seeds("r3-1-mse", "accuracy", 0.62, 0.621, 0.622),
    ]
    reasons = [str(reason) for reason in compared("R3", "test_accuracy", records)["r3-1"].reasons]
    assert reasons == [
        "Tested: with inputs [−1, 1] our figure is 80.1 %, nearer to the published one.",
        "Not tested yet: momentum 0.9.",
        "Tested, and not the reason: with mean squared error our figure is 62.1 %, farther off.",
        "Left open by the report: The text names mean squared error as the loss.",
        "Left open by the report: How images are scaled, and whether SGD has momentum, is not said.",
        "Left open by the report: How many of the images are for training and how many for validation is not "
        "said.",
    ]


def test_losses_of_two_kinds_are_not_compared():
    records = [*seeds("r3-1", "loss", 0.7, 0.7, 0.7), *seeds("r3-1-mse", "loss", 0.05, 0.05, 0.05)]
    reasons = " ".join(map(str, compared("R3", "test_loss", records)["r3-1"].reasons))
    assert "mean squared error our" not in reasons


def test_open_points_concern_their_figures_and_experiments():
    known = compared("R1", "test_loss", seeds("r1-n64", "loss", 0.060, 0.060, 0.060))["r1-n64"]
    reasons = " ".join(map(str, known.reasons))
    assert "activation of the output" in reasons
    assert "dropout on or off" not in reasons  # which concerns training losses


def test_mean_confusion_is_in_shares():
    runs = {seed: record("r4-case1", seed, accuracy=0.9 + 0.01 * seed) for seed in range(3)}
    shares = mean_confusion(runs)
    assert shares.sum(1) == pytest.approx(np.ones(10))
    assert shares.trace() / 10 == pytest.approx(0.91)
    assert mean_confusion({0: record("r4-base")}) is None


# The command


def check(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["verify", "--check", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_check_without_evidence_says_so(tmp_path: Path, capsys):
    code, out, err = check(capsys, "--evidence", str(tmp_path / "none.jsonl"))
    assert (code, err) == (0, "")
    assert "There is no evidence in" in out
    assert "42 claims: 0 confirmed" in out
    assert "42 not enough evidence yet." in out
    assert out.count("/12 runs") >= 5


def test_check_prints_verdicts_figures_and_reasons(evidence_file, capsys):
    accuracies = {"r3-1": (0.74, 0.742, 0.745), "r3-2": (0.88, 0.882, 0.884), "r3-3": (0.88, 0.89, 0.87)}
    records = [record for id, values in accuracies.items() for record in seeds(id, "accuracy", *values)]
    code, out, _ = check(capsys, "--evidence", str(evidence_file(*records)), "--reports", "r3")
    assert code == 0
    assert re.search("C16 +confirmed +6/6 runs +At a learning rate of 0.001 Adam beats SGD.", out)
    assert re.search("C17 +within seed noise +6/6 runs", out)
    assert "3 claims: 1 confirmed, 0 within a margin only, 0 refuted, 2 within seed noise, 0 not" in out
    assert "differs by -6.8 points" in out
    assert "Not tested yet: inputs [−1, 1]." in out
    assert "r1-n64" not in out


def test_check_tells_every_part_of_a_claim_that_was_asked_for(evidence_file, capsys):
    records = [*seeds("r4-n32", "loss", 0.03, 0.03, 0.03), *seeds("r4-base", "loss", 0.024, 0.024, 0.024)]
    code, out, _ = check(capsys, "--evidence", str(evidence_file(*records)), "--claims", "C18")
    assert code == 0
    assert (
        "confirmed: Test error: n 64 < n 32: −20.00 % (95 % interval: −20.00 % to −20.00 %, 3 seeds)" in out
    )
    assert "not enough evidence yet: Test error: n 128 < n 64" in out
    assert "C19" not in out


@pytest.mark.parametrize("damage", ["cut", "no JSON", "other settings"])
def test_check_of_a_damaged_file_is_a_sentence(damage: str, evidence_file, capsys):
    path = evidence_file(record("r3-1"), record("r3-2"))
    match damage:
        case "cut":
            path.write_bytes(path.read_bytes()[:-40])
        case "no JSON":
            path.write_bytes(path.read_bytes() + b"{]\n")
        case "other settings":
            line = json.loads(record("r3-3").to_line())
            line["spec"]["learning_rate"] = 0.5
            path.write_bytes(path.read_bytes() + json.dumps(line).encode() + b"\n")
    before = path.read_bytes()
    code, out, err = check(capsys, "--evidence", str(path))
    assert (code, out) == (1, "")
    expected = {"cut": "is cut short: line 2", "no JSON": "Line 3 of", "other settings": "other settings"}
    assert expected[damage] in err
    assert path.read_bytes() == before


def test_an_unknown_claim_is_a_sentence(capsys):
    code, out, err = check(capsys, "--claims", "C99")
    assert (code, out) == (1, "")
    assert "There is no “C99”." in err


def test_r1s_choices_hold_on_figures_that_they_were_not_made_by():
    """As the report's open points say of the two larger sizes."""
    known = arranged(records.read(records.SHIPPED, EXPERIMENTS))
    others = [c for c in comparisons(REPORTS["R1"], known) if c.experiment.id in ("r1-n256", "r1-n512")]
    assert len(others) == 4
    assert all(comparison.decision in ("confirmed", "noise") for comparison in others)


def test_the_shipped_evidence_is_whole_and_current():
    known = records.read(records.SHIPPED, EXPERIMENTS)
    assert known, "the project ships none"
