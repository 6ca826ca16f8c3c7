"""What a place in a network is called: a pixel, a unit, a class, or a value of a feature map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fmnist_core.architecture.layers import Conv2d, ConvTranspose2d, Flatten, Placed, Sigmoid, Unflatten
from fmnist_core.architecture.networks import IMAGE, PIXELS, network_layers
from fmnist_core.data import fashion_mnist
from fmnist_core.spec import RunSpec
from pages.parts.base.i18n import _, say
from pages.parts.training_step.weight_choice import Weight, weight_shape

SHAPES_ONLY = (Sigmoid, Flatten, Unflatten)  # behind these a pixel is still the same pixel


def output_words(spec: RunSpec, placed: Placed, place: Sequence[int]) -> str:
    """A place in what comes out of a layer."""
    layers = network_layers(spec)
    last = placed == layers[-1]
    if last and spec.task == "classifier":
        return _("output {unit} ({name})").format(
            unit=place[0] + 1, name=say(fashion_mnist.CLASS_NAMES[place[0]])
        )
    behind = [other.layer for other in layers[layers.index(placed) + 1 :]]
    if placed.behind in (IMAGE, (PIXELS,)) and all(isinstance(layer, SHAPES_ONLY) for layer in behind):
        row, column = np.unravel_index(int(np.ravel_multi_index(place, placed.behind)), IMAGE[1:])
        return _pixel(int(row), int(column))
    return _words(place)


def input_words(spec: RunSpec, placed: Placed, place: Sequence[int]) -> str:
    """A place in what goes into a layer."""
    shape, flat = _shape_before(spec, placed), int(np.ravel_multi_index(place, placed.before))
    place = [int(at) for at in np.unravel_index(flat, shape)]
    if shape == IMAGE:
        return _pixel(*place[1:])
    return _words(place)


def sees_pixels(spec: RunSpec, placed: Placed) -> bool:
    return _shape_before(spec, placed) == IMAGE


def _shape_before(spec: RunSpec, placed: Placed) -> tuple[int, ...]:
    """Of what goes into a layer, before it was flattened."""
    layers, shape = network_layers(spec), placed.before
    for before in layers[: layers.index(placed)][::-1]:
        if not isinstance(before.layer, Flatten | Unflatten):
            break
        shape = before.before
    return shape


def weight_words(spec: RunSpec, chosen: Weight) -> str:
    """Where the weight comes from: an input of a linear layer, or a cell of a kernel."""
    inner = [int(at) for at in np.unravel_index(chosen.weight, weight_shape(chosen.placed))]
    if not isinstance(chosen.placed.layer, Conv2d | ConvTranspose2d):
        words = input_words(spec, chosen.placed, inner)
        before = network_layers(spec)[: network_layers(spec).index(chosen.placed)]
        if any(placed.parameters for placed in before):
            words = _("{place} of the layer before").format(place=words)
        return words
    channel, row, column = inner
    if chosen.placed.before[0] == 1:
        return _("row {row}, column {column} of the kernel").format(row=row + 1, column=column + 1)
    return _("row {row}, column {column} of the kernel on map {map}").format(
        row=row + 1, column=column + 1, map=channel + 1
    )


def unit_words(spec: RunSpec, chosen: Weight) -> str:
    if len(chosen.placed.behind) == 1:
        return output_words(spec, chosen.placed, (chosen.unit,))
    return _("map {map}").format(map=chosen.unit + 1)


def _words(place: Sequence[int]) -> str:
    if len(place) == 1:
        return _("unit {unit}").format(unit=place[0] + 1)
    channel, row, column = place
    return _("map {map}, row {row}, column {column}").format(map=channel + 1, row=row + 1, column=column + 1)


def _pixel(row: int, column: int) -> str:
    return _("pixel in row {row}, column {column}").format(row=row + 1, column=column + 1)
