"""What stands around a layer with weights in the values that a worker answers: ahead of it, and behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.architecture.layers import Placed, ReLUDropout, Sigmoid
from fmnist_core.architecture.networks import network_layers
from fmnist_core.messages import BEFORE_POOLING, INPUT
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _


@dataclass(frozen=True)
class Around:
    """`before` goes in, `sums` come out; `activated` follows ReLU or sigmoid, and `pooled` pooling.

    Without an activation, `activated` are the sums. `behind` is the name of a ReLU that follows, `layers` are
    those up to this one.
    """

    before: np.ndarray
    sums: np.ndarray
    activated: np.ndarray
    pooled: np.ndarray | None
    behind: str | None
    layers: tuple[Placed, ...]
    ends_in_sigmoid: bool


def around(spec: RunSpec, placed: Placed, values: dict[str, np.ndarray]) -> Around:
    network = network_layers(spec)
    place = network.index(placed)
    before = values[network[place - 1].name if place else INPUT]
    following = next(
        (
            other
            for other in network[place + 1 :]
            if isinstance(other.layer, ReLUDropout | Sigmoid) or other.parameters
        ),
        None,
    )
    sums = values[placed.name]
    if following is None or following.parameters:
        return Around(before, sums, sums, None, None, network[: place + 1], False)
    pools = isinstance(following.layer, ReLUDropout) and following.layer.pool
    behind = values[following.name]
    return Around(
        before,
        sums,
        values[following.name + BEFORE_POOLING] if pools else behind,
        behind if pools else None,
        None if isinstance(following.layer, Sigmoid) else following.name,
        network[: place + 1],
        isinstance(following.layer, Sigmoid),
    )


def activation_words(here: Around, total: float, value: float) -> list[str]:
    """What the activation, if one follows, makes of a sum."""
    shown = figure(value, ".3f")
    if here.ends_in_sigmoid:
        return [_("sigmoid makes it {value}, the brightness of the pixel").format(value=shown)]
    if here.behind is None:
        return []
    if total > 0:
        return [_("ReLU lets it through: {value}").format(value=shown)]
    return [_("ReLU makes it 0, since it is below zero")]
