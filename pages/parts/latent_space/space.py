"""What a worker says of a network's latent space, kept for every session that looks at the same weights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.architecture.networks import latent_layer
from fmnist_core.data import fashion_mnist
from pages.parts.base.services import engine
from pages.parts.inside.answers import SECONDS, answer
from pages.parts.inside.network_choice import Garment, Network

DIGITS = ".3g"  # of a distance
DRAWINGS = 50
KEPT_BYTES = 30_000_000  # a map of 64 latent numbers takes half a million


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
    answered = _latent_map(tuple(network.asked.items()), len(dataset.test_labels))
    count = len(answered["codes"])
    return Space(
        *(answered[name] for name in ("codes", "mean", "axes", "shares", "gaps")),
        accuracy=float(answered["accuracy"]),
        pixel_accuracy=float(answered["pixel_accuracy"]),
        images=np.asarray(dataset.test_images[:count]),
        labels=np.asarray(dataset.test_labels[:count]),
    )


def _latent_map(asked: tuple[tuple[str, Any], ...], count: int) -> dict[str, np.ndarray]:
    """Of the data in use, which may change, and then has another `count`."""
    maps, key = _maps(), (asked, count)
    answered: dict[str, np.ndarray] | None = maps.pop(key, None)
    if answered is None:
        answered = engine().ask("latent_map", timeout=SECONDS, **dict(asked))
    maps[key] = answered
    while len(maps) > 1 and sum(one["codes"].nbytes for one in list(maps.values())) > KEPT_BYTES:
        maps.pop(next(iter(maps)), None)  # which another session may just have done
    return answered


@st.cache_resource(show_spinner=False)
def _maps() -> dict[Any, dict[str, np.ndarray]]:
    """What was answered, the latest last."""
    return {}


def code_of(network: Network, space: Space, garment: Garment) -> np.ndarray:
    """The garment's code (n,), whether it is on the map or not."""
    if garment.index < len(space.codes):
        return space.codes[garment.index]
    values = answer("activations", network, image=garment.index)
    return values[latent_layer(network.spec).name].ravel()


def decoded(network: Network, codes: np.ndarray) -> np.ndarray:
    """What the network draws from codes (count, n): uint8 (count, 28, 28). Raises `LabError`."""
    return _decoded(tuple(network.asked.items()), codes)


@st.cache_data(max_entries=DRAWINGS, show_spinner=False)
def _decoded(asked: tuple[tuple[str, Any], ...], codes: np.ndarray) -> np.ndarray:
    """Remembered, since of the place, the walk and the numbers only one changes at a time."""
    images = engine().ask("decode", timeout=SECONDS, codes=codes, **dict(asked))["images"]
    return np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)
