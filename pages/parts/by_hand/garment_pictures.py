"""A test garment as numbers from 0 to 1, and arrays as pictures beside each other."""

from __future__ import annotations

from html import escape

import numpy as np

from pages.parts.inside.garment_choice import Garment

WINNER = np.array([230, 159, 0])  # Okabe and Ito's orange


def as_numbers(garment: Garment) -> np.ndarray:
    """float64 (28, 28)."""
    return garment.image.astype(np.float64) / 255


def grey(values: np.ndarray) -> np.ndarray:
    """Values from 0, black, to 1, white: (rows, columns, 3) uint8."""
    return np.repeat(np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8)[..., None], 3, -1)


def with_winners(values: np.ndarray, winners: np.ndarray) -> np.ndarray:
    """As `grey`, with the pixels at `winners`, (…, 2), tinted orange."""
    picture = grey(values)
    rows, columns = winners.reshape(-1, 2).T
    picture[rows, columns] = np.rint(0.35 * picture[rows, columns] + 0.65 * WINNER)
    return picture


def captioned(picture: str, words: str) -> str:
    return f"<figure>{picture}<figcaption>{escape(words)}</figcaption></figure>"


def row_of(*figures: str) -> str:
    return f'<div class="lab-beside">{"".join(figures)}</div>'
