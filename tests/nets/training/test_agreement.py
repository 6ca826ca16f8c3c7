"""Whole trainings, fast layers against torch.nn: over five seeds the same test error, within noise."""

import math
from functools import cache
from statistics import mean, variance

import pytest
import torch
import torch.nn.functional as F

from fmnist_core.nets.training import loop
from fmnist_core.nets.training.batches import parts
from fmnist_core.spec import RunSpec, read_spec
from tests.nets.plain_networks import plain_network

SEEDS = range(5)
LITTLE = {"train_size": 1000, "validation_size": 0, "epochs": 2, "batch_size": 50}


def train_in_the_lab(spec: RunSpec, dataset) -> float:
    *_, finished = loop.advance(loop.start(spec, dataset, device="cpu"))
    return finished.test_loss


@pytest.fixture(scope="module")
def plain_test_losses(sample_data):
    """`plain_test_losses(spec)`: of a textbook's loop, a seed each; the same for every precision of ours."""

    @cache
    def train_all(spec: RunSpec) -> list[float]:
        return [train_plainly(spec.changed(seed=seed), sample_data) for seed in SEEDS]

    return train_all


def train_plainly(spec: RunSpec, dataset) -> float:
    """The test loss after the loop of a textbook on the same images."""
    torch.manual_seed(spec.seed + 1000)
    network = plain_network(spec)
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[spec.optimizer]
    optimizer = kind(network.parameters(), lr=spec.learning_rate)
    loss_of = F.mse_loss if spec.task == "autoencoder" else F.cross_entropy
    split = parts(spec, dataset, torch.device("cpu"))

    def batch(images, indices):
        pixels, labels = images.take(indices)
        return pixels, pixels if spec.task == "autoencoder" else labels

    for _epoch in range(spec.epochs):
        for chosen in split.train[torch.randperm(spec.train_size)].split(spec.batch_size):
            pixels, target = batch(split.train_images, chosen)
            optimizer.zero_grad()
            loss_of(network(pixels), target).backward()
            optimizer.step()
    network.eval()
    with torch.inference_mode():
        pixels, target = batch(split.test_images, split.test)
        return loss_of(network(pixels), target).item()


CONV_AUTOENCODER = {"architecture": "conv_autoencoder", "dropout": 0.2}
CONV_CLASSIFIER = {"architecture": "conv_classifier", "dropout": 0.25, "hidden_sizes": [60, 20]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "precision"),
    [
        ({"architecture": "ff_autoencoder"}, "float32"),
        ({"architecture": "ff_classifier", "dropout": 0.2}, "float32"),
        (CONV_AUTOENCODER, "float32"),
        (CONV_AUTOENCODER, ""),
        (CONV_CLASSIFIER, "float32"),
        (CONV_CLASSIFIER, ""),
    ],
    ids=lambda given: given["architecture"] if isinstance(given, dict) else given or "this machine's own",
)
def test_final_test_errors_differ_by_no_more_than_seeds_do(
    settings, precision, sample_data, plain_test_losses, monkeypatch
):
    monkeypatch.setenv("FMNIST_PRECISION", precision)
    spec = read_spec(LITTLE | settings)
    ours = [train_in_the_lab(spec.changed(seed=seed), sample_data) for seed in SEEDS]
    theirs = plain_test_losses(spec)
    noise = math.sqrt((variance(ours) + variance(theirs)) / len(SEEDS))
    assert abs(mean(ours) - mean(theirs)) < 4 * noise
    untrained = {"autoencoder": 0.17, "classifier": math.log(10)}[spec.task]
    assert noise < 0.1 * (untrained - mean(theirs)), "the noise must not hide what was learnt"
