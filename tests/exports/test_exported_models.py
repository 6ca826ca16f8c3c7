"""Every trained model that the lab ships leaves it whole, in every format."""

import io
import json
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
import yaml
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from fmnist_core.data import checksums, fashion_mnist, shipped_models
from fmnist_core.exports.event_files import CURVES, RESULTS
from fmnist_core.exports.exported_run import ExportedRun, of_shipped_model
from fmnist_core.exports.formats import FORMATS, package
from fmnist_core.exports.model_card import loading_code
from fmnist_core.exports.pytorch_code import START
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker.trial_run import fingerprint
from tests.nets.plain_networks import copy_weights, plain_network

pytestmark = pytest.mark.slow
IMAGES = 8


@pytest.fixture(params=shipped_models.names(), scope="module")
def model(request) -> ExportedRun:
    return of_shipped_model(request.param)


def plain(model: ExportedRun, folder: Path) -> torch.nn.Module:
    """The oracle, from `torch.nn` alone, with the model's weights."""
    (folder / "w.safetensors").write_bytes(model.weights)
    weights = load_file(folder / "w.safetensors")
    network = plain_network(model.spec)
    order = loop.start(model.spec.changed(encoder=_untrained(model)), device="cpu").model.state_dict()
    return copy_weights(_Named({name: weights[name] for name in order}), network).eval()


def _untrained(model: ExportedRun):
    return None if model.spec.encoder is None else model.spec.encoder.untrained().model_dump()


class _Named:
    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        self.weights = weights

    def state_dict(self) -> dict[str, torch.Tensor]:
        return self.weights


@pytest.fixture
def images() -> torch.Tensor:
    pixels = np.array(fashion_mnist.load().test_images[:IMAGES])
    return torch.from_numpy(pixels).float().div(255).unsqueeze(1)


def files_of(model: ExportedRun, name: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package([model], FORMATS[name], str, "en"))) as packed:
        assert packed.testzip() is None
        return {file: packed.read(file) for file in packed.namelist()}


@torch.no_grad()
def test_onnx_gives_the_same_outputs(model: ExportedRun, images: torch.Tensor, tmp_path: Path):
    content = files_of(model, "onnx")["model.onnx"]
    made = onnx.load_from_string(content)
    assert made.opset_import[0].version == 18
    (output,) = made.graph.output
    shape = [place.dim_value for place in output.type.tensor_type.shape.dim]
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    mean, deviation = fashion_mnist.input_scale(model.spec, fashion_mnist.load())
    expected = plain(model, tmp_path)((images - mean) / deviation).numpy()
    assert shape == [0, *expected.shape[1:]], "any number of images"
    for count in (1, IMAGES):
        (outputs,) = session.run(None, {"images": images[:count].numpy()})
        np.testing.assert_allclose(outputs, expected[:count], rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_the_card_loads_the_model_in_five_statements(
    model: ExportedRun, images: torch.Tensor, tmp_path: Path, monkeypatch
):
    files = files_of(model, "hub")
    card = files["README.md"].decode()
    _nothing, head, body = card.split("---\n", 2)
    assert yaml.safe_load(head)["library_name"] == "pytorch"
    metrics = yaml.safe_load(head)["model-index"][0]["results"][0]["metrics"]
    assert [metric["value"] for metric in metrics] == list(model.results.values())
    code = body.partition("```python\n")[2].partition("\n```")[0]
    assert code == loading_code(model)
    (tmp_path / "model.safetensors").write_bytes(files["model.safetensors"])
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    np.testing.assert_array_equal(names["model"](images), plain(model, tmp_path)(images))


def test_tensorboard_reads_every_point(model: ExportedRun, tmp_path: Path):
    for name, content in files_of(model, "tensorboard").items():
        (tmp_path / name).write_bytes(content)
    read = EventAccumulator(str(tmp_path)).Reload()
    written = {tag: [(e.step, e.value) for e in read.Scalars(tag)] for tag in read.Tags()["scalars"]}
    expected = {
        tag: [(e.epoch, np.float32(getattr(e, field))) for e in model.epochs if getattr(e, field) is not None]
        for tag, field in CURVES.items()
    }
    expected |= {
        tag: [(model.trained_epochs, np.float32(model.results[field]))]
        for tag, field in RESULTS.items()
        if field in model.results
    }
    assert written == {tag: points for tag, points in expected.items() if points}


def test_every_format_says_where_its_numbers_come_from(model: ExportedRun):
    for name in FORMATS:
        files = files_of(model, name)
        said = json.loads(files.pop("lab.json"))
        assert said["files"] == {file: checksums.digest(content) for file, content in files.items()}
        (run,) = said["runs"]
        assert run["weights"] == fingerprint(model.weights)
        assert run["spec"] == model.spec.model_dump(mode="json")
        assert run["figures"] == dict(model.results)


def test_code_is_whole(model: ExportedRun):
    script, files = files_of(model, "script"), files_of(model, "notebook")
    compile(script["train.py"], "train.py", "exec")
    nbformat.validate(nbformat.reads(files["notebook.ipynb"].decode(), 4))
    begins_with_another = model.spec.encoder is not None and model.spec.encoder.id is not None
    assert (START in script) == (START in files) == begins_with_another
