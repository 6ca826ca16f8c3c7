"""A run written out in plain PyTorch, run on the sample, against the lab's own run."""

import math
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from fmnist_core.compute.cluster import PROJECT
from fmnist_core.data import fashion_mnist
from fmnist_core.exports.exported_run import ExportError, of_run
from fmnist_core.exports.notebook import notebook
from fmnist_core.exports.pytorch_code import START, cells
from fmnist_core.exports.script import script
from fmnist_core.nets.models import networks
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker import slices
from fmnist_core.spec import read_spec
from pages.parts.base.i18n import phrase
from tests.exports.running_code import IMPORTABLE, TINY, as_torchvision_has_it, run_code
from tests.nets.worker.inspected_runs import trained_run
from tests.nets.worker.slice_requests import request_for

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("new_worker")]

NETWORKS = {
    "ff_autoencoder": {"hidden_sizes": [8]},
    "conv_autoencoder": {"hidden_sizes": [8], "optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.05},
    "conv_autoencoder, unpooled": {"pooling": False, "hidden_sizes": [4], "epochs": 1},
    "ff_classifier": {"hidden_sizes": [12, 9], "scaling": "standard", "loss": "mse"},
    "conv_classifier": {"hidden_sizes": [16], "scaling": "symmetric"},
    "encoder_classifier": {"hidden_sizes": [8]},
    "conv_autoencoder_output_dropout": {"hidden_sizes": [4], "epochs": 1},
    "conv_classifier_linear_hidden": {"hidden_sizes": [16, 8], "epochs": 1},
}


@pytest.fixture(scope="module")
def data(sample_data, tmp_path_factory) -> Path:
    return as_torchvision_has_it(tmp_path_factory.mktemp("torchvision"), sample_data)


def spec_of(name: str, **more):
    return read_spec({**TINY, "architecture": name.partition(",")[0], **NETWORKS[name], **more})


@pytest.mark.parametrize("name", NETWORKS)
def test_without_dropout_the_code_gives_the_labs_own_figures(store, data, tmp_path, monkeypatch, name):
    spec = spec_of(name)
    exported = of_run(store, trained_run(store, spec))
    names = run_code(exported, data, tmp_path, monkeypatch)
    for weight, first in networks.build(spec).state_dict().items():
        assert torch.equal(names["drawn"][weight], first), "first weights are the lab's, bit for bit"
    assert names["here"].keys() == exported.results.keys()
    assert names["here"]["test_loss"] == pytest.approx(exported.results["test_loss"], rel=1e-4)
    for epoch, figures in zip(exported.epochs, names["history"], strict=True):
        assert figures["with dropout"] == pytest.approx(epoch.train_loss, rel=1e-4)
        assert figures["training"] == pytest.approx(epoch.train_loss_eval, rel=1e-4)
        assert figures["validation"] == pytest.approx(epoch.validation_loss, rel=1e-4)
    pictures = {"losses.png", "confusion.png" if spec.task == "classifier" else "reconstructions.png"}
    assert {file.name for file in tmp_path.glob("*.png")} == pictures


def test_early_stopping_and_changes_of_the_rate_are_those_of_the_run(store, data, tmp_path, monkeypatch):
    changes = [{"step": 7, "learning_rate": 0.02}, {"step": 20, "learning_rate": 3.0}]
    spec = spec_of("ff_classifier", epochs=12, patience=2, learning_rate_changes=changes, optimizer="sgd")
    exported = of_run(store, trained_run(store, spec))
    assert exported.ended == "early_stopping"
    names = run_code(exported, data, tmp_path, monkeypatch)
    assert len(names["history"]) == exported.trained_epochs < spec.epochs
    assert names["best"][0] + 1 == exported.best_epoch
    assert names["here"]["test_loss"] == pytest.approx(exported.results["test_loss"], rel=1e-3)


def test_with_dropout_the_code_differs_as_seeds_do(store, data, tmp_path, monkeypatch):
    spec = spec_of("ff_autoencoder", dropout=0.3, epochs=6)
    losses = []
    for seed in range(6):
        (finished,) = [
            e for e in loop.advance(loop.start(spec.changed(seed=seed))) if hasattr(e, "test_loss")
        ]
        losses.append(finished.test_loss)
    exported = of_run(store, trained_run(store, spec))
    here = run_code(exported, data, tmp_path, monkeypatch)["here"]["test_loss"]
    mean, deviation = np.mean(losses), np.std(losses, ddof=1)
    assert abs(here - mean) < 4.03 * deviation * math.sqrt(1 + 1 / 6), "outside the 99 % prediction interval"
    twice = run_code(exported, data, tmp_path, monkeypatch)["here"]["test_loss"]
    assert twice == here, "two goes are alike"


@pytest.mark.parametrize("frozen", [False, True])
def test_a_trained_encoder_comes_along(store, data, tmp_path, monkeypatch, frozen: bool):
    autoencoder = trained_run(store, spec_of("ff_autoencoder"))
    encoder = {"architecture": "ff_autoencoder", "origin": "run", "id": autoencoder, "frozen": frozen}
    exported = of_run(store, trained_run(store, spec_of("encoder_classifier", encoder=encoder)))
    names = run_code(exported, data, tmp_path, monkeypatch)
    given = loop.read_weights(store.checkpoint(autoencoder))
    for name, weight in given.items():
        if name.startswith("encoder."):
            assert torch.equal(names["drawn"][name], weight)
            assert torch.equal(names["model"].state_dict()[name], weight) is frozen
    assert names["here"]["test_loss"] == pytest.approx(exported.results["test_loss"], rel=1e-4)


def test_a_branch_begins_with_the_weights_of_its_moment(store, data, tmp_path, monkeypatch):
    spec = spec_of("ff_autoencoder", optimizer="sgd", learning_rate=0.1)
    parent = trained_run(store, spec)
    branch = spec.changed(branch={"run": parent, "step": 6}, learning_rate=0.5)
    exported = of_run(store, trained_run(store, branch))
    names = run_code(exported, data, tmp_path, monkeypatch)
    assert names["here"]["test_loss"] == pytest.approx(exported.results["test_loss"], rel=1e-4)


def test_a_branch_needs_no_parent_and_keeps_its_surgery(store, data, tmp_path, monkeypatch):
    spec = spec_of("ff_autoencoder")
    parent = trained_run(store, spec)
    point = {"run": parent, "step": 12, "surgery": {"layer": "encoder.latent", "unit": 2, "factor": 0.0}}
    run_id = trained_run(store, spec.changed(branch=point))
    store.delete(parent)
    names = run_code(of_run(store, run_id), data, tmp_path, monkeypatch)
    assert not names["drawn"]["encoder.latent.weight"][2].any()
    assert names["drawn"]["encoder.latent.weight"][3].any()


def test_weights_that_are_gone_are_said_to_be(store, monkeypatch):
    parent = trained_run(store, spec_of("ff_autoencoder"))
    run_id = trained_run(store, spec_of("ff_autoencoder", branch={"run": parent, "step": 12}))
    monkeypatch.setattr(store, "snapshot_state", lambda run_id, step: None)
    exported = of_run(store, run_id)
    assert exported.start is None
    assert "no longer kept" in script(exported, str)


def test_a_run_stopped_by_hand_trains_as_many_epochs(store):
    run_id = store.create_run(spec_of("ff_autoencoder", epochs=50), "ana")
    slices.advance_slice(request_for(store, run_id, until_step=20))
    slices.advance_slice(request_for(store, run_id, stopping=True))
    text = script(of_run(store, run_id), str)
    assert "stopped by hand. Whole epochs until then, and here: 3." in text
    assert "EPOCHS, BATCH_SIZE = 3, 50" in text


def test_a_run_that_has_not_begun_is_refused(store):
    run_id = store.create_run(spec_of("ff_autoencoder"), "ana")
    with pytest.raises(ExportError, match="has not been trained yet"):
        of_run(store, run_id)


@pytest.mark.parametrize(
    "typed",
    ['"""\nimport os\n"""', "`![](http://example.org/a.png)`", "a\u2028import os", "\\N{BELL} %s {x}"],
)
def test_a_name_is_no_code_and_no_markdown(store, typed: str):
    run_id = trained_run(store, spec_of("ff_autoencoder"))
    store.rename(run_id, typed)
    exported = of_run(store, run_id)
    first, second = script(exported, str).split("\n", 1)
    assert first.startswith("# `")
    assert first.count("`") == 2
    assert second.startswith("# One run of FMNIST Lab")
    compile(script(exported, str), "script", "exec")


def test_the_standard_scaling_is_the_labs_own(store, data, tmp_path, monkeypatch):
    spec = spec_of("ff_classifier")
    names = run_code(of_run(store, trained_run(store, spec)), data, tmp_path, monkeypatch)
    scale = fashion_mnist.input_scale(spec, fashion_mnist.load())
    assert (names["mean"], names["deviation"]) == pytest.approx(scale, rel=1e-6)


def test_a_notebook_runs_from_top_to_bottom_and_speaks_spanish(store, data, tmp_path, monkeypatch):
    autoencoder = trained_run(store, spec_of("ff_autoencoder"))
    encoder = {"architecture": "ff_autoencoder", "origin": "run", "id": autoencoder}
    exported = of_run(store, trained_run(store, spec_of("encoder_classifier", encoder=encoder)))
    spanish = notebook(exported, lambda sentence: sentence.translated(lambda text: phrase(text, "es")))
    made = nbformat.reads(spanish, 4)
    assert "## Datos" in spanish
    assert [cell.source for cell in made.cells if cell.cell_type == "code"] != []
    (tmp_path / START).write_bytes(exported.start)
    monkeypatch.setenv("FASHION_MNIST", str(data))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    made.cells.insert(0, nbformat.v4.new_code_cell(IMPORTABLE))
    NotebookClient(made, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in made.cells if cell.cell_type == "code" for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 2
    said = "".join(output.get("text", "") for output in outputs)
    assert f"{exported.results['test_loss']:.4f} in the lab" in said


def test_both_forms_hold_the_same_code(store):
    exported = of_run(store, trained_run(store, spec_of("ff_autoencoder")))
    code = [cell.text for cell in cells(exported, str) if cell.kind == "code"]
    made = nbformat.reads(notebook(exported, str), 4)
    assert "(https://colab.research.google.com/#upload=true)" in made.cells[0].source
    assert [cell.source for cell in made.cells if cell.cell_type == "code"] == code
    assert all(text in script(exported, str) for text in code)
