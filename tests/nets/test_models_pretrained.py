"""Every shipped model gives the test figures that are recorded beside it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from fmnist_core.data import fashion_mnist, folders
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.nets.models.networks import build
from fmnist_core.replication.evidence import records
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.spec import RunSpec, read_spec

MODELS = folders.SHIPPED_MODELS
FOLDERS = sorted(file.parent for file in MODELS.glob("*/spec.json"))
RECIPES = [folder for folder in FOLDERS if folder.name in EXPERIMENTS]


def read(folder: Path, name: str):
    return json.loads((folder / name).read_bytes())


def scaled(images: torch.Tensor, spec: RunSpec, dataset: Dataset) -> torch.Tensor:
    """Images in [0, 1] as the spec wants them, by its definition."""
    if spec.scaling == "unit":
        return images
    if spec.scaling == "symmetric":
        return 2 * images - 1
    chosen, _ = fashion_mnist.split(dataset, spec.train_size, spec.validation_size, spec.seed)
    seen = dataset.train_images[np.sort(chosen)] / 255
    return (images - seen.mean()) / seen.std()


def test_there_is_one_that_home_can_show():
    assert "conv_autoencoder" in [folder.name for folder in FOLDERS]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@torch.inference_mode()
def test_shipped_weights_reproduce_the_recorded_figures(folder: Path, full_data: Dataset):
    """To the last digit that pages show, if large tensors are stored as float16."""
    spec, metrics = read_spec((folder / "spec.json").read_bytes()), read(folder, "metrics.json")
    weights = load_file(folder / "model.safetensors")
    halved = any(tensor.dtype == torch.float16 for tensor in weights.values())
    loss_off = 5e-5 if halved else 1e-4 * metrics["test_loss"]
    accuracy_off = 5e-4 if halved else 1e-4
    model = build(spec).eval()
    model.load_state_dict(weights)

    images = torch.from_numpy(full_data.test_images.copy()).unsqueeze(1) / 255
    labels = torch.from_numpy(full_data.test_labels.copy()).long()
    outputs = torch.cat([model(scaled(chunk, spec, full_data)) for chunk in images.split(500)])
    if spec.task == "autoencoder":
        assert F.mse_loss(outputs, images).item() == pytest.approx(metrics["test_loss"], abs=loss_off)
        return
    one_hot = F.one_hot(labels, 10).float()
    loss = F.cross_entropy(outputs, labels) if spec.loss == "cross_entropy" else F.mse_loss(outputs, one_hot)
    assert loss.item() == pytest.approx(metrics["test_loss"], abs=loss_off)
    accuracy = (outputs.argmax(1) == labels).float().mean().item()
    assert accuracy == pytest.approx(metrics["test_accuracy"], abs=accuracy_off)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_history_film_and_spec_tell_of_the_same_run(folder: Path):
    spec, history = read_spec((folder / "spec.json").read_bytes()), read(folder, "history.json")
    assert [epoch["epoch"] for epoch in history] == list(range(1, len(history) + 1))
    assert history[-1]["step"] == len(history) * spec.steps_per_epoch <= spec.total_steps
    with np.load(folder / "film.npz") as film:
        assert film["steps"][0] == 0
        assert film["steps"][-1] == history[-1]["step"]
        assert film["outputs"].shape[1:] == ((10, 28, 28) if spec.task == "autoencoder" else (10, 10))


@pytest.mark.parametrize("folder", RECIPES, ids=lambda folder: folder.name)
def test_a_recipes_model_is_the_run_that_the_evidence_speaks_of(folder: Path):
    known = records.read(records.SHIPPED, EXPERIMENTS)
    (record,) = [record for record in known if (record.experiment, record.seed) == (folder.name, 0)]
    metrics = read(folder, "metrics.json")
    assert EXPERIMENTS[folder.name].shipped
    assert read_spec((folder / "spec.json").read_bytes()) == record.spec
    assert (metrics["test_loss"], metrics["test_accuracy"]) == (record.test_loss, record.test_accuracy)
    assert len(read(folder, "history.json")) == record.epochs


def test_encoders_that_recipes_start_from_are_shipped_with_them():
    for folder in RECIPES:
        encoder = EXPERIMENTS[folder.name].encoder
        assert encoder is None or MODELS / encoder in RECIPES


def test_the_table_names_every_model():
    rows = [line for line in (MODELS / "README.md").read_text().splitlines() if line.startswith("| `")]
    assert sorted(row.split("`")[1] for row in rows) == [folder.name for folder in FOLDERS]


def test_together_they_stay_small():
    assert sum(file.stat().st_size for file in MODELS.rglob("*") if file.is_file()) < 40_000_000
