"""Every shipped model gives the test figures that are recorded beside it."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from fmnist_core.data import Dataset
from fmnist_core.nets.models import build
from fmnist_core.spec import read_spec

FOLDERS = sorted(
    file.parent for file in (Path(__file__).parents[2] / "models_pretrained").glob("*/spec.json")
)


def test_there_is_one_that_home_can_show():
    assert "conv_autoencoder" in [folder.name for folder in FOLDERS]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@torch.inference_mode()
def test_shipped_weights_reproduce_the_recorded_figures(folder: Path, full_data: Dataset):
    spec = read_spec((folder / "spec.json").read_bytes())
    metrics = json.loads((folder / "metrics.json").read_bytes())
    model = build(spec).eval()
    model.load_state_dict(load_file(folder / "model.safetensors"))
    assert spec.scaling == "unit", "this oracle scales to [0, 1] only"

    images = torch.from_numpy(full_data.test_images.copy()).unsqueeze(1) / 255
    labels = torch.from_numpy(full_data.test_labels.copy()).long()
    outputs = torch.cat([model(chunk) for chunk in images.split(500)])
    if spec.task == "autoencoder":
        assert F.mse_loss(outputs, images).item() == pytest.approx(metrics["test_loss"], rel=1e-4)
    else:
        assert F.cross_entropy(outputs, labels).item() == pytest.approx(metrics["test_loss"], rel=1e-4)
        accuracy = (outputs.argmax(1) == labels).float().mean().item()
        assert accuracy == pytest.approx(metrics["test_accuracy"], abs=1e-4)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_history_and_spec_tell_of_the_same_run(folder: Path):
    spec = read_spec((folder / "spec.json").read_bytes())
    history = json.loads((folder / "history.json").read_bytes())
    assert [epoch["epoch"] for epoch in history] == list(range(1, len(history) + 1))
    assert history[-1]["step"] == len(history) * spec.steps_per_epoch <= spec.total_steps
