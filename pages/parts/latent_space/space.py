"""What a worker says of a network's latent space, kept for every session that looks at the same weights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fmnist_core.architecture.networks import latent_layer
from fmnist_core.data import fashion_mnist
from pages.parts.inside.answers import answer, shared_answer
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.network_choice import Network

DIGITS = ".3g"  # of a distance


@dataclass(frozen=True)
class Space:
    """`codes` (count, n) of the first `count` test garments, whose `images` and `labels` these are.

    The plane of their principal components goes through `mean` (n,) along `axes` (2, n), which hold the first
    two of `shares` of the variance. `gaps` (count,) are distances to the nearest other garment; `accuracy`
    and `pixel_accuracy` are those of ten neighbours' votes.
    """

    codes: np.ndarray
    mean: np.ndarray
    axes: np.ndarray
    shares: np.ndarray
    gaps: np.ndarray
    accuracy: float
    pixel_accuracy: float
    images: np.ndarray
    labels: np.ndarray

    @cached_property
    def plane(self) -> np.ndarray:
        """The garments' places (count, 2) in the plane."""
        places: np.ndarray = (self.codes - self.mean) @ self.axes.T
        return places

    @cached_property
    def name(self) -> str:
        """The same for the same codes, whatever network has them."""
        return hashlib.sha256(self.codes.tobytes()).hexdigest()


def space_of(network: Network) -> Space:
    """Raises `LabError` where there is none."""
    dataset = fashion_mnist.load()
    data = len(dataset.test_labels)  # which may change, and then has another count
    answered = shared_answer("latent_map", *network.asked.items(), data, **network.asked)
    count = len(answered["codes"])
    return Space(
        *(answered[name] for name in ("codes", "mean", "axes", "shares", "gaps")),
        accuracy=float(answered["accuracy"]),
        pixel_accuracy=float(answered["pixel_accuracy"]),
        images=np.asarray(dataset.test_images[:count]),
        labels=np.asarray(dataset.test_labels[:count]),
    )


def code_of(network: Network, space: Space, garment: Garment) -> np.ndarray:
    """The garment's code (n,), whether it is on the map or not."""
    if garment.index < len(space.codes):
        return space.codes[garment.index]
    values = answer("activations", network, image=garment.index)
    return values[latent_layer(network.spec).name].ravel()


def decoded(network: Network, codes: np.ndarray) -> np.ndarray:
    """What the network draws from codes (count, n): uint8 (count, 28, 28). Raises `LabError`."""
    key = (*network.asked.items(), codes.shape, codes.tobytes())
    images = shared_answer("decode", *key, codes=codes, **network.asked)["images"]
    return np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)
