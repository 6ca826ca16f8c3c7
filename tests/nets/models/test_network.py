"""Whole networks written out against autograd on torch.nn: the same outputs and gradients, in float64."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.architecture.networks import network_layers
from fmnist_core.nets.models.flat import Flat
from fmnist_core.nets.models.layers import Surroundings
from fmnist_core.nets.models.network import Network
from fmnist_core.nets.models.networks import build
from fmnist_core.nets.training.losses import LOSSES
from fmnist_core.spec import read_spec
from tests.nets.plain_networks import ALL, copy_weights, loss_of, plain_network

CPU = torch.device("cpu")


def written_out(model, spec, count: int) -> tuple[Network, Flat]:
    weights = {name: weight.detach() for name, weight in model.named_parameters()}
    learning = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    gradients = Flat.zeros(learning, torch.float64, CPU)
    around = Surroundings(count, weights, gradients.views, torch.float64, CPU)
    return Network(network_layers(spec), around), gradients


def check(spec, count: int, last: int) -> None:
    """A full batch, a smaller one, and a full one again: each as if there were no other."""
    model = build(spec).double()
    plain = copy_weights(model, plain_network(spec).double()).eval()
    network, gradients = written_out(model, spec, count)
    loss = LOSSES[spec.task, spec.loss]()
    random = torch.Generator().manual_seed(0)
    for size in (count, last, count):
        images = torch.rand(size, 1, 28, 28, generator=random, dtype=torch.float64)
        target = images if spec.task == "autoencoder" else torch.randint(10, (size,), generator=random)
        with torch.inference_mode():
            outputs = network.forward(images.clone())
            ours = loss.forward(outputs, target)
            outputs = outputs.clone()
            network.backward(loss.backward())
        plain.zero_grad()
        expected = plain(images)
        theirs = loss_of(spec)(expected, target)
        theirs.backward()
        torch.testing.assert_close(outputs, expected.detach(), rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-10, atol=1e-10)
        plain_gradients = dict(zip(dict(model.named_parameters()), plain.parameters(), strict=True))
        for name, gradient in gradients.views.items():
            torch.testing.assert_close(gradient, plain_gradients[name].grad, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("given", ALL, ids=str)
def test_every_networks_gradients_are_autograds(given):
    check(read_spec({**given, "dropout": 0.0}), 5, 1)


@settings(max_examples=15)
@given(
    sizes=st.lists(st.integers(1, 20), min_size=1, max_size=4),
    loss=st.sampled_from(["cross_entropy", "mse"]),
    batches=st.tuples(st.integers(1, 9), st.integers(1, 9)).map(sorted),
)
def test_feed_forward_classifiers_of_any_size_too(sizes, loss, batches):
    settings = {"architecture": "ff_classifier", "hidden_sizes": sizes, "loss": loss, "dropout": 0.0}
    check(read_spec(settings), *reversed(batches))


def test_only_what_learns_has_gradients():
    encoder = {"architecture": "conv_autoencoder", "frozen": True}
    spec = read_spec({"architecture": "encoder_classifier", "encoder": encoder, "dropout": 0.0})
    _, gradients = written_out(build(spec).double(), spec, 2)
    assert set(gradients.views) == {"output.weight", "output.bias"}
    check(spec, 4, 3)


def test_after_its_first_batch_a_network_makes_no_memory_of_its_own():
    """The buffers of a batch of 40 are those of the next, and of one of 25."""
    spec = read_spec({"architecture": "ff_classifier", "dropout": 0.0})
    network, _ = written_out(build(spec).double(), spec, 40)
    images = torch.rand(40, 1, 28, 28, dtype=torch.float64)
    with torch.inference_mode():
        first = network.forward(images)
        assert network.forward(images).data_ptr() == first.data_ptr()
        smaller = network.forward(images[:25])
    assert smaller.data_ptr() == first.data_ptr()
    assert len(smaller) == 25
