"""What `verify --hypotheses --check` prints: every study, best first, from the runs that the lab ships."""

import re
from pathlib import Path

import pytest

from fmnist_core.__main__ import main
from fmnist_core.replication.hypotheses import FINALISTS, STUDIES, TRAINED
from tests.replication.synthetic_records import under


def check(*arguments: str) -> int:
    return main(["verify", "--hypotheses", "--check", *arguments])


def test_every_study_is_printed_with_what_was_tried(capsys):
    assert check() == 0
    printed = capsys.readouterr().out
    for study in STUDIES:
        assert f"{study.report} · {study.title}" in printed
        for hypothesis in study.hypotheses:
            assert str(hypothesis.sentence) in printed
    counts = re.findall(r"(\d+) changes tried, (\d+) not yet", printed)
    assert [sum(map(int, both)) for both in counts] == [len(study.hypotheses) for study in STUDIES]


def test_only_the_reports_asked_for(capsys):
    assert check("--reports", "r3") == 0
    printed = capsys.readouterr().out
    assert "R3 · " in printed
    assert "R2 · " not in printed
    assert check("--reports", "R9") == 1
    assert "There is no “R9”" in capsys.readouterr().err


def test_other_runs_may_be_named_and_a_damaged_file_is_named(capsys, tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    file.write_bytes(under("standard", "r3-1", loss=0.5, accuracy=0.8).to_line())
    assert check("--evidence", str(file), "--reports", "R3") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"1 runs in {file}.")
    file.write_bytes(file.read_bytes()[:-10])
    assert check("--evidence", str(file)) == 1
    assert "cut short" in capsys.readouterr().err


def test_a_run_of_a_hypothesis_that_changed_is_out_of_date(capsys, tmp_path: Path):
    file = tmp_path / "old.jsonl"
    run = under("standard", "r3-1", loss=0.5, accuracy=0.8)
    file.write_bytes(run.model_copy(update={"spec": run.spec.changed(dropout=0.3)}).to_line())
    assert check("--evidence", str(file)) == 1
    assert "was made with other settings" in capsys.readouterr().err


@pytest.mark.parametrize("report", ["R2", "R3", "R4", "R5"])
def test_what_is_missing_is_listed_with_its_cost(report, capsys, tmp_path: Path):
    missing = tmp_path / "none.jsonl"
    assert main(["verify", "--hypotheses", "--list", "--evidence", str(missing), "--reports", report]) == 0
    printed = capsys.readouterr().out
    assert f"{report.lower()}-" in printed
    assert "runs are missing" in printed


@pytest.mark.parametrize("option", [("--claims", "C16"), ("--export",)])
def test_what_hypotheses_do_not_have_is_refused(option, capsys):
    assert main(["verify", "--hypotheses", *option]) == 1
    assert "leave --claims and --export out" in capsys.readouterr().err


def test_the_finalists_are_trained_with_three_seeds_and_the_others_with_one(capsys, tmp_path: Path):
    missing = str(tmp_path / "none.jsonl")
    assert main(["verify", "--hypotheses", "--list", "--evidence", missing, "--reports", "R3"]) == 0
    seeds = dict(re.findall(r"(r3\S+) +seeds ([\d, ]+?)  ", capsys.readouterr().out))
    assert seeds.keys() == {id for id in TRAINED if id.startswith("r3")}
    assert (
        {id for id, of in seeds.items() if of == "0, 1, 2"}
        == {id for id in FINALISTS if id in seeds}
        != set()
    )
    assert {of for id, of in seeds.items() if id not in FINALISTS} == {"0"}
