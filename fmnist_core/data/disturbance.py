"""Disturbs images as cameras and people do: turned, shifted, blurred, partly hidden, with noise.

Images are uint8 (n, 28, 28), before and after. What chance decides, it decides by a seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

SIDE = 28


@dataclass(frozen=True)
class Disturbance:
    """How strong each is; all of them 0 leaves images as they are.

    `rotation` in degrees, counterclockwise; `right` and `down` in pixels, `blur` the Gaussian's standard
    deviation in pixels; `hidden` the side of a black square, in pixels, at a random place; `noise` the
    standard deviation of what is added to each pixel, in shares of white.
    """

    rotation: float = 0.0
    right: int = 0
    down: int = 0
    blur: float = 0.0
    hidden: int = 0
    noise: float = 0.0
    seed: int = 0


NONE = Disturbance()
# By kind, the strengths of a curve from nothing on.
STRENGTHS: dict[str, tuple[float, ...]] = {
    "noise": (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5),
    "blur": (0, 0.5, 1, 1.5, 2, 3, 4),
    "shift": (0, 1, 2, 3, 4, 6, 8),
    "rotation": (0, 5, 10, 20, 30, 60, 90),
    "hidden": (0, 4, 8, 12, 16, 20, 24),
}


def of_kind(kind: str, strength: float) -> Disturbance:
    """One of `STRENGTHS` alone; a shift is to the right."""
    match kind:
        case "noise":
            return Disturbance(noise=strength)
        case "blur":
            return Disturbance(blur=strength)
        case "shift":
            return Disturbance(right=round(strength))
        case "rotation":
            return Disturbance(rotation=strength)
        case "hidden":
            return Disturbance(hidden=round(strength))
        case _:
            raise ValueError(f"no kind of disturbance: {kind}")


def disturbed(images: np.ndarray, by: Disturbance) -> np.ndarray:
    if replace(by, seed=0) == NONE:
        return images
    exact = images.astype(np.float64)
    random = np.random.default_rng(by.seed)
    if by.rotation:
        exact = rotated(exact, by.rotation)
    if by.right or by.down:
        exact = shifted(exact, by.down, by.right)
    if by.blur:
        exact = blurred(exact, by.blur)
    if by.hidden:
        exact = partly_hidden(exact, by.hidden, random)
    if by.noise:
        exact = exact + random.normal(0.0, 255 * by.noise, exact.shape)
    return np.clip(np.rint(exact), 0, 255).astype(np.uint8)


def rotated(images: np.ndarray, degrees: float) -> np.ndarray:
    """About the middle, counterclockwise; between pixels by their four neighbours, black beyond the edges."""
    angle, middle = np.deg2rad(degrees), (SIDE - 1) / 2
    rows, columns = np.indices((SIDE, SIDE)) - middle
    from_row = middle + rows * np.cos(angle) + columns * np.sin(angle)
    from_column = middle - rows * np.sin(angle) + columns * np.cos(angle)
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2)))
    row, column = (np.clip(place + 1, 0, SIDE + 1) for place in (from_row, from_column))
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    below, beside = row - top, column - left
    upper = padded[:, top, left] * (1 - beside) + padded[:, top, left + 1] * beside
    lower = padded[:, top + 1, left] * (1 - beside) + padded[:, top + 1, left + 1] * beside
    turned: np.ndarray = upper * (1 - below) + lower * below
    return turned


def shifted(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """By whole pixels; what comes in is black."""
    moved = np.zeros_like(images)
    into, out_of = _overlap(down), _overlap(-down)
    moved[:, into, _overlap(right)] = images[:, out_of, _overlap(-right)]
    return moved


def blurred(images: np.ndarray, deviation: float) -> np.ndarray:
    """By a Gaussian, black beyond the edges: one matrix for the rows and the columns alike."""
    places = np.arange(SIDE)
    distances = places[:, None] - places
    reach = np.arange(-2 * SIDE, 2 * SIDE + 1)
    weights = np.exp(-0.5 * (distances / deviation) ** 2) / np.exp(-0.5 * (reach / deviation) ** 2).sum()
    result: np.ndarray = weights @ images @ weights.T
    return result


def partly_hidden(images: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """A black square in each, somewhere within the image."""
    tops, lefts = random.integers(0, SIDE - side + 1, (2, len(images)))
    places = np.arange(SIDE)
    in_rows = (places >= tops[:, None]) & (places < tops[:, None] + side)
    in_columns = (places >= lefts[:, None]) & (places < lefts[:, None] + side)
    return np.where(in_rows[:, :, None] & in_columns[:, None, :], 0.0, images)


def _overlap(by: int) -> slice:
    return slice(max(0, by), max(0, SIDE + min(0, by)))
