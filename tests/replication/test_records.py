"""The evidence file: what is read is whole, valid and of today's recipes; what is added cannot harm it."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.records import EvidenceError, Record
from fmnist_core.replication.recipes import EXPERIMENTS
from tests.replication.synthetic_records import record

RECORDS = (
    record("r3-1"),
    record("r3-1", 1),
    record("r1-n64", unseen=[0.2, 0.1]),
    record("r3-2", diverged=True),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(b"".join(record.to_line() for record in RECORDS))
    return path


def changed(original: Record, **values) -> bytes:
    return json.dumps({**json.loads(original.to_line()), **values}).encode() + b"\n"


def refused(path: Path, *words: str) -> None:
    """Reading says so, in a sentence, and adding does no harm either."""
    before = path.read_bytes()
    with pytest.raises(EvidenceError) as refusal:
        records.read(path, EXPERIMENTS)
    for word in words:
        assert word in str(refusal.value)
    assert path.read_bytes() == before


def test_what_was_added_is_read(tmp_path: Path):
    path = tmp_path / "new" / "folder" / "evidence.jsonl"
    for known in RECORDS:
        records.append(path, known)
    assert records.read(path, EXPERIMENTS) == RECORDS
    assert os.listdir(path.parent) == ["evidence.jsonl"]


def test_no_file_is_no_evidence(tmp_path: Path):
    assert records.read(tmp_path / "none.jsonl", EXPERIMENTS) == ()


def test_a_file_cut_short_is_refused(file: Path):
    file.write_bytes(file.read_bytes()[:-1])
    refused(file, "is cut short: line 4 breaks off", "Nothing was changed")
    with pytest.raises(EvidenceError):
        records.append(file, record("r3-3"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_wherever_it_is_cut_it_is_refused_or_shorter(share: float, file: Path):
    content = b"".join(record.to_line() for record in RECORDS)
    rest = content[: round(share * len(content))]
    file.write_bytes(rest)
    if rest and not rest.endswith(b"\n"):
        refused(file, "cut short")
    else:
        assert records.read(file, EXPERIMENTS) == RECORDS[: rest.count(b"\n")]


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b"[1]\n",
        b"null\n",
        b"{]\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        changed(RECORDS[0], seed=-1),
        changed(RECORDS[0], seed="0"),
        changed(RECORDS[0], test_loss=float("nan")),
        changed(RECORDS[0], test_loss=None),
        changed(RECORDS[0], test_accuracy=0.123),
        changed(RECORDS[0], confusion=None),
        changed(RECORDS[0], confusion=[[10_000]]),
        changed(RECORDS[0], reason="tired"),
        changed(RECORDS[0], epochs=3),
        changed(RECORDS[0], spec={"architecture": "resnet"}),
        changed(RECORDS[0], surprise=1),
        changed(RECORDS[2], test_accuracy=0.5),
    ],
    ids=lambda line: line[-60:].decode(errors="replace").strip(),
)
def test_an_invalid_line_is_refused_by_its_number(line: bytes, file: Path):
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:2], line, *lines[2:]]))
    refused(file, "Line 3 of the evidence file", "is not valid")


def test_two_lines_for_one_run_are_refused(file: Path):
    records.append(file, record("r3-1", 1))
    refused(file, "two lines for r3-1, seed 1")


def test_a_folder_in_its_place_is_refused(tmp_path: Path):
    with pytest.raises(EvidenceError, match="cannot be read"):
        records.read(tmp_path, EXPERIMENTS)


def outdated(file: Path) -> Path:
    """Evidence for settings that the recipe no longer has, and for an experiment that there no longer is."""
    spec = {**json.loads(RECORDS[0].spec.to_json()), "learning_rate": 0.5}
    gone = changed(RECORDS[0], experiment="r9-1")
    file.write_bytes(file.read_bytes() + changed(record("r3-3"), spec=spec) + gone)
    return file


def test_evidence_of_other_settings_is_refused_and_can_be_set_aside(file: Path):
    refused(outdated(file), "r3-3, seed 0", "other settings", "--renew")
    assert records.set_aside(file, EXPERIMENTS) == 2
    assert records.read(file, EXPERIMENTS) == RECORDS
    aside = file.with_suffix(".outdated.jsonl").read_text().splitlines()
    assert [json.loads(line)["experiment"] for line in aside] == ["r3-3", "r9-1"]
    assert records.set_aside(file, EXPERIMENTS) == 0
    records.set_aside(outdated(file), EXPERIMENTS)
    assert len(file.with_suffix(".outdated.jsonl").read_text().splitlines()) == 4, "nothing set aside is lost"


def test_a_record_of_another_seed_is_current_only_with_that_seed_in_its_spec():
    assert records.is_current(record("r3-1", 2), EXPERIMENTS)
    wrong = Record.model_validate_json(changed(record("r3-1", 2), seed=1))
    assert not records.is_current(wrong, EXPERIMENTS)


def test_a_full_disk_leaves_the_file_as_it_was(file: Path, monkeypatch):
    """The new content goes to another file first; what fails is what fails on a full disk, its flush."""
    before = file.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EvidenceError, match="No space left on device"):
        records.append(file, record("r3-3"))
    assert file.read_bytes() == before


def test_what_a_kill_left_behind_does_no_harm(file: Path):
    """A kill while a line was being added leaves half of another file, which the next addition replaces."""
    file.with_name("evidence.jsonl.part").write_bytes(b'{"experiment": "r3-')
    assert records.read(file, EXPERIMENTS) == RECORDS
    records.append(file, record("r3-3"))
    assert records.read(file, EXPERIMENTS) == (*RECORDS, record("r3-3"))


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path):
    (tmp_path / "evidence.jsonl.part").mkdir()
    with pytest.raises(EvidenceError, match="cannot be written"):
        records.append(tmp_path / "evidence.jsonl", RECORDS[0])


def test_columns_are_rounded_and_what_is_not_finite_is_nothing():
    assert records.column([0.123456789, 1234567.0, None, float("nan"), float("inf"), 0.0]) == (
        0.123457,
        1234570.0,
        None,
        None,
        None,
        0.0,
    )


def test_a_run_that_diverged_needs_no_figures():
    diverged = record("r3-1", diverged=True)
    assert (diverged.test_loss, diverged.confusion) == (None, None)
    with pytest.raises(ValidationError, match="test figure is missing"):
        Record.model_validate(json.loads(changed(diverged, reason="epochs")))


def test_the_shipped_file_is_there():
    assert records.SHIPPED.exists()
