"""Points of latent space: which are near, what lies between two, which code belongs to a place on a map."""

from __future__ import annotations

import numpy as np

BLENDED = 10
PART = 200_000  # numbers at a time: copies of all pixels would stay with the process


def nearest(
    points: np.ndarray, point: np.ndarray, count: int, but: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The places of the `count` points (n, d) nearest to a point (d,), nearest first, and their distances.

    One of the points may be left `but`, which is the point itself.
    """
    parts = np.array_split(points, 1 + points.size // PART)
    distances = np.sqrt(np.concatenate([np.square(np.float32(part) - point).sum(1) for part in parts]))
    if but is not None and but < len(points):
        distances[but] = np.inf
    order = np.argsort(distances, kind="stable")[: min(count, len(points) - (but is not None))]
    return order, distances[order]


def between(first: np.ndarray, last: np.ndarray, steps: int) -> np.ndarray:
    """`steps` points (steps, d) in a straight line, both ends included, at equal distances."""
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return (1 - share) * first + share * last


def on_plane(mean: np.ndarray, axes: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The code (n,) at a place (2,) of the plane through `mean`, whose directions `axes` (2, n) are.

    Where the plane goes below zero the code is zero, since a ReLU lets nothing else out.
    """
    code: np.ndarray = np.maximum(mean + place @ axes, 0).astype(np.float32)
    return code


def blended(codes: np.ndarray, places: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The code (n,) at a place (2,) of a map that has no way back: a mean of the ten nearest garments' codes.

    Each counts by one over its squared distance on the map, so a garment's own place has its own code.
    """
    order, distances = nearest(places, place, BLENDED)
    if distances[0] == 0:
        return codes[order[0]]
    weights = 1 / np.square(distances / distances[0])
    code: np.ndarray = (weights @ codes[order] / weights.sum()).astype(np.float32)
    return code


def extent(places: np.ndarray) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a map with room around its places, never without any width."""
    low, high = places.min(0), places.max(0)
    room = np.maximum(0.06 * (high - low), 1e-3)
    (left, bottom), (right, top) = low - room, high + room
    return float(left), float(bottom), float(right), float(top)
