"""The work folder: what is kept of a run, where it goes on, and that one process at a time works there."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.compute.cluster import PROJECT
from fmnist_core.events import Epoch, Finished, Snapshot
from fmnist_core.messages import TrialResult
from fmnist_core.replication.evidence.plan import Trial
from fmnist_core.replication.evidence.work_folder import LAST_STATE, WEIGHTS, WorkFolder
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.sentences import LabError
from fmnist_core.spec import read_spec
from fmnist_core.store.run_folder import DamagedError
from tests.store.flipped_bits import flip

SPEC = read_spec({"architecture": "ff_autoencoder", "epochs": 4, "train_size": 100, "batch_size": 50})
TRAINED = {"architecture": "ff_autoencoder", "origin": "model", "id": "first"}
ON_IT = read_spec({"architecture": "encoder_classifier", "encoder": TRAINED})
EXPERIMENTS = {
    "first": Experiment("first", SPEC),
    "longer": Experiment("longer", SPEC.changed(epochs=6), continues="first"),
    "on-it": Experiment("on-it", ON_IT),
}
FIRST, LONGER, ON = Trial("first", 1), Trial("longer", 1), Trial("on-it", 1)


@pytest.fixture
def work_folder(tmp_path: Path) -> WorkFolder:
    return WorkFolder(tmp_path / "work", EXPERIMENTS)


def epoch(number: int) -> Epoch:
    return Epoch(number, 2 * number, 0.2, 0.1, 0.1, None, None, None, 0.001, 1.0)


def result(*epochs: int, state: bytes | None = None, finished: bool = False, losses=()) -> TrialResult:
    frames = tuple(Snapshot(2 * n, float(n), np.full((10, 28, 28), n, np.uint8), b"") for n in epochs)
    last = epochs[-1]
    ended = Finished(2 * last, last, "epochs", 0.1, None, None, None) if finished else None
    return TrialResult(
        "advanced",
        step=2 * last,
        epoch=last,
        epochs=tuple(map(epoch, epochs)),
        test_losses=losses,
        frames=frames,
        state=state,
        finished=ended,
        weights=b"weights" if finished else None,
    )


def begun(work_folder: WorkFolder, trial: Trial, *epochs: int) -> None:
    files = work_folder.open(trial, 0)
    work_folder.add(files, result(*epochs))
    files.save(work_folder.spec(trial), b"state after %d" % epochs[-1])


def ended(work_folder: WorkFolder, trial: Trial, *epochs: int) -> None:
    files = work_folder.open(trial, 0)
    finished = result(
        *epochs, state=b"last state" if work_folder.is_continued(trial) else None, finished=True
    )
    work_folder.add(files, finished)
    work_folder.finish(trial, files, finished)


def test_a_trial_has_its_seed_and_a_folder_of_its_own(work_folder):
    assert work_folder.folder(FIRST) == work_folder.path / "first" / "1"
    assert work_folder.spec(FIRST) == SPEC.changed(seed=1)


def test_where_nothing_is_a_run_begins(work_folder):
    start = work_folder.start(FIRST)
    assert (start.checkpoint, start.encoder) == (None, None)
    assert read_spec(start.spec) == SPEC.changed(seed=1)
    assert (work_folder.ready(FIRST), work_folder.broken_off(FIRST), work_folder.progress(FIRST)) == (
        False,
        False,
        0.0,
    )


def test_a_run_that_was_interrupted_goes_on(work_folder):
    begun(work_folder, FIRST, 1, 2, 3)
    assert work_folder.start(FIRST).checkpoint == b"state after 3"
    assert (work_folder.ready(FIRST), work_folder.broken_off(FIRST), work_folder.progress(FIRST)) == (
        False,
        True,
        0.75,
    )
    files = work_folder.open(FIRST, 4)  # saved after the second epoch: the third will be told again
    assert [epoch["epoch"] for epoch in files.history] == [1, 2]
    assert [frame.step for frame in files.snapshots] == [2, 4]


def test_a_run_that_has_ended_keeps_its_weights_and_what_others_go_on_from(work_folder):
    ended(work_folder, FIRST, 1, 2, 3, 4)
    assert work_folder.ready(FIRST)
    assert not work_folder.broken_off(FIRST)
    assert not (work_folder.folder(FIRST) / "checkpoint.safetensors").exists()
    assert (work_folder.folder(FIRST) / LAST_STATE).read_bytes() == b"last state"
    assert work_folder.encoder(ON) == b"weights"
    assert work_folder.start(ON).encoder == b"weights"


def test_what_continues_begins_where_the_other_ended(work_folder):
    ended(work_folder, FIRST, 1, 2, 3, 4)
    assert work_folder.start(LONGER).checkpoint == b"last state"
    assert read_spec(work_folder.start(LONGER).spec).epochs == 6
    files = work_folder.open(LONGER, 8)
    work_folder.add(files, result(5, 6))
    assert [epoch["epoch"] for epoch in files.history] == [1, 2, 3, 4, 5, 6]
    assert [frame.step for frame in files.snapshots] == [2, 4, 6, 8, 10, 12]
    files.save(work_folder.spec(LONGER), b"further on")
    assert work_folder.start(LONGER).checkpoint == b"further on", "once begun, it goes on from its own state"


def test_without_what_it_needs_a_run_is_a_sentence(work_folder):
    for trial in (LONGER, ON):
        with pytest.raises(LabError, match=r"first.* cannot be read"):
            work_folder.start(trial)


def test_what_was_made_with_other_settings_is_not_gone_on_with(work_folder):
    ended(work_folder, FIRST, 1, 2, 3, 4)
    changed = WorkFolder(
        work_folder.path, {**EXPERIMENTS, "first": Experiment("first", SPEC.changed(dropout=0.5))}
    )
    assert not changed.ready(FIRST)
    assert changed.start(FIRST).checkpoint is None
    assert not changed.folder(FIRST).exists()


def test_history_has_the_test_loss_where_there_are_no_validation_images(work_folder):
    files = work_folder.open(FIRST, 0)
    work_folder.add(files, result(1, 2, losses=(0.25, float("nan"))))
    assert [epoch["test_loss"] for epoch in files.history] == [0.25, None]


def test_damaged_files_are_sentences(work_folder):
    begun(work_folder, FIRST, 1, 2)
    (work_folder.folder(FIRST) / "history.json").write_bytes(b"[{]")
    assert work_folder.progress(FIRST) == 0.0
    with pytest.raises(LabError, match=r"history\.json .* is damaged"):
        work_folder.open(FIRST, 4)


def test_a_flipped_bit_in_what_others_go_on_from_is_a_sentence(work_folder):
    ended(work_folder, FIRST, 1, 2, 3, 4)
    for name, trial in ((LAST_STATE, LONGER), (WEIGHTS, ON)):
        file = work_folder.folder(FIRST) / name
        file.write_bytes(flip(file.read_bytes()))
        with pytest.raises(DamagedError, match=rf"{name} in .*first.* is damaged"):
            work_folder.start(trial)
        file.write_bytes(flip(file.read_bytes()))
        work_folder.start(trial)


def test_a_folder_that_takes_nothing_is_a_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    work_folder = WorkFolder(tmp_path / "file" / "work", EXPERIMENTS)
    with pytest.raises(LabError, match="--work"), work_folder.alone():
        pass
    with pytest.raises(LabError):
        work_folder.open(FIRST, 0)


HOLDS = """
import sys
from pathlib import Path
from fmnist_core.replication.evidence.work_folder import WorkFolder

with WorkFolder(Path(sys.argv[1]), {}).alone():
    print("alone", flush=True)
    input()
"""


def test_one_process_at_a_time_and_a_killed_one_holds_nothing(work_folder):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(work_folder.path)], cwd=PROJECT, **pipes
    ) as other:
        assert other.stdout.readline() == "alone\n"
        with pytest.raises(LabError, match="Another verification is at work"), work_folder.alone():
            pass
        other.kill()
        other.wait()
        with work_folder.alone():
            pass


def test_what_is_kept_has_names_that_the_rest_of_the_lab_knows(work_folder):
    ended(work_folder, ON, 1)
    names = sorted(file.name for file in work_folder.folder(ON).iterdir())
    assert names == ["SHA256SUMS", "film.npz", "history.json", "metrics.json", WEIGHTS, "spec.json"]
    assert json.loads((work_folder.folder(ON) / "metrics.json").read_text())["test_loss"] == 0.1
