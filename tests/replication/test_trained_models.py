"""Models on their way from the work folder to where they are shipped: nothing but the run of the evidence."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, load_file, save

from fmnist_core.__main__ import main
from fmnist_core.data import fashion_mnist, shipped_models
from fmnist_core.events import Epoch, Finished, Snapshot
from fmnist_core.exports.exported_run import of_shipped_model
from fmnist_core.nets.tools import half_precision
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker.trial_run import fingerprint
from fmnist_core.replication import trained_models
from fmnist_core.replication.claims.judge import arranged
from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.plan import Trial
from fmnist_core.replication.evidence.work_folder import WorkFolder
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.trained_models import SEED, ShippingError, export
from fmnist_core.store.run_folder import RunFolder
from tests.replication.synthetic_records import record

ID = "r3-1"
SPEC = EXPERIMENTS[ID].spec


@pytest.fixture
def work_folder(tmp_path: Path) -> WorkFolder:
    return WorkFolder(tmp_path / "work", EXPERIMENTS)


def finished_run(work_folder: WorkFolder, dataset: fashion_mnist.Dataset, scale: float = 1.0, seed: int = 0):
    """A run of that recipe as if it had ended, untrained; its record. Weights `scale` times the usual."""
    spec = SPEC.changed(seed=seed)
    state = loop.start(spec, dataset, device="cpu")
    weights = {name: scale * tensor for name, tensor in load(loop.weights(state)).items()}
    tally = half_precision.tested(weights, spec, dataset)
    frame = next(e for e in loop.advance(state, loop.Budget(batches=1)) if isinstance(e, Snapshot))
    blob = save(weights, {"spec": spec.to_json()})
    files = RunFolder(work_folder.folder(Trial(ID, 0)))
    files.add(frame)
    files.add(Epoch(1, 500, 1.0, 1.0, 1.0, 0.1, 0.1, None, 0.001, 1.0))
    files.finish(spec, Finished(500, 1, "epochs", tally.loss, tally.accuracy, tally.counts, None), blob)
    return record(
        ID,
        unseen=[1.0],
        loss=tally.loss,
        test_accuracy=tally.accuracy,
        confusion=tally.counts.tolist(),
        weights=fingerprint(blob),
        hardware="some processor, 1 thread",
        versions={"torch": "2.13"},
    )


def test_a_model_is_shipped_in_float16_with_all_that_belongs_to_it(work_folder, full_data, tmp_path: Path):
    target = tmp_path / "models"
    known = finished_run(work_folder, full_data)
    lines = export(work_folder, [known], target)
    assert sorted(file.name for file in (target / ID).iterdir()) == [
        "film.npz",
        "history.json",
        "metrics.json",
        "model.safetensors",
        "spec.json",
    ]
    stored = load_file(target / ID / "model.safetensors")
    assert {n: t.dtype for n, t in stored.items() if t.numel() >= 10_000} == {
        "hidden.0.weight": torch.float16
    }
    assert {t.dtype for t in stored.values() if t.numel() < 10_000} == {torch.float32}
    assert (target / ID / "spec.json").read_text() == SPEC.to_json()
    metrics = json.loads((target / ID / "metrics.json").read_text())
    assert metrics["hardware"] == ["some processor, 1 thread, torch 2.13"]
    accuracy = f"accuracy {100 * known.test_accuracy:.1f} %"
    assert [line for line in lines if line.startswith(ID)] == [f"{ID:20} 0.24 MB, float16, {accuracy}"]
    assert sum("not trained yet" in line for line in lines) == 28
    table = (target / "README.md").read_text()
    assert f"`python -m fmnist_core verify --experiments {ID} --seeds 1`, seed 0, some processor" in table
    assert f"| {accuracy} |" in table
    assert half_precision.tested(stored, SPEC, full_data).loss == pytest.approx(known.test_loss, abs=5e-5)


def test_what_has_not_changed_is_not_written_again(work_folder, full_data, tmp_path: Path):
    target = tmp_path / "models"
    known = finished_run(work_folder, full_data)
    target.mkdir()
    (target / "README.md").write_text("# Mine\n\nBy hand.\n")
    export(work_folder, [known], target)
    before = {file: file.stat().st_mtime_ns for file in target.rglob("*")}
    export(work_folder, [known], target)
    assert {file: file.stat().st_mtime_ns for file in target.rglob("*")} == before
    assert (target / "README.md").read_text().startswith("# Mine\n\nBy hand.\n\n## The reports' models\n")


def test_weights_that_halving_would_change_stay_as_they_are(work_folder, full_data, tmp_path: Path):
    """Large weights make a loss of hundreds, whose fourth decimal no float16 keeps."""
    known = finished_run(work_folder, full_data, scale=30.0)
    lines = export(work_folder, [known], tmp_path / "models")
    assert any(line.startswith(ID) and "float32" in line for line in lines)
    shipped = (tmp_path / "models" / ID / "model.safetensors").read_bytes()
    assert shipped == (work_folder.folder(Trial(ID, 0)) / "model.safetensors").read_bytes()


def test_halving_is_held_to_accuracy_too(full_data):
    state = loop.start(SPEC, full_data, device="cpu")
    weights = loop.weights(state)
    tested = half_precision.tested(loop.read_weights(weights), SPEC, full_data)
    small = half_precision.halved(weights, SPEC, tested.loss, tested.accuracy, full_data)
    assert len(small) < 0.6 * len(weights)
    assert half_precision.halved(weights, SPEC, tested.loss, tested.accuracy + 0.001, full_data) == weights
    assert half_precision.halved(weights, SPEC, tested.loss + 0.001, tested.accuracy, full_data) == weights


def test_weights_of_another_run_are_refused(work_folder, full_data, tmp_path: Path):
    known = finished_run(work_folder, full_data)
    finished_run(work_folder, full_data, scale=1.5)
    with pytest.raises(ShippingError, match="not those of which the evidence speaks"):
        export(work_folder, [known], tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_without_evidence_nothing_is_shipped(work_folder, full_data, tmp_path: Path):
    finished_run(work_folder, full_data)
    lines = export(work_folder, [], tmp_path / "models")
    assert f"{ID:20} not trained yet" in lines


def test_too_much_is_said(work_folder, full_data, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(trained_models, "MOST_BYTES", 100_000)
    with pytest.raises(ShippingError, match="they may take 0"):
        export(work_folder, [finished_run(work_folder, full_data)], tmp_path / "models")


def test_the_sample_is_not_enough(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    work, target = str(tmp_path / "work"), str(tmp_path / "models")
    assert main(["verify", "--export", target, "--work", work]) == 1
    assert "full data, which is not here" in capsys.readouterr().err


def test_the_command_says_what_it_did(work_folder, full_data, tmp_path: Path, capsys):
    file = tmp_path / "evidence.jsonl"
    records.append(file, finished_run(work_folder, full_data))
    arguments = ["--work", str(work_folder.path), "--evidence", str(file)]
    assert main(["verify", "--export", str(tmp_path / "models"), *arguments]) == 0
    printed = capsys.readouterr().out
    assert "0.2 MB together" in printed
    assert (tmp_path / "models" / ID / "spec.json").exists()


def test_what_is_shipped_names_the_hardware_of_its_evidence():
    known = arranged(records.read(records.SHIPPED, EXPERIMENTS))
    models = [model for model in shipped_models.names() if model in EXPERIMENTS]
    assert len(models) == 29
    for model in models:
        assert of_shipped_model(model).hardware == (known[model][SEED].trained_on,)
