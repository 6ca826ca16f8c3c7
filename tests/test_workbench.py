"""The work folder: what is kept of a run, where it goes on, and that one process at a time works there."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.cluster import PROJECT
from fmnist_core.events import Epoch, FilmFrame, Finished
from fmnist_core.orders import RunReport
from fmnist_core.recipes.report import Experiment
from fmnist_core.sentences import LabError
from fmnist_core.spec import read_spec
from fmnist_core.trials import Trial
from fmnist_core.workbench import LAST_STATE, WEIGHTS, Workbench

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
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path / "work", EXPERIMENTS)


def epoch(number: int) -> Epoch:
    return Epoch(number, 2 * number, 0.2, 0.1, 0.1, None, None, None, 0.001, 1.0)


def report(*epochs: int, state: bytes | None = None, finished: bool = False, losses=()) -> RunReport:
    frames = tuple(FilmFrame(2 * n, float(n), np.full((10, 28, 28), n, np.uint8), b"") for n in epochs)
    last = epochs[-1]
    ended = Finished(2 * last, last, "epochs", 0.1, None, None, None) if finished else None
    return RunReport(
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


def begun(bench: Workbench, trial: Trial, *epochs: int) -> None:
    files = bench.open(trial, 0)
    bench.add(files, report(*epochs))
    files.save(bench.spec(trial), b"state after %d" % epochs[-1])


def ended(bench: Workbench, trial: Trial, *epochs: int) -> None:
    files = bench.open(trial, 0)
    told = report(*epochs, state=b"last state" if bench.is_continued(trial) else None, finished=True)
    bench.add(files, told)
    bench.finish(trial, files, told)


def test_a_trial_has_its_seed_and_a_folder_of_its_own(bench):
    assert bench.folder(FIRST) == bench.path / "first" / "1"
    assert bench.spec(FIRST) == SPEC.changed(seed=1)


def test_where_nothing_is_a_run_begins(bench):
    start = bench.start(FIRST)
    assert (start.checkpoint, start.encoder) == (None, None)
    assert read_spec(start.spec) == SPEC.changed(seed=1)
    assert (bench.ready(FIRST), bench.broken_off(FIRST), bench.progress(FIRST)) == (False, False, 0.0)


def test_a_run_that_was_interrupted_goes_on(bench):
    begun(bench, FIRST, 1, 2, 3)
    assert bench.start(FIRST).checkpoint == b"state after 3"
    assert (bench.ready(FIRST), bench.broken_off(FIRST), bench.progress(FIRST)) == (False, True, 0.75)
    files = bench.open(FIRST, 4)  # saved after the second epoch: the third will be told again
    assert [one["epoch"] for one in files.history] == [1, 2]
    assert [frame.step for frame in files.film] == [2, 4]


def test_a_run_that_has_ended_keeps_its_weights_and_what_others_go_on_from(bench):
    ended(bench, FIRST, 1, 2, 3, 4)
    assert bench.ready(FIRST)
    assert not bench.broken_off(FIRST)
    assert not (bench.folder(FIRST) / "checkpoint.safetensors").exists()
    assert (bench.folder(FIRST) / LAST_STATE).read_bytes() == b"last state"
    assert bench.encoder(ON) == b"weights"
    assert bench.start(ON).encoder == b"weights"


def test_what_continues_begins_where_the_other_ended(bench):
    ended(bench, FIRST, 1, 2, 3, 4)
    assert bench.start(LONGER).checkpoint == b"last state"
    assert read_spec(bench.start(LONGER).spec).epochs == 6
    files = bench.open(LONGER, 8)
    bench.add(files, report(5, 6))
    assert [one["epoch"] for one in files.history] == [1, 2, 3, 4, 5, 6]
    assert [frame.step for frame in files.film] == [2, 4, 6, 8, 10, 12]
    files.save(bench.spec(LONGER), b"further on")
    assert bench.start(LONGER).checkpoint == b"further on", "once begun, it goes on from its own state"


def test_without_what_it_needs_a_run_is_a_sentence(bench):
    for trial in (LONGER, ON):
        with pytest.raises(LabError, match=r"first.* cannot be read"):
            bench.start(trial)


def test_what_was_made_with_other_settings_is_not_gone_on_with(bench):
    ended(bench, FIRST, 1, 2, 3, 4)
    changed = Workbench(bench.path, {**EXPERIMENTS, "first": Experiment("first", SPEC.changed(dropout=0.5))})
    assert not changed.ready(FIRST)
    assert changed.start(FIRST).checkpoint is None
    assert not changed.folder(FIRST).exists()


def test_history_has_the_test_loss_where_there_are_no_validation_images(bench):
    files = bench.open(FIRST, 0)
    bench.add(files, report(1, 2, losses=(0.25, float("nan"))))
    assert [one["test_loss"] for one in files.history] == [0.25, None]


def test_damaged_files_are_sentences(bench):
    begun(bench, FIRST, 1, 2)
    (bench.folder(FIRST) / "history.json").write_bytes(b"[{]")
    assert bench.progress(FIRST) == 0.0
    with pytest.raises(LabError, match="cannot be read"):
        bench.open(FIRST, 4)


def test_a_folder_that_takes_nothing_is_a_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    bench = Workbench(tmp_path / "file" / "work", EXPERIMENTS)
    with pytest.raises(LabError, match="--work"), bench.alone():
        pass
    with pytest.raises(LabError):
        bench.open(FIRST, 0)


HOLDS = """
import sys
from pathlib import Path
from fmnist_core.workbench import Workbench

with Workbench(Path(sys.argv[1]), {}).alone():
    print("alone", flush=True)
    input()
"""


def test_one_process_at_a_time_and_a_killed_one_holds_nothing(bench):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(bench.path)], cwd=PROJECT, **pipes) as other:
        assert other.stdout.readline() == "alone\n"
        with pytest.raises(LabError, match="Another verification is at work"), bench.alone():
            pass
        other.kill()
        other.wait()
        with bench.alone():
            pass


def test_what_is_kept_has_names_that_the_rest_of_the_lab_knows(bench):
    ended(bench, ON, 1)
    names = sorted(file.name for file in bench.folder(ON).iterdir())
    assert names == ["film.npz", "history.json", "metrics.json", WEIGHTS, "spec.json"]
    assert json.loads((bench.folder(ON) / "metrics.json").read_text())["test_loss"] == 0.1
