"""What the plays of lessons measure: a network's loss with dropout on, and what an encoder is worth to few
labels. All of it on validation images, never on test images.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from fmnist_core.architecture.networks import CLASSES, latent_layer
from fmnist_core.data import fashion_mnist
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.nets.models import networks
from fmnist_core.nets.training.losses import LOSSES
from fmnist_core.nets.worker import network_at
from fmnist_core.nets.worker.inspection import CHUNK, NoSuchPart, about_a_network, forward
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.sentences import Sentence

MEASURED = 1000  # images
DRAWS = 3
LABELS = 1000  # the most that are given
DECAY = 1e-2  # of the weights, squared and added up: few labels would be learned by heart without


@about_a_network
def loss_with_dropout(network: Network, dropout: float) -> dict[str, np.ndarray]:
    """The mean loss over up to 1,000 validation images: "off" (), and "on" (3,), a draw of dropout each.

    `dropout` is what every hidden layer drops while measuring, whatever the network was trained with.
    """
    measured = replace(network, spec=network.spec.changed(dropout=dropout))
    images, labels = network.parts.train_images.take(_validation(network))
    loss = LOSSES[network.spec.task, network.spec.loss]()
    target = images if network.spec.task == "autoencoder" else labels
    x = network.parts.scaled(images)

    def mean_loss(seed: int | None) -> float:
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        parts = [list(forward(measured, chunk, generator))[-1][1] for chunk in x.split(CHUNK)]
        return float(loss.forward(torch.cat(parts), target))

    return {
        "off": np.asarray(mean_loss(None), np.float32),
        "on": np.asarray([mean_loss(seed) for seed in range(DRAWS)], np.float32),
    }


def few_labels(model: str, labels: int) -> dict[str, np.ndarray]:
    """How often a linear classifier that saw so many labelled garments is right, three draws of them each.

    (3,) float32 of what it looks at: "trained", the latent numbers of the shipped autoencoder `model`;
    "random", those of the same encoder with random weights; "pixels", the image itself. Raises what
    `of_shipped_model` does, and `NoSuchPart`.
    """
    if not CLASSES <= labels <= LABELS:
        raise NoSuchPart(
            Sentence("The number of labels can be between {least} and {most:,}.", least=CLASSES, most=LABELS)
        )
    seen, answers = _looked_at(model, fashion_mnist.load())
    results: dict[str, np.ndarray] = {}
    for name, (train, validation) in seen.items():
        scores = []
        for draw in range(DRAWS):
            chosen = torch.randperm(len(train), generator=torch.Generator().manual_seed(draw))[:labels]
            weight, bias = fit_linear(train[chosen], answers[0][chosen])
            guesses = (validation @ weight + bias).argmax(1)
            scores.append(float((guesses == answers[1]).float().mean()))
        results[name] = np.asarray(scores, np.float32)
    return results


def fit_linear(x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (features, 10) and biases (10,) of least cross-entropy on x (count, features), with decay."""
    weight = torch.zeros(x.shape[1], CLASSES, requires_grad=True)
    bias = torch.zeros(CLASSES, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=50, history_size=10, line_search_fn="strong_wolfe")

    def step() -> Tensor:
        optimizer.zero_grad()
        loss: Tensor = F.cross_entropy(x @ weight + bias, labels) + DECAY * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(step)
    return weight.detach(), bias.detach()


@lru_cache(maxsize=2)
def _looked_at(
    model: str, dataset: Dataset
) -> tuple[dict[str, tuple[Tensor, Tensor]], tuple[Tensor, Tensor]]:
    """By what is looked at, the numbers of the images to learn from and to measure on; then their labels.

    All are centred and of the same spread, so that none is favoured by its scale.
    """
    network = network_at.of_shipped_model(model)
    untrained = networks.build(network.spec.changed(seed=network.spec.seed ^ 1)).state_dict()
    weights = {"trained": network.weights, "random": {name: w.float() for name, w in untrained.items()}}
    learned = network.parts.train[:LABELS]
    measured = _validation(network)
    images, answers = network.parts.train_images.take(torch.cat([learned, measured]))
    scaled = network.parts.scaled(images)
    with torch.no_grad():
        seen = {name: _codes(replace(network, weights=w), scaled) for name, w in weights.items()}
    seen["pixels"] = images.flatten(1)
    for name, numbers in seen.items():
        centred = numbers - numbers[: len(learned)].mean(0)
        seen[name] = centred / centred[: len(learned)].std()
    split = {name: (numbers[: len(learned)], numbers[len(learned) :]) for name, numbers in seen.items()}
    return split, (answers[: len(learned)], answers[len(learned) :])


def _validation(network: Network) -> Tensor:
    if not len(network.parts.validation):
        raise NoSuchPart(Sentence("This network has no validation images to measure on."))
    return network.parts.validation[:MEASURED]


def _codes(network: Network, images: Tensor) -> Tensor:
    latent = latent_layer(network.spec).name
    codes = []
    for chunk in images.split(CHUNK):
        codes.append(next(values for name, values in forward(network, chunk) if name == latent))
    return torch.cat(codes)
