"""Networks of every family with weights of their own, and a step of them by autograd on plain `torch.nn`."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from fmnist_core.data import fashion_mnist
from fmnist_core.nets.models import networks
from fmnist_core.nets.models.layers import PooledReLUDropout, ReLUDropout
from fmnist_core.nets.training import batches
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep
from fmnist_core.spec import RunSpec, read_spec
from tests.nets.plain_networks import copy_weights, loss_of, plain_network

SMALL = {"train_size": 300, "validation_size": 0, "batch_size": 50, "dropout": 0.3, "seed": 3}
ACTIVATIONS = (ReLUDropout, PooledReLUDropout)
FROZEN = {"architecture": "conv_autoencoder", "frozen": True}
FAMILIES: dict[str, dict[str, Any]] = {
    "ff_autoencoder": {"hidden_sizes": [8]},
    "conv_autoencoder": {"hidden_sizes": [8]},
    "conv_autoencoder, no pooling, no dropout": {"hidden_sizes": [4], "pooling": False, "dropout": 0.0},
    "ff_classifier": {"hidden_sizes": [12, 9], "scaling": "standard"},
    "ff_classifier, squares": {"hidden_sizes": [12], "loss": "mse", "dropout": 0.0},
    "conv_classifier": {"hidden_sizes": [10], "scaling": "symmetric"},
    "conv_classifier, no pooling": {"hidden_sizes": [3], "pooling": False},
    "encoder_classifier": {"hidden_sizes": [6]},
    "encoder_classifier, frozen": {"hidden_sizes": [6], "encoder": FROZEN},
    "encoder_classifier, frozen, at rest": {"hidden_sizes": [6], "encoder": {**FROZEN, "dropout": False}},
}


def spec_of(name: str, **changes: Any) -> RunSpec:
    return read_spec({"architecture": name.split(",")[0], **SMALL, **FAMILIES[name], **changes})


# Convolutions take their time, so the quick tests go without them.
EACH_FAMILY = [
    pytest.param(name, marks=[pytest.mark.slow] if spec_of(name).convolves else []) for name in FAMILIES
]


def network_of(spec: RunSpec, step: int = 0) -> Network:
    parts = batches.parts(spec, fashion_mnist.load(), torch.device("cpu"))
    return Network(spec, dict(networks.build(spec).state_dict()), parts, step)


def by_autograd(network: Network, step: RecordedStep) -> tuple[float, dict[str, Tensor]]:
    """The loss, and the gradients of the weights that learn, with what `step` dropped last."""
    spec, model = network.spec, networks.build(network.spec).double()
    model.load_state_dict(network.weights)
    plain = copy_weights(model, plain_network(spec).double())
    dropped = iter([layer for layer in step.layers.values() if isinstance(layer.layer, ACTIVATIONS)])
    scale = 1 / (1 - round(spec.dropout * 2**16) / 2**16)  # dropout is drawn by 16 bits
    x = step.inputs.clone()
    for module in plain:
        if isinstance(module, nn.Dropout):
            kept = next(dropped).kept
            x = x if kept is None else x * kept.clone() * scale
        else:
            x = module(x)
    loss = loss_of(spec)(x, step.target.clone())
    names = [name for name, weight in model.named_parameters()]
    gradients = torch.autograd.grad(loss, list(plain.parameters()))
    return loss.item(), dict(zip(names, gradients, strict=True))
