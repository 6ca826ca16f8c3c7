"""Where a network puts the test garments: their codes, a plane to see them in, and what is decoded from any.

A code is what comes out of `latent_layer`, (n,), dropout off. The queries name their network as those of
`inspection` do.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fmnist_core.architecture.networks import latent_layer
from fmnist_core.nets.worker.inspection import CHUNK, NoSuchPart, about_a_network, forward, test_images
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.sentences import LabError, Sentence

GARMENTS = 2000
NEIGHBOURS = 10
MOST_DECODED = 100


class NothingToSee(LabError):
    """The network's numbers are no numbers any more."""


@about_a_network
def latent_map(network: Network) -> dict[str, np.ndarray]:
    """The first 2,000 test garments in latent space; float32, `count` of them, n latent numbers.

    "codes" (count, n); "mean" (n,) and "axes" (2, n) of the plane of their first two principal components,
    and "shares" (min(n, count),), of the variance, of every component, largest first; "gaps" (count,), each
    garment's distance to its nearest neighbour; "accuracy" (), of the vote of ten neighbours on a garment's
    class, and "pixel_accuracy" (), of the same vote among the images themselves.
    """
    codes = _codes(network)
    mean, axes, shares = principal_components(codes)
    images, labels = network.parts.test_images.take(network.parts.test[: len(codes)])
    gaps, accuracy = neighbours_vote(codes, labels)
    return {
        "codes": codes.numpy(),
        "mean": mean.float().numpy(),
        "axes": axes[:2].float().numpy(),
        "shares": shares.float().numpy(),
        "gaps": gaps.float().numpy(),
        "accuracy": np.asarray(accuracy, np.float32),
        "pixel_accuracy": np.asarray(neighbours_vote(images.flatten(1), labels)[1], np.float32),
    }


@about_a_network
def latent_places(network: Network, mean: np.ndarray, axes: np.ndarray) -> dict[str, np.ndarray]:
    """The same garments in a given plane: "places" (count, 2), and its "share" () of their variance.

    "accuracy" () is that of ten neighbours' vote in the whole space. Raises `NoSuchPart`.
    """
    codes = _codes(network).double()
    if mean.shape != codes.shape[1:] or axes.shape != (2, codes.shape[1]):
        raise NoSuchPart(
            Sentence("This network’s codes have another size than that plane: {n:,}.", n=codes.shape[1])
        )
    centred = codes - codes.mean(0)
    across = torch.from_numpy(axes).double()
    total = centred.square().sum()
    share = (centred @ across.T).square().sum() / total if total > 0 else total
    places = (codes - torch.from_numpy(mean).double()) @ across.T
    _images, labels = network.parts.test_images.take(network.parts.test[: len(codes)])
    return {
        "places": places.float().numpy(),
        "share": share.float().numpy(),
        "accuracy": np.asarray(neighbours_vote(codes, labels)[1], np.float32),
    }


@about_a_network
def decode(network: Network, codes: np.ndarray) -> dict[str, np.ndarray]:
    """What an autoencoder draws from codes (count, n): "images", float32 (count, 28, 28) in [0, 1]."""
    latent = latent_layer(network.spec)
    if network.spec.task != "autoencoder":
        raise NoSuchPart(Sentence("A classifier has no decoder: it draws nothing from its latent numbers."))
    if codes.ndim != 2 or codes.shape[1:] != latent.behind or not 0 < len(codes) <= MOST_DECODED:
        raise NoSuchPart(
            Sentence(
                "This network’s codes have another size: {n:,}, and it decodes up to 100 at once.",
                n=latent.behind[0],
            )
        )
    *_, (_name, images) = forward(network, torch.from_numpy(codes).float(), behind=latent)
    return {"images": images[:, 0].numpy()}


def principal_components(codes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean (n,), components as rows (at least 2, n), and their shares of the variance, largest first.

    float64; as many shares as the smaller of n and the count of codes. Of each component the largest weight
    is positive. With one latent number the second is zero.
    """
    exact = codes.double()
    mean = exact.mean(0)
    centred = exact - mean
    if codes.shape[1] <= len(codes):
        variances, vectors = torch.linalg.eigh(centred.T @ centred)
        axes = vectors.T.flip(0)
    else:  # as many components as garments, by the smaller of both matrices
        variances, vectors = torch.linalg.eigh(centred @ centred.T)
        axes = torch.nn.functional.normalize((centred.T @ vectors).T.flip(0))
    variances = variances.flip(0).clamp(min=0)
    largest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
    axes = axes * torch.where(largest < 0, -1.0, 1.0)
    if len(axes) < 2:
        axes = torch.cat([axes, torch.zeros_like(axes)])
    total = variances.sum()
    return mean, axes, variances / total if total > 0 else variances


def neighbours_vote(points: Tensor, labels: Tensor) -> tuple[Tensor, float]:
    """Each point's distance to its nearest other (count,), float64, and how often its ten nearest are right.

    They vote on its class; of classes with as many votes, the first is elected.
    """
    exact, classes = points.double(), labels.numpy()
    count = min(NEIGHBOURS, len(exact) - 1)
    gaps, right = [], 0
    for start in range(0, len(exact), CHUNK):
        distances = torch.cdist(exact[start : start + CHUNK], exact)
        rows = torch.arange(len(distances))
        distances[rows, start + rows] = torch.inf
        nearest = distances.topk(count, largest=False)
        gaps.append(nearest.values[:, 0])
        for row, others in enumerate(nearest.indices.numpy()):
            right += int(np.bincount(classes[others]).argmax() == classes[start + row])
    return torch.cat(gaps), right / len(exact)


def _codes(network: Network) -> Tensor:
    """float32 (count, n). Raises `NothingToSee`."""
    latent = latent_layer(network.spec)
    count = min(GARMENTS, len(network.parts.test))
    codes = []
    for start in range(0, count, CHUNK):
        x = test_images(network, slice(start, min(count, start + CHUNK)))
        codes.append(next(value for name, value in forward(network, x) if name == latent.name).flatten(1))
    whole = torch.cat(codes)
    if not whole.isfinite().all():
        raise NothingToSee(
            Sentence("The numbers in this network have grown beyond all bounds: there is nothing to see.")
        )
    return whole
