"""Photos of all kinds are read or refused with a sentence, and nothing large is ever decoded."""

import io
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageOps

from fmnist_core.data import photo
from fmnist_core.data.photo import MOST_BYTES, PhotoError, read
from fmnist_core.data.preparation import NothingSeen, grey_of, prepare, turned_upright
from tests.data import picture_files as files

BROKEN_NOTES = b"Exif\x00\x00XX\x00\x2a\x00\x00\x00\x08"
LOSSLESS = {"WEBP": {"lossless": True}}


@pytest.mark.parametrize("kind", files.READ)
def test_every_kind_of_picture_shows_the_garment(kind: str):
    """Cut down to the network's 28 × 28, since kinds differ in size and in what they lose."""
    boot = prepare(read(files.plain())).image.astype(float)
    image = prepare(read(files.READ[kind]())).image.astype(float)
    assert np.corrcoef(boot.ravel(), image.ravel())[0, 1] > (0.7 if kind == "transparent" else 0.95)


@pytest.mark.parametrize("kind", files.REFUSED)
def test_what_is_no_garment_gets_a_sentence(kind: str):
    content, sentence = files.REFUSED[kind]
    with pytest.raises((PhotoError, NothingSeen), match=sentence):
        prepare(read(content()))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_stands_upright_as_pillow_would_have_it(orientation: int):
    content = files.turned(orientation)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    np.testing.assert_array_equal(turned_upright(read(content)), upright)
    np.testing.assert_array_equal(upright[..., 0], files.garment())


def test_sixteen_bits_are_as_bright_as_eight():
    np.testing.assert_array_equal(read(files.sixteen_bits()).pixels[..., 0], files.garment())


@pytest.mark.parametrize(("grey", "ground"), [(40, 255), (250, 0)])
def test_a_garment_cut_out_stands_out_from_its_background(grey: int, ground: int):
    pixels = grey_of(read(files.transparent(grey)).pixels)
    assert pixels[0, 0] == ground
    assert abs(int(np.median(pixels[80:90])) - ground) > 50


def test_what_is_large_is_refused_before_it_is_decoded():
    tracemalloc.start()
    try:
        for name in ("40 megapixels as PNG", "decompression bomb"):
            with pytest.raises(PhotoError):
                read(files.REFUSED[name][0]())
        with pytest.raises(PhotoError, match="the lab takes 16 MB"):
            read(bytes(MOST_BYTES + 1))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 2 * MOST_BYTES


def test_a_progressive_jpeg_which_cannot_be_read_in_parts_counts_as_large(monkeypatch: pytest.MonkeyPatch):
    image = Image.fromarray(files.garment(scale=36))
    monkeypatch.setattr(photo, "MOST_PIXELS_AT_ONCE", image.width * image.height - 1)
    read(files.file_of(image, "JPEG"))
    with pytest.raises(PhotoError, match="million pixels"):
        read(files.file_of(image, "JPEG", progressive=True))


def test_a_jpeg_with_a_scan_for_each_colour_counts_as_large(monkeypatch: pytest.MonkeyPatch):
    """A decoder keeps all of it until the last scan has come, as of a progressive one."""
    image = Image.fromarray(files.garment(scale=36)).convert("RGB")
    interleaved = files.file_of(image, "JPEG")
    start = interleaved.index(b"\xff\xda\x00\x0c\x03")
    one_colour = b"\xff\xda\x00\x08\x01" + interleaved[start + 5 : start + 7] + b"\x00\x3f\x00"
    apart = interleaved[:start] + one_colour + interleaved[start + 14 :]
    monkeypatch.setattr(photo, "MOST_PIXELS_AT_ONCE", image.width * image.height - 1)
    read(interleaved)
    with pytest.raises(PhotoError, match="million pixels"):
        read(apart)


def test_a_picture_as_telephones_take_it_is_read_and_a_refused_one_is_never_said_to_be_as_large_as_allowed():
    read(files.file_of(Image.new("L", (4032, 3024)), "PNG"))
    with pytest.raises(PhotoError, match=r"has 14 million pixels; of its kind the lab takes 13 million"):
        read(files.file_of(Image.new("L", (13_000_001, 1)), "PNG"))
    with pytest.raises(PhotoError, match="has 17 MB; the lab takes 16 MB"):
        read(bytes(MOST_BYTES + 1))


def test_a_long_thin_jpeg_which_cannot_be_decoded_smaller_is_refused():
    long = files.file_of(Image.new("L", (65_000, 790)), "JPEG", quality=20)
    assert len(long) < 1 << 20
    with pytest.raises(PhotoError, match="52 million pixels"):
        read(long)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_notes_that_cannot_be_read_leave_the_picture_as_it_lies(kind: str):
    image = Image.fromarray(files.garment()).convert("RGB")
    read_at_rest = read(files.file_of(image, kind, **LOSSLESS.get(kind, {})))
    broken = read(files.file_of(image, kind, exif=BROKEN_NOTES, **LOSSLESS.get(kind, {})))
    assert broken.orientation == 1
    np.testing.assert_array_equal(broken.pixels, read_at_rest.pixels)


def test_every_picture_is_cut_down():
    for shape in ((30, 3000), (3000, 30), (1200, 1600)):
        pixels = read(
            files.file_of(Image.fromarray(np.random.default_rng(0).integers(0, 255, shape, np.uint8)))
        ).pixels
        assert max(pixels.shape) == photo.LONGEST_SIDE
        assert pixels.dtype == np.uint8


@pytest.mark.parametrize("seed", range(40))
def test_broken_files_never_do_more_than_be_refused(seed: int):
    random = np.random.default_rng(seed)
    kinds = ("JPEG", "PNG", "GIF", "BMP")
    content = np.frombuffer(files.plain(kinds[seed % 4]), np.uint8).copy()
    places = random.integers(0, len(content), 30)
    content[places] = random.integers(0, 256, 30)
    with suppress(PhotoError):
        assert max(read(content.tobytes()).pixels.shape[:2]) <= photo.LONGEST_SIDE
