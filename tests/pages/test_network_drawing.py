"""The layers that a page draws are those that a worker builds."""

from math import prod

import pytest
import torch
from torch import nn

from fmnist_core.nets.models.networks import ReLUDropout, build
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.spec import RunSpec, read_spec
from pages.parts.results.network_drawing import operations

SPECS = {
    (spec.architecture, spec.pooling, spec.hidden_sizes, spec.encoder and spec.encoder.frozen): spec
    for spec in (
        *(experiment.spec for experiment in EXPERIMENTS.values()),
        read_spec({"architecture": "conv_classifier", "pooling": False, "hidden_sizes": [20, 30, 40]}),
        read_spec({"architecture": "encoder_classifier", "encoder": {"architecture": "ff_autoencoder"}}),
    )
}


def sizes_in(model: nn.Module) -> list[int]:
    """How many numbers come out of each layer with weights, and of what follows if that makes them fewer."""
    units: list[int] = []

    def after(module: nn.Module, _given: object, out: torch.Tensor) -> None:
        activation, count = isinstance(module, ReLUDropout), out[0].numel()
        if not activation or count != units[-1]:
            units.append(count)

    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | ReLUDropout):
            module.register_forward_hook(after)
    model.eval()(torch.zeros(1, 1, 28, 28))
    return units


@pytest.mark.parametrize("spec", SPECS.values(), ids=["-".join(map(str, key)) for key in SPECS])
@torch.inference_mode()
def test_shapes_are_those_of_the_built_network(spec: RunSpec):
    drawn = operations(spec)
    assert drawn[0].shape == (1, 28, 28)
    assert [prod(operation.shape) for operation in drawn[1:]] == sizes_in(build(spec))


def test_a_frozen_encoder_is_told():
    spec = EXPERIMENTS["r4-case2"].spec
    assert [operation.frozen for operation in operations(spec)] == [False] + [True] * 5 + [False]
