"""How one weight's gradient differs from garment to garment, and so from batch to batch."""

from __future__ import annotations

import numpy as np

from fmnist_core.nets.worker.inspection import about_a_network
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step.chain import own_place, products_of_weight
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep

CHUNK = 32


@about_a_network
def gradient_scatter(
    network: Network, count: int, draw: int, layer: str, unit: int, weight: int
) -> dict[str, np.ndarray]:
    """ "gradients", float64 (count,): a weight's (see `chain`), each of one training image alone."""
    count, gradients = min(count, len(network.parts.train)), list[float]()
    step = RecordedStep(network, min(CHUNK, count), draw)
    placed = step.learning(layer)
    where = own_place(step, placed, unit, weight)
    while len(gradients) < count:
        step.take(-len(gradients) // step.count)
        step.forward()
        step.backward()
        errors, inputs = products_of_weight(step, placed, where)
        gradients += (step.count * (errors * inputs).reshape(step.count, -1).sum(1)).tolist()
    return {"gradients": np.array(gradients[:count])}
