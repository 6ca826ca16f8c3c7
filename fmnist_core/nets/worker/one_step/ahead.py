"""What goes forward in a step, and the loss: garments, a value of the network, outputs and their errors."""

from __future__ import annotations

import numpy as np
import torch

from fmnist_core.architecture.layers import ReLUDropout
from fmnist_core.nets.training import evaluation
from fmnist_core.nets.training.losses import LOSSES
from fmnist_core.nets.worker.inspection import about_a_network
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step.chain import Answer, largest_products, own_place
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep


@about_a_network
def step_ahead(network: Network, count: int, draw: int) -> Answer:
    """ "images" (count, 28, 28) in [0, 1] and their "labels".

    "outputs" are reconstructions like the images or ten scores each, of a classifier with "probabilities"
    (count, 10); "loss" is their mean loss, "errors" those of the single images (count,).
    """
    step = RecordedStep(network, count, draw)
    loss = step.forward()
    outputs, target = list(step.layers.values())[-1].y, step.target
    one = LOSSES[network.spec.task, network.spec.loss]()
    errors = [one.forward(outputs[k : k + 1], target[k : k + 1]).item() for k in range(len(outputs))]
    answer = {
        "images": step.images[:, 0].numpy(),
        "labels": step.labels.numpy(),
        "outputs": (outputs[:, 0] if outputs.dim() == 4 else outputs).contiguous().numpy(),
        "loss": np.asarray(loss),
        "errors": np.array(errors),
    }
    if network.spec.task == "classifier":
        answer["probabilities"] = evaluation.probabilities(network.spec, outputs).numpy()
    return answer


@about_a_network
def value_ahead(network: Network, count: int, draw: int, layer: str, unit: int, weight: int) -> Answer:
    """How the first image makes a unit's value, or a map's largest, at "place" (rank of the layer,).

    "sum.…" are the largest products of inputs and weights as in `chain`, "errors" the inputs, "places" in
    what goes in; with the "bias" they make "value". If a ReLU follows, "activated" comes of it, ahead of
    pooling: the value if above zero, times "kept", 0 or 1, and dropout's "scale". All of it is float64.
    """
    step = RecordedStep(network, count, draw)
    step.forward()
    placed = step.learning(layer)
    own_place(step, placed, unit, weight)
    recorded = step.layers[layer]
    values = recorded.y[0, unit]
    place = (unit, *map(int, np.unravel_index(int(values.argmax()), values.shape)))
    alone = torch.zeros_like(recorded.y)
    alone[(0, *place)] = 1
    # The way back of a layer is linear: of a single 1 it makes the weights that lead to that value.
    weights = recorded.layer.backward(alone)[:1]
    products, _first = largest_products("sum", recorded.x[:1], weights)
    value, bias = recorded.y[(0, *place)], step.every[f"{layer}.bias"][unit]
    answer = {**products, "place": np.array(place), "bias": np.asarray(bias), "value": np.asarray(value)}
    following = step.description[step.description.index(placed) + 1 :][:1]
    if following and isinstance(following[0].layer, ReLUDropout):
        activation = step.layers[following[0].name]
        kept = 1.0 if activation.kept is None else float(activation.kept[(0, *place)])
        facts = {
            "kept": kept,
            "scale": activation.scale,
            "activated": value.clamp(min=0) * kept * activation.scale,
        }
        answer |= {name: np.asarray(fact, dtype=np.float64) for name, fact in facts.items()}
    return answer
