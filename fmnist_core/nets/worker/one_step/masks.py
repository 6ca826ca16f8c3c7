"""Which values dropout lets rest in a step, and that no error comes back through them."""

from __future__ import annotations

import numpy as np

from fmnist_core.nets.worker.inspection import NoSuchPart, about_a_network
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep
from fmnist_core.sentences import Sentence


@about_a_network
def dropout_mask(network: Network, count: int, draw: int, layer: str) -> dict[str, np.ndarray]:
    """Of an activation with dropout, for the first image of a step: all of the shape of what goes in.

    "kept" is 1 where a value is kept, 0 where it rests; "inputs" are the values, float64, and "errors" the
    gradient of the loss with respect to them, none where the layer ahead does not learn. "scale" () is by
    what kept values are multiplied.
    """
    step = RecordedStep(network, count, draw)
    step.forward()
    step.backward()
    names = list(step.layers)
    recorded = step.layers.get(layer)
    if recorded is None or recorded.kept is None:
        raise NoSuchPart(Sentence("This network has no dropout in “{name}”.", name=layer[:40]))
    place = names.index(layer)
    answer = {
        "kept": recorded.kept[0].contiguous().numpy().astype(np.uint8),
        "inputs": recorded.x[0].contiguous().numpy(),
        "scale": np.asarray(recorded.scale),
    }
    if place > step.network.first:
        answer["errors"] = step.layers[names[place - 1]].dy[0].contiguous().numpy()
    return answer
