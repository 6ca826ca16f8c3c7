"""Reads a photo from the bytes of a file: JPEG, PNG, GIF, WebP or BMP, of which only a small picture is kept.

How many pixels it has is known before one of them is decoded, and what is too large is refused then. Nothing
is written anywhere.
"""

from __future__ import annotations

import io
import threading
import warnings
from dataclasses import dataclass
from math import ceil

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from fmnist_core.sentences import LabError, Sentence

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")  # what cameras, screens and drawing programs write
MOST_BYTES = 16 << 20
# A JPEG is decoded at down to an eighth of its sides, others are at first as large in memory as they are.
MOST_PIXELS, MOST_PIXELS_AT_ONCE = 64_000_000, 13_000_000
LONGEST_SIDE = 400
LIGHT = 160  # of 255: what is mostly lighter than this is seen before black
WHITE, BLACK = (255, 255, 255, 255), (0, 0, 0, 255)

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
_one_at_a_time = threading.Lock()  # each takes some memory for a moment


class PhotoError(LabError):
    """The file holds no picture that could be read."""


@dataclass(frozen=True, eq=False)
class Photo:
    """`pixels` uint8 (rows, columns, 3), as they lie in the file, the longer side at most 400.

    `orientation` is EXIF's: 1 if they stand upright, else one of 2 to 8.
    """

    pixels: np.ndarray
    orientation: int = 1


def read(content: bytes) -> Photo:
    """The first picture in a file. Raises `PhotoError`."""
    if len(content) > MOST_BYTES:
        raise PhotoError(
            Sentence(
                "This file has {size} MB; the lab takes {most} MB. Send a smaller photo.",
                size=ceil(len(content) / 2**20),
                most=MOST_BYTES >> 20,
            )
        )
    try:
        with _one_at_a_time, Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_size(image, content)
            return Photo(np.asarray(_small(image)), _orientation(image))
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(
            Sentence(
                "This picture has more pixels than the lab takes, {most} million. Send a smaller one.",
                most=MOST_PIXELS // 10**6,
            )
        ) from error
    except UnidentifiedImageError as error:
        raise PhotoError(
            Sentence("This file is no picture that the lab can read. It reads JPEG, PNG, GIF, WebP and BMP.")
        ) from error
    except Exception as error:  # decoders meet a broken file with errors of many kinds
        raise PhotoError(
            Sentence("This picture is damaged: it ends too early, or parts of it are wrong. Try another.")
        ) from error


def _check_size(image: Image.Image, content: bytes) -> None:
    """From here on a JPEG is decoded at a part of its size, as far as its shorter side allows."""
    pixels = at_once = image.width * image.height
    image.draft(image.mode, (LONGEST_SIDE, LONGEST_SIDE))
    if _is_read_in_rows(image, content):
        at_once = image.width * image.height
    if at_once > MOST_PIXELS_AT_ONCE:
        raise PhotoError(
            Sentence(
                "This picture has {pixels} million pixels; of its kind the lab takes {most} million. "
                "Send a smaller one, or a JPEG as cameras write it.",
                pixels=ceil(pixels / 1e6),
                most=MOST_PIXELS_AT_ONCE // 10**6,
            )
        )


def _is_read_in_rows(image: Image.Image, content: bytes) -> bool:
    """Whether it is a JPEG whose first scan holds all of its colours: others are decoded as a whole."""
    if image.format not in ("JPEG", "MPO") or image.info.get("progressive"):  # an MPO is several JPEGs
        return False
    colours = len(image.getbands())
    return not any(b"\xff\xda\x00" + bytes((6 + 2 * n, n)) in content for n in range(1, colours))


def _orientation(image: Image.Image) -> int:
    """1 also where the file's notes cannot be read: the picture itself is whole."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # notes are broken in as many ways as pictures
        return 1
    return orientation if orientation in range(1, 9) else 1


def _small(image: Image.Image) -> Image.Image:
    """In red, green and blue, 8 bits each; what is transparent is before white, or before black if light.

    Made small before anything else where that is possible, since every other step takes a copy.
    """
    if image.mode.startswith("I"):  # 16 bits of grey
        grey = np.asarray(image)[:: _stride(image.height), :: _stride(image.width)] >> 8
        return _within(Image.fromarray(grey.clip(0, 255).astype(np.uint8))).convert("RGB")
    if not image.has_transparency_data:
        whole = image.convert("RGB") if image.mode in ("1", "P") else image
        return _within(whole).convert("RGB")
    clear = _within(image if image.mode in ("LA", "RGBA") else image.convert("RGBA")).convert("RGBA")
    pixels = np.asarray(clear).astype(np.float64)
    seen = pixels[..., 3].sum()
    lightness = (pixels[..., :3].mean(-1) * pixels[..., 3]).sum() / seen if seen else 0.0
    ground = Image.new("RGBA", clear.size, BLACK if lightness > LIGHT else WHITE)
    return Image.alpha_composite(ground, clear).convert("RGB")


def _within(image: Image.Image) -> Image.Image:
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX, reducing_gap=None)
    return image


def _stride(side: int) -> int:
    return max(1, side // (2 * LONGEST_SIDE))
