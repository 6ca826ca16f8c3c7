"""Arrays of any size as pictures: values above zero, bright where they are large; weights, by their sign.

Pixels stay square and sharp. The values are in words beside every picture, or in a table below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from pages.parts.widgets.mosaics import heat, png_uri

NEGATIVE, ZERO, POSITIVE = (0, 114, 178), (247, 247, 247), (213, 94, 0)  # Okabe and Ito's blue and vermilion


def bright(values: np.ndarray, most: float | None = None) -> np.ndarray:
    """Values from 0 to `most` (else their own largest) through the sequential map: (…, 3) uint8."""
    top = float(values.max(initial=0.0)) if most is None else most
    return heat(values / top if top > 0 else np.zeros_like(values))


def signed(values: np.ndarray, most: float | None = None) -> np.ndarray:
    """Blue below zero, vermilion above, pale at zero, full at ±`most` (else the largest): (…, 3) uint8."""
    top = float(np.abs(values).max(initial=0.0)) if most is None else most
    share = np.clip(values / top, -1, 1)[..., None] if top > 0 else np.zeros((*values.shape, 1))
    end = np.where(share < 0, np.array(NEGATIVE), np.array(POSITIVE))
    return np.rint(np.array(ZERO) + np.abs(share) * (end - np.array(ZERO))).astype(np.uint8)


def framed(pixels: np.ndarray, top: int, left: int, bottom: int, right: int, tile: int, *, alt: str) -> str:
    """A picture `tile` px wide with a frame around these rows and columns, as HTML."""
    rows, columns = pixels.shape[:2]
    place = (
        f"left:{100 * left / columns:.3f}%;top:{100 * top / rows:.3f}%;"
        f"width:{100 * (right - left + 1) / columns:.3f}%;height:{100 * (bottom - top + 1) / rows:.3f}%"
    )
    return (
        f'<span class="lab-framed" style="width:{tile}px">{_image(pixels, alt, tile)}'
        f'<i style="{place}"></i></span>'
    )


def grid(
    pictures: Sequence[np.ndarray], captions: Sequence[str], *, alt: str, tile: int, chosen: int | None = None
) -> str:
    """Pictures (rows, columns, 3) in as many columns as there is room for, one of them marked, as HTML."""
    figures = "".join(
        f"<figure{' class=lab-chosen' if place == chosen else ''}>"
        f"{_image(picture, f'{alt}: {caption}', tile)}<figcaption>{escape(caption)}</figcaption></figure>"
        for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True))
    )
    return f'<div class="lab-pictures" style="--tile:{tile}px">{figures}</div>'


def garments(images: Sequence[np.ndarray], captions: Sequence[str], *, alt: str, tile: int = 112) -> str:
    """Garments larger than in a mosaic, uint8 (28, 28) each, as HTML."""
    return grid([np.repeat(image[..., None], 3, -1) for image in images], captions, alt=alt, tile=tile)


def _image(pixels: np.ndarray, alt: str, tile: int) -> str:
    return f'<img src="{png_uri(pixels)}" alt="{escape(alt)}" width="{tile}">'
