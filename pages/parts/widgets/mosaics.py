"""Garments on the page: arrays in, PNG and a little HTML out, never blurred, at least 56 px a garment.

Reconstructions always stand as original, reconstruction, error, from top to bottom. Gaps are transparent, so
that a mosaic sits well on a light and on a dark page.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from html import escape

import numpy as np
from PIL import Image

from fmnist_core.own_report import pin
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _

SIDE = 28
TILE = 56  # twice the garment's own pixels; a multiple of 28 keeps all pixels alike
GAP = 2  # in the garment's own pixels

# The sequential map of the theme (`chartSequentialColors`), dark to bright: black where nothing is wrong.
RAMP = ("#05080D", "#0A2540", "#0B4A7A", "#0F73B5", "#4FA8DE", "#A8D8F5", "#F2FAFF")
# The square root brings small errors, which are most of them, out of the dark.
ERROR_AT_FULL = 128
_PRIVATE = ContextVar("private", default=False)


def gallery(images: np.ndarray, *, alt: str, columns: int = 10, tile: int = TILE) -> str:
    """Garments in reading order, as one image. `images` is uint8 (n, 28, 28)."""
    width = columns * tile + (columns - 1) * GAP * tile // SIDE
    return f'<div class="lab-mosaic">{_img(mosaic(images, columns), alt, width)}</div>'


def triptychs(originals: np.ndarray, outputs: np.ndarray, captions: Sequence[str], *, alt: str) -> str:
    """Garment by garment: the original over its reconstruction over the error. Both are uint8 (n, 28, 28)."""
    errors = error_images(originals, outputs)
    items = []
    for original, output, error, caption in zip(originals, outputs, errors, captions, strict=True):
        column = _stack([_grey(original), _grey(output), error])
        items.append(_figure(column, f"{alt}: {caption}", caption))
    legend = _(
        "From top to bottom: the original, its reconstruction, and the error (bright where they differ)."
    )
    return _row(items) + f'<p class="lab-legend">{escape(legend)}</p>'


def content(rows: Sequence[tuple[str, np.ndarray]]) -> pin.Content:
    """For a report: under each caption one row of garments, uint8 (n, 28, 28) or coloured (n, 28, 28, 3)."""
    pictures = [png(mosaic(images, len(images))) for _caption, images in rows]
    return pin.pictures(pictures, [caption for caption, _images in rows])


def waiting(originals: np.ndarray, captions: Sequence[str], *, alt: str) -> str:
    """As `triptychs`, before there is anything to show: empty tiles under the originals."""
    empty = np.full((SIDE, SIDE, 3), 128, np.uint8)
    items = []
    for original, caption in zip(originals, captions, strict=True):
        column = _stack([_grey(original), empty, empty])
        column[SIDE:, :, 3] //= 5
        items.append(_figure(column, f"{alt}: {caption}", caption))
    return _row(items)


def captioned(images: np.ndarray, captions: Sequence[str], *, alt: str) -> str:
    """Garments with words under them, which wrap on a narrow page; uint8 (n, 28, 28) or (n, 28, 28, 3)."""
    items = [
        _figure(_stack([_grey(image) if image.ndim == 2 else image]), f"{alt}: {caption}", caption)
        for image, caption in zip(images, captions, strict=True)
    ]
    return _row(items)


def flow(parts: Sequence[np.ndarray | str], *, alt: str) -> str:
    """Garments, uint8 (28, 28), and words in a line, as one picture that `alt` describes."""
    items = [
        f"<span>{escape(part)}</span>" if isinstance(part, str) else _img(_stack([_grey(part)]), "", TILE)
        for part in parts
    ]
    return f'<div class="lab-flow" role="img" aria-label="{escape(alt)}">{"".join(items)}</div>'


def guesses(
    images: np.ndarray,
    probabilities: np.ndarray,
    labels: Sequence[int],
    names: Sequence[str],
    *,
    alt: str,
    tile: int = TILE,
) -> str:
    """Each garment, the class it is, and the classifier's three likeliest classes as bars.

    `probabilities` has shape (n, classes); the bar of the true class is the accent colour.
    """
    items = []
    for image, chances, label in zip(images, probabilities, labels, strict=True):
        best = np.argsort(chances)[::-1][:3]
        rows = "".join(chance_bar(names[k], float(chances[k]), k == label) for k in best)
        right = int(best[0]) == int(label)
        verdict = "✓" if right else "✗"
        heading = f"<figcaption><b>{verdict}</b> {escape(names[label])}</figcaption>"
        picture = _img(_stack([_grey(image)]), f"{alt}: {names[label]}", tile)
        items.append(f'<figure class="lab-guess">{picture}<div>{heading}{rows}</div></figure>')
    return f'<div class="lab-guesses">{"".join(items)}</div>'


def mosaic(images: np.ndarray, columns: int, gap: int = GAP) -> np.ndarray:
    """Tiles in reading order as RGBA, (rows·28 + gaps, columns·28 + gaps, 4); gaps are transparent."""
    step = SIDE + gap
    rows = -(-len(images) // columns)
    canvas = np.zeros((rows * step - gap, columns * step - gap, 4), np.uint8)
    for i, image in enumerate(images):
        top, left = i // columns * step, i % columns * step
        canvas[top : top + SIDE, left : left + SIDE, :3] = image[..., None] if image.ndim == 2 else image
        canvas[top : top + SIDE, left : left + SIDE, 3] = 255
    return canvas


def error_images(originals: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Absolute differences through the sequential map: uint8 (n, 28, 28) twice to (n, 28, 28, 3)."""
    error = np.abs(originals.astype(np.int16) - outputs.astype(np.int16))
    return heat(np.sqrt(error / ERROR_AT_FULL))


