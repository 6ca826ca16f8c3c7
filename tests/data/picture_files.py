"""Files as learners might send them: a dark garment on white, as every kind of picture, and what is none."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import ExifTags, Image, ImageOps

from fmnist_core.data import fashion_mnist

BOOT = 9


def garment(index: int | None = None, scale: int = 6) -> np.ndarray:
    """A test garment, by default the film's boot, dark on white and enlarged: uint8 (28·scale, 28·scale)."""
    dataset = fashion_mnist.load()
    place = fashion_mnist.snapshot_indices(dataset)[BOOT] if index is None else index
    return np.kron(255 - np.asarray(dataset.test_images[place]), np.ones((scale, scale), np.uint8))


def file_of(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def plain(kind: str = "PNG") -> bytes:
    return file_of(Image.fromarray(garment()).convert("RGB"), kind)


def photo_of_40_megapixels() -> bytes:
    return file_of(Image.fromarray(garment()).resize((6400, 6400)), "JPEG", quality=50)


def png_of_40_megapixels() -> bytes:
    return png_that_claims(8000, 5000)


def png_that_claims(width: int, height: int) -> bytes:
    """A small file whose header speaks of many pixels, and whose content unpacks to zeros."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def one_pixel() -> bytes:
    return file_of(Image.new("RGB", (1, 1), "red"))


def animated_gif() -> bytes:
    """The garment, and then something else."""
    first, second = Image.fromarray(garment()), Image.new("L", (168, 168), 90)
    return file_of(first, "GIF", save_all=True, append_images=[second], duration=100)


def text() -> bytes:
    return b"This is no picture.\n" * 20


def cmyk() -> bytes:
    return file_of(Image.fromarray(garment()).convert("RGB").convert("CMYK"), "JPEG", quality=95)


def sixteen_bits() -> bytes:
    return file_of(Image.fromarray(garment().astype(np.uint16) * 257))


def turned(orientation: int) -> bytes:
    """Stored so that EXIF has to be followed to see it upright."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    upright = Image.fromarray(garment()).convert("RGB")
    # What stands upright is turned back by the reverse of what a viewer will do.
    back = {6: 8, 8: 6}.get(orientation, orientation)
    reverse = Image.Exif()
    reverse[ExifTags.Base.Orientation] = back
    copy = Image.open(io.BytesIO(file_of(upright, "PNG", exif=reverse)))
    return file_of(ImageOps.exif_transpose(copy), "PNG", exif=exif)


def transparent(grey: int = 40) -> bytes:
    """The garment cut out, of one colour, on nothing."""
    alpha = 255 - garment()
    colour = np.full((*alpha.shape, 3), grey, np.uint8)
    return file_of(Image.fromarray(np.dstack([colour, alpha])))


def palette() -> bytes:
    return file_of(Image.fromarray(garment()).convert("P"))


def uniform() -> bytes:
    return file_of(Image.new("RGB", (200, 300), (90, 120, 30)))


def truncated() -> bytes:
    whole = plain("JPEG")
    return whole[: len(whole) // 2]


READ: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: plain("JPEG"),
    "WebP": lambda: file_of(Image.fromarray(garment()).convert("RGB"), "WEBP", quality=95),
    "BMP": lambda: plain("BMP"),
    "40 megapixels": photo_of_40_megapixels,
    "animated GIF": animated_gif,
    "CMYK": cmyk,
    "16 bits": sixteen_bits,
    "turned by EXIF": lambda: turned(6),
    "transparent": transparent,
    "palette": palette,
}
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "40 megapixels as PNG": (png_of_40_megapixels, "40 million pixels"),
    "decompression bomb": (lambda: png_that_claims(30_000, 30_000), "more pixels than the lab takes"),
    "large beyond a warning": (lambda: png_that_claims(10_000, 8_000), "more pixels than the lab takes"),
    "text named .png": (text, "no picture that the lab can read"),
    "empty": (lambda: b"", "no picture that the lab can read"),
    "truncated JPEG": (truncated, "damaged"),
    "1 × 1": (one_pixel, "nothing to see"),
    "uniform": (uniform, "nothing to see"),
}
