"""From a photo to the 28 × 28 grey pixels of Fashion-MNIST, step by step; each step can be left out.

The steps are those by which the data set was made of a shop's photos (Xiao, Rasul and Vollgraf 2017, section
2): trim, shrink, sharpen, centre, negate, grey. The shop's garments lay on white. For photos taken elsewhere
one step is added, which makes the background black, and pixels are averaged where theirs were picked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from PIL import Image

from fmnist_core.data.photo import Photo
from fmnist_core.sentences import LabError, Sentence

SIDE = 28
STEPS = ("upright", "grey", "invert", "background", "crop", "proportions", "sharpen", "centre")
NEAR = 0.05 * 255  # of the background's brightness: the paper's 5 %
FAR = 3 * NEAR  # so far from it, at most, lies what may still be background in an uneven light
SPECK = 0.01  # of a row or column: less does not make it part of the garment
CORNER = 0.05  # of a side
MIDDLE = 127.5

TURNS = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}


class NothingSeen(LabError):
    """The picture is of one colour."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """`stages` are the pictures behind each of `STEPS`, uint8 (rows, columns), the first (…, 3).

    `image` is the last, (28, 28). `was_light`: the background was light, so that inverting was called for.
    """

    stages: dict[str, np.ndarray]
    was_light: bool

    @property
    def image(self) -> np.ndarray:
        return self.stages[STEPS[-1]]


def prepare(photo: Photo, without: Collection[str] = ()) -> Prepared:
    """`without` some of `STEPS`. Raises `NothingSeen`."""
    stages: dict[str, np.ndarray] = {}
    pixels = photo.pixels if "upright" in without else turned_upright(photo)
    stages["upright"] = pixels
    grey = pixels[..., 0] if "grey" in without else grey_of(pixels)
    if float(grey.max()) - float(grey.min()) <= NEAR:
        raise NothingSeen(
            Sentence("There is nothing to see in this picture: it is all of one brightness. Try another one.")
        )
    stages["grey"] = grey
    was_light = background_level(grey) > MIDDLE
    if was_light and "invert" not in without:
        grey = 255 - grey
    stages["invert"] = grey
    if "background" not in without:
        grey = on_black(grey)
    stages["background"] = grey
    level = background_level(grey)
    if "crop" not in without:
        grey = trimmed(grey)
    stages["crop"] = grey
    grey = shrunk(grey, "proportions" not in without)
    stages["proportions"] = grey
    if "sharpen" not in without:
        grey = sharpened(grey)
    stages["sharpen"] = grey
    stages["centre"] = placed(grey, level, "centre" not in without)
    return Prepared(stages, was_light)


def turned_upright(photo: Photo) -> np.ndarray:
    """As EXIF says that the camera was held."""
    turned: np.ndarray = TURNS[photo.orientation](photo.pixels)
    return turned


def grey_of(pixels: np.ndarray) -> np.ndarray:
    """Brightness as eyes weigh the colours (Rec. 601): uint8 (rows, columns, 3) to (rows, columns)."""
    grey: np.ndarray = np.rint(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return grey


def background_level(grey: np.ndarray) -> float:
    """The brightness in the corners, the middle one of all their pixels."""
    rows, columns = (max(1, round(CORNER * side)) for side in grey.shape)
    ends = [slice(None, rows), slice(-rows, None)], [slice(None, columns), slice(-columns, None)]
    return float(np.median(np.concatenate([grey[r, c].ravel() for r in ends[0] for c in ends[1]])))


def on_black(grey: np.ndarray) -> np.ndarray:
    """The background 0, also where the light on it is uneven, and what is brighter stretched up to 255.

    A plane is laid through the brightness along the edges, where that is near to the corners'.
    """
    ground = _ground(grey)
    edge = _edge(grey.shape)
    deviations = np.abs(grey - ground)[edge]
    near = deviations[deviations <= FAR]
    noise = max(NEAR, 3 * float(near.std())) if len(near) else NEAR
    above = grey - ground
    stretched = above * 255 / np.maximum(255 - ground, 1)
    return np.where(above > noise, np.clip(np.rint(stretched), 0, 255), 0).astype(np.uint8)


def trimmed(grey: np.ndarray) -> np.ndarray:
    """Without the rows and columns at the edges that are as bright as the corners."""
    differs = np.abs(grey - background_level(grey)) > NEAR
    rows = np.flatnonzero(differs.mean(1) > SPECK)
    columns = np.flatnonzero(differs.mean(0) > SPECK)
    if not len(rows) or not len(columns):
        return grey
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def shrunk(grey: np.ndarray, proportions: bool) -> np.ndarray:
    """The longer side 28 pixels long, and the other one in proportion, or as long."""
    longest = max(grey.shape) if proportions else 0
    rows, columns = (max(1, round(SIDE * side / (longest or side))) for side in grey.shape)
    small = Image.fromarray(np.ascontiguousarray(grey)).resize((columns, rows), Image.Resampling.BOX)
    return np.asarray(small)


def sharpened(grey: np.ndarray) -> np.ndarray:
    """By a Gaussian of radius and standard deviation 1, the more the closer to an outline.

    As ImageMagick's adaptive sharpening, by which the authors name it: what the blur takes away is added,
    weighed by how steep the brightness is, in shares of the steepest place.
    """
    exact = grey.astype(np.float64)
    padded = np.pad(exact, 1, mode="edge")
    weights = np.exp(-0.5 * np.array([1, 0, 1]))
    weights /= weights.sum()
    rows = sum(w * padded[k : k + len(exact)] for k, w in enumerate(weights))
    blurred = sum(w * rows[:, k : k + exact.shape[1]] for k, w in enumerate(weights))
    down = padded[2:, 1:-1] - padded[:-2, 1:-1]
    right = padded[1:-1, 2:] - padded[1:-1, :-2]
    steepness = np.hypot(down, right)
    outline = steepness / steepness.max() if steepness.any() else steepness
    sharp: np.ndarray = np.rint(exact + outline * (exact - blurred)).clip(0, 255).astype(np.uint8)
    return sharp


def placed(grey: np.ndarray, level: float, centred: bool) -> np.ndarray:
    """On 28 × 28 pixels of the background's brightness, in the middle or at the top left.

    An odd row or column more is at the top or left, as in the data set.
    """
    canvas = np.full((SIDE, SIDE), round(level), np.uint8)
    rows, columns = grey.shape
    top, left = ((SIDE - rows + 1) // 2, (SIDE - columns + 1) // 2) if centred else (0, 0)
    canvas[top : top + rows, left : left + columns] = grey
    return canvas


def _edge(shape: tuple[int, ...]) -> np.ndarray:
    rows, columns = (max(1, round(CORNER * side / 2)) for side in shape)
    edge = np.ones(shape, bool)
    edge[rows:-rows, columns:-columns] = False
    return edge


def _ground(grey: np.ndarray) -> np.ndarray:
    level = background_level(grey)
    places = np.nonzero(_edge(grey.shape) & (np.abs(grey - level) <= FAR))
    if len(places[0]) < sum(grey.shape) / 2:  # the garment reaches the edges, or it is no even surface
        return np.full(grey.shape, level)
    rows, columns = np.indices(grey.shape)
    ones = np.ones(len(places[0]))
    terms = np.stack([places[0], places[1], ones], 1)
    down, right, start = np.linalg.lstsq(terms, grey[places].astype(np.float64), rcond=None)[0]
    plane: np.ndarray = np.clip(down * rows + right * columns + start, 0, 255)
    return plane
