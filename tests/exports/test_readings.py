"""Networks as reports may also be read are networks like all others: as code, as ONNX, layer by layer."""

from collections import OrderedDict

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import save
from torch import nn

from fmnist_core.architecture.networks import network_layers
from fmnist_core.architecture.readings import READINGS
from fmnist_core.architecture.receptive_fields import Field, receptive_field
from fmnist_core.exports.exported_run import ExportedRun
from fmnist_core.exports.formats import FORMATS
from fmnist_core.exports.network_code import network_code
from fmnist_core.nets.models.networks import build
from fmnist_core.nets.worker.inspection import applied
from fmnist_core.spec import read_spec

IMAGES = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
each_reading = pytest.mark.parametrize(
    "spec", [read_spec({"architecture": name}) for name in READINGS], ids=str
)


@each_reading
def test_its_code_is_the_network(spec):
    names: dict = {"nn": nn, "OrderedDict": OrderedDict}
    exec(network_code(spec), names)
    model = build(spec).eval()
    names["model"].load_state_dict(model.state_dict())
    assert torch.equal(names["model"].eval()(IMAGES), model(IMAGES))
    code, module = (
        [dropout.p for dropout in network.modules() if isinstance(dropout, nn.Dropout) and dropout.p > 0]
        for network in (names["model"], model)
    )
    assert code == module
    assert code


@each_reading
def test_layer_by_layer_it_computes_what_its_module_does(spec):
    model = build(spec).eval()
    weights, x = model.state_dict(), IMAGES
    for placed in network_layers(spec):
        x = applied_or_module(placed, model, weights, x)
        assert x.shape[1:] == placed.behind
    torch.testing.assert_close(x, model(IMAGES))


def applied_or_module(placed, model, weights, x):
    """What has a ReLU is looked at in two steps elsewhere."""
    own = {what: weights[f"{placed.name}.{what}"] for what in ("weight", "bias") if placed.parameters}
    if type(placed.layer).__name__ == "ReLUDropout":
        return model.get_submodule(placed.name)(x)
    return applied(placed.layer, x, own)


@each_reading
def test_onnx_runs_it(spec):
    model = build(spec).eval()
    run = ExportedRun("r", "a run", spec, (), "epochs", None, {}, save(model.state_dict()))
    files = FORMATS["onnx"].files([run], str, "en")
    session = onnxruntime.InferenceSession(files["model.onnx"], providers=["CPUExecutionProvider"])
    (outputs,) = session.run(None, {session.get_inputs()[0].name: IMAGES.numpy()})
    np.testing.assert_allclose(outputs, model(IMAGES).detach().numpy(), atol=1e-5)


def test_dropout_behind_pooling_moves_no_receptive_field():
    usual, other = (
        [placed for placed in network_layers(read_spec({"architecture": name})) if placed.name <= "conv2"]
        for name in ("conv_classifier", "conv_classifier_pool_dropout")
    )
    assert len(other) > len(usual)
    assert receptive_field(usual, 5, 5) == receptive_field(other, 5, 5) != Field(0, 0, 27, 27)
