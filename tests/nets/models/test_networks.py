"""Five families: the reports' shapes and counts, PyTorch's initial values, encoders that move house."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from fmnist_core.architecture.layers import Sigmoid
from fmnist_core.architecture.networks import ARCHITECTURES, CLASSES, IMAGE, network_layers
from fmnist_core.nets.models import networks
from fmnist_core.nets.models.networks import EncoderError, build, encoder_of
from fmnist_core.spec import RunSpec, read_spec
from tests.nets.plain_networks import ALL, copy_weights, plain_network


def count(spec: RunSpec) -> int:
    return sum(weight.numel() for weight in build(spec).parameters())


def test_parameter_counts_of_the_reports():
    assert count(read_spec({"architecture": "ff_autoencoder"})) == 101_200
    assert count(read_spec({"architecture": "conv_autoencoder"})) == 121_457
    assert count(read_spec({"architecture": "ff_classifier"})) == 109_386
    assert count(read_spec({"architecture": "conv_classifier"})) == 1_475_146


@settings(max_examples=40)
@given(
    architecture=st.sampled_from(list(ARCHITECTURES)),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    pooling=st.booleans(),
    encoder=st.sampled_from(["ff_autoencoder", "conv_autoencoder"]),
)
def test_the_spec_counts_what_the_network_has(architecture, sizes, pooling, encoder):
    several = architecture in ("ff_classifier", "conv_classifier")
    settings = {
        "architecture": architecture,
        "pooling": pooling,
        "hidden_sizes": sizes if several else sizes[:1],
    }
    if architecture == "encoder_classifier":
        settings["encoder"] = {"architecture": encoder}
    spec = read_spec(settings)
    assert count(spec) == spec.parameter_count


@pytest.mark.parametrize("settings", ALL, ids=str)
def test_a_network_computes_what_the_plain_one_does(settings):
    spec = read_spec(settings)
    model = build(spec).eval().double()
    plain = copy_weights(model, plain_network(spec).eval().double())
    images = torch.rand(4, 1, 28, 28, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    outputs = model(images)
    assert outputs.shape == ((4, 1, 28, 28) if spec.task == "autoencoder" else (4, 10))
    torch.testing.assert_close(outputs, plain(images))


@pytest.mark.parametrize("settings", ALL, ids=str)
def test_every_hidden_layer_has_its_dropout_and_every_dropout_works(settings):
    spec = read_spec({**settings, "dropout": 0.5})
    model = build(spec)
    dropouts = [module for module in model.modules() if isinstance(module, nn.Dropout) and module.p > 0]
    assert len(dropouts) == sum(isinstance(module, nn.Dropout) for module in plain_network(spec))
    images = torch.rand(2, 1, 28, 28)
    for dropout in dropouts:
        model.eval()
        quiet = model(images)
        dropout.train()
        assert not torch.equal(model(images), quiet)


def test_the_seed_alone_decides_the_initial_weights_and_the_global_generator_is_left_alone():
    spec = read_spec({"architecture": "ff_classifier", "seed": 5})
    before = torch.get_rng_state()
    first = build(spec).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    second, other = build(spec).state_dict(), build(spec.changed(seed=6)).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first)


def test_networks_built_on_two_threads_at_once_have_their_own_seeds_weights():
    """As in a worker, which answers questions while it trains."""
    network = {"architecture": "ff_classifier", "hidden_sizes": [16]}
    specs = [read_spec({**network, "seed": seed}) for seed in range(200)]
    alone = [build(spec).state_dict() for spec in specs]
    with ThreadPoolExecutor(2) as threads:
        at_once = [model.state_dict() for model in threads.map(build, specs)]
    for first, second in zip(alone, at_once, strict=True):
        assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("settings", ALL, ids=str)
def test_a_description_ends_where_its_task_wants_it_and_names_its_parts(settings):
    """What drawings, encoders and losses rely on, for each network that is entered."""
    spec = read_spec(settings)
    *_, last = network_layers(spec)
    assert last.behind == (IMAGE if spec.task == "autoencoder" else (CLASSES,))
    names = [layer.name for layer in network_layers(spec) if layer.parameters]
    if spec.task == "autoencoder":
        encoder = [name for name in names if name.startswith("encoder.")]
        assert encoder[-1] == "encoder.latent"
        assert names[len(encoder) :]
        assert all(name.startswith("decoder.") for name in names[len(encoder) :])


def test_every_network_is_tested_here():
    assert {settings["architecture"] for settings in ALL} == set(ARCHITECTURES)


def test_initial_weights_are_those_of_pytorch():
    spec = read_spec({"architecture": "conv_classifier", "seed": 3})
    model = build(spec)
    torch.manual_seed(3)
    plain = plain_network(spec)
    for ours, theirs in zip(model.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("kind", ["ff_autoencoder", "conv_autoencoder"])
def test_an_encoder_moves_into_a_classifier_with_its_weights(kind):
    autoencoder = build(read_spec({"architecture": kind, "hidden_sizes": [32], "seed": 1}))
    encoder = {"architecture": kind, "origin": "run", "id": "abc", "frozen": True}
    spec = read_spec({"architecture": "encoder_classifier", "hidden_sizes": [32], "encoder": encoder})
    classifier = build(spec, autoencoder.state_dict())
    images = torch.rand(3, 1, 28, 28)
    latent = encoder_of(autoencoder.eval())(images)
    assert torch.equal(encoder_of(classifier.eval())(images), latent)
    assert latent.shape == (3, 32)
    assert [name for name, weight in classifier.named_parameters() if weight.requires_grad] == [
        "output.weight",
        "output.bias",
    ]


@pytest.mark.parametrize("kind", ["ff_autoencoder", "conv_autoencoder"])
def test_a_frozen_encoder_drops_units_or_rests_while_the_rest_trains(kind):
    """At rest it computes what it computes in evaluation mode; its weights are the same either way."""
    source = {"architecture": kind, "frozen": True}
    spec = read_spec({"architecture": "encoder_classifier", "dropout": 0.5, "encoder": source})
    resting = spec.changed(encoder={**source, "dropout": False})
    images = torch.rand(8, 1, 28, 28)
    dropping, rested = encoder_of(build(spec).train()), encoder_of(build(resting).train())
    assert all(map(torch.equal, dropping.state_dict().values(), rested.state_dict().values()))
    assert torch.equal(rested(images), rested.eval()(images))
    assert torch.equal(rested(images), dropping.eval()(images))
    zeros = [(encoder.train()(images) == 0).float().mean() for encoder in (dropping, rested)]
    assert zeros[0] > zeros[1] + 0.15


@pytest.mark.parametrize(
    "trained",
    [
        {"architecture": "conv_autoencoder", "hidden_sizes": [33]},
        {"architecture": "conv_autoencoder", "hidden_sizes": [32], "pooling": False},
        {"architecture": "ff_autoencoder", "hidden_sizes": [32]},
    ],
    ids=str,
)
def test_an_encoder_that_does_not_fit_is_refused_in_words(trained):
    spec = read_spec({"architecture": "encoder_classifier", "hidden_sizes": [32]})
    with pytest.raises(EncoderError, match="does not fit"):
        build(spec, build(read_spec(trained)).state_dict())


def test_a_layer_without_a_module_is_named_with_the_place_to_say_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(networks.MODULES, Sigmoid)
    with pytest.raises(NotImplementedError, match=r"decoder.sigmoid of ff_autoencoder.* in MODULES of"):
        build(read_spec({"architecture": "ff_autoencoder"}))
