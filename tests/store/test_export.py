"""What a learner takes away: the zip's files against the store, and its weights against training's own."""

import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load

from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import export
from fmnist_core.store.runs import RunNotFound, Store

SPECS = {
    "autoencoder": {"architecture": "ff_autoencoder"},
    "classifier": {"architecture": "ff_classifier"},
    "best weights": {"architecture": "ff_classifier", "patience": 2, "learning_rate": 0.02, "epochs": 40},
    "nothing to validate": {"architecture": "conv_autoencoder", "validation_size": 0, "epochs": 1},
}


def read_small(settings: dict) -> RunSpec:
    return read_spec({"train_size": 1000, "validation_size": 200, "epochs": 4, "seed": 3, **settings})


@pytest.fixture
def store() -> Store:
    store = Store()
    yield store
    store.close()


def trained(store: Store, spec: RunSpec, sample_data):
    """A run trained into the store, and its last state."""
    from fmnist_core.nets.training import loop

    state = loop.start(spec, sample_data)
    events = list(loop.advance(state))
    run_id = store.create_run(spec, "learner")
    store.write_slice(
        run_id,
        store.claim(run_id),
        events,
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        checkpoint=loop.save(state),
    )
    return run_id, state


def files_of(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        assert files.testzip() is None
        return {name: files.read(name) for name in files.namelist()}


@pytest.mark.parametrize("settings", SPECS.values(), ids=SPECS)
def test_the_zip_holds_spec_history_and_weights(settings: dict, store: Store, sample_data, tmp_path: Path):
    from fmnist_core.nets.training import loop

    spec = read_small(settings)
    run_id, state = trained(store, spec, sample_data)
    files = files_of(export.zip_run(store, run_id))
    assert list(files) == ["spec.json", "history.csv", "model.safetensors"]
    assert read_spec(files["spec.json"]) == spec

    expected = load(loop.weights(state))
    weights = load(files["model.safetensors"])
    assert weights.keys() == expected.keys()
    for name in weights:
        assert np.array_equal(weights[name], expected[name])
    assert sum(weight.size for weight in weights.values()) == spec.parameter_count
    for name, content in (("theirs", loop.weights(state)), ("ours", files["model.safetensors"])):
        (tmp_path / name).write_bytes(content)
    with safe_open(tmp_path / "theirs", "numpy") as theirs, safe_open(tmp_path / "ours", "numpy") as ours:
        assert ours.metadata() == theirs.metadata()

    rows = list(csv.DictReader(io.StringIO(files["history.csv"].decode())))
    epochs = store.epochs(run_id)
    unit = "mse" if spec.loss == "mse" else "nats"
    assert [int(row["epoch"]) for row in rows] == [epoch.epoch for epoch in epochs]
    assert [int(row["batches"]) for row in rows] == [epoch.step for epoch in epochs]
    for row, epoch in zip(rows, epochs, strict=True):
        assert float(row[f"train_loss_{unit}"]) == epoch.train_loss
        assert float(row[f"train_loss_without_dropout_{unit}"]) == epoch.train_loss_eval
        assert row[f"validation_loss_{unit}"] == shown(epoch.validation_loss)
        assert row["train_accuracy_fraction"] == shown(epoch.train_accuracy)
        assert row["validation_accuracy_fraction"] == shown(epoch.validation_accuracy)
        assert float(row["duration_seconds"]) == epoch.seconds
        assert float(row["learning_rate"]) == epoch.learning_rate


def shown(value: float | None) -> str:
    return "" if value is None else str(value)


def test_best_weights_are_taken_and_not_the_last(store: Store, sample_data):
    run_id, state = trained(store, read_small(SPECS["best weights"]), sample_data)
    assert state.best.epoch < state.epoch
    weights = load(files_of(export.zip_run(store, run_id))["model.safetensors"])
    last = state.model.state_dict()
    assert any(not np.array_equal(weights[name], last[name].numpy()) for name in weights)


def test_a_run_that_has_not_begun_has_no_weights(store: Store):
    run_id = store.create_run(read_small({"architecture": "ff_classifier"}), "learner")
    files = files_of(export.zip_run(store, run_id))
    assert list(files) == ["spec.json", "history.csv"]
    assert files["history.csv"].count(b"\n") == 1


def test_a_run_that_does_not_exist_is_refused(store: Store):
    with pytest.raises(RunNotFound):
        export.zip_run(store, "nobodysrun00")


def test_export_needs_no_torch(store: Store, sample_data):
    run_id, _ = trained(store, read_small({"architecture": "ff_classifier", "epochs": 1}), sample_data)
    program = (
        "import sys\nfrom fmnist_core.store import export\nfrom fmnist_core.store.runs import Store\n"
        f"print(len(export.zip_run(Store(), {run_id!r})), 'torch' in sys.modules)"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert process.stdout == f"{len(export.zip_run(store, run_id))} False\n"
