"""The loss on a grid of weights around a network's own, centre + a · across + b · up, coarse first.

It is computed a little at a time. The loss is the run's own evaluation, dropout off, on the first so many of
its images.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal

import numpy as np
import torch

from fmnist_core.nets.models.flat import Flat
from fmnist_core.nets.training import evaluation
from fmnist_core.nets.worker.loss_surface.directions import Directions
from fmnist_core.nets.worker.network_at import Network

Part = Literal["train_eval", "validation"]

BLOCK, BLOCKS = 3, 7  # the coarse picture has one place in the middle of each block
SIZE = BLOCK * BLOCKS
MARGIN = 0.25  # around a path, of its width


@dataclass
class Grid:
    """What is known of a slice so far: where `known`, the `losses` (21, 21), a row for each of `ys`."""

    loss: Loss
    centre: Flat
    directions: Directions
    xs: np.ndarray
    ys: np.ndarray
    losses: np.ndarray = field(default_factory=lambda: np.full((SIZE, SIZE), np.nan))
    known: np.ndarray = field(default_factory=lambda: np.zeros((SIZE, SIZE), bool))

    @property
    def finished(self) -> bool:
        return bool(self.known.all())

    def at(self, a: float, b: float) -> Flat:
        """The weights of a place of the plane."""
        weights = self.centre.alike()
        torch.add(self.centre.whole, self.directions.across, alpha=a, out=weights.whole)
        weights.whole.add_(self.directions.up, alpha=b)
        return weights

    def advance(self, seconds: float) -> None:
        """Computes more of the grid; one place at least."""
        end = time.perf_counter() + seconds
        for row, column in places():
            if self.known[row, column]:
                continue
            self.losses[row, column] = self.loss(self.at(float(self.xs[column]), float(self.ys[row])))
            self.known[row, column] = True
            if time.perf_counter() >= end:
                break
        self.loss.give_back()


class Loss:
    """The mean loss over the first images of a part, with whatever weights."""

    def __init__(self, network: Network, part: Part, images: int) -> None:
        _images, indices = network.parts.of(part)
        some = indices[:images]
        self.spec, self.part, self.images = network.spec, part, len(some)
        self.parts = replace(network.parts, train_eval=some, validation=some)
        self.weights: Flat | None = None
        self.predict: evaluation.Predictor | None = None

    def __call__(self, weights: Flat) -> float:
        if self.weights is None or self.predict is None:
            self.weights = weights.alike()
            self.predict = evaluation.predictor(self.spec, self.weights.views)
        self.weights.whole.copy_(weights.whole)  # which the network's layers look at
        tally = evaluation.Tally()
        while tally.seen < self.images:
            evaluation.add_chunk(tally, self.spec, self.predict, self.parts, self.part)
        return tally.loss

    def give_back(self) -> None:
        """Lets go of the memory that layers work in, to be made anew."""
        self.weights = self.predict = None


def places() -> list[tuple[int, int]]:
    """Row and column of every place: those in the middle of blocks, then the others, from the centre out."""
    half, middle = SIZE // 2, range(BLOCK // 2, SIZE, BLOCK)

    def later(place: tuple[int, int]) -> tuple[bool, int]:
        row, column = place
        return row not in middle or column not in middle, (row - half) ** 2 + (column - half) ** 2

    return sorted(product(range(SIZE), range(SIZE)), key=later)


def around_centre() -> np.ndarray:
    """From -1 to 1, in steps of a tenth."""
    half = SIZE // 2
    return np.arange(-half, half + 1) / half


def around_path(places: np.ndarray) -> np.ndarray:
    """Numbers at equal steps around those of a path, of which one is 0, the centre's."""
    width = float(np.ptp(places))
    low, high = float(places.min()) - MARGIN * width, float(places.max()) + MARGIN * width
    step = (high - low) / (SIZE - 1)
    return (np.arange(SIZE) - round(-low / step)) * step