def heat(values: np.ndarray) -> np.ndarray:
    """Values in [0, 1], clipped, through the sequential map: any shape to that shape with (…, 3) uint8."""
    return _ramp()[np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8)]


def png_uri(pixels: np.ndarray) -> str:
    """uint8 (h, w), (h, w, 3) or (h, w, 4) as a data URI."""
    if _PRIVATE.get():
        return private_uri(pixels)
    return _remembered_uri(pixels.shape, pixels.tobytes())


@lru_cache(maxsize=128)
def _remembered_uri(shape: tuple[int, ...], pixels: bytes) -> str:
    """The same garments are drawn at every look at a run."""
    return private_uri(np.frombuffer(pixels, np.uint8).reshape(shape))


def private_uri(pixels: np.ndarray) -> str:
    """As `png_uri`, for a learner's own picture, of which nothing may be left in the server's memory."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


@contextmanager
def private(of_ones_own: bool) -> Iterator[None]:
    """Of what is drawn in here nothing is remembered, if it is made `of_ones_own` picture."""
    before = _PRIVATE.set(of_ones_own)
    try:
        yield
    finally:
        _PRIVATE.reset(before)


def png(pixels: np.ndarray) -> bytes:
    """uint8 (h, w), (h, w, 3) or (h, w, 4) as a file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=3)
    return file.getvalue()


def _ramp() -> np.ndarray:
    anchors = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in RAMP], float)
    places = np.linspace(0, 255, len(anchors))
    return np.stack([np.interp(np.arange(256), places, anchors[:, k]) for k in range(3)], 1).astype(np.uint8)


def _grey(image: np.ndarray) -> np.ndarray:
    return np.repeat(image[..., None], 3, axis=-1)


def _stack(images: Sequence[np.ndarray]) -> np.ndarray:
    return mosaic(np.stack(images), 1)


def _img(pixels: np.ndarray, alt: str, width: int) -> str:
    return f'<img src="{png_uri(pixels)}" alt="{escape(alt)}" width="{width}">'


def _figure(pixels: np.ndarray, alt: str, caption: str) -> str:
    # A caption may break at spaces only: "T-shirt" fits under a garment, "T-" and "shirt" look torn.
    words = escape(caption).replace("-", "\N{NON-BREAKING HYPHEN}")
    return f"<figure>{_img(pixels, alt, TILE)}<figcaption>{words}</figcaption></figure>"


def _row(figures: Sequence[str]) -> str:
    """Five or ten to a line, in tiles of 56 or 84 px, by the room there is; the style sheet decides."""
    return f'<div class="lab-garments"><div class="lab-row">{"".join(figures)}</div></div>'


def chance_bar(name: str, chance: float, true: bool) -> str:
    """A class and its probability as a bar, in the accent colour if it is the `true` one."""
    kind, share = "lab-bar lab-true" if true else "lab-bar", figure(100 * chance, ".0f")
    return (
        f'<div class="{kind}"><span>{escape(name)}</span>'
        f'<i style="width:{share}%"></i><span>{share}&nbsp;%</span></div>'
    )
