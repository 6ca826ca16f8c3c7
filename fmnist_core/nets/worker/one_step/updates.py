"""The same step under SGD, momentum and Adam: how the lab's own optimizers move a weight, and the loss."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np
import torch

from fmnist_core.nets.models.flat import Flat
from fmnist_core.nets.training.optimizers import Optimizer, optimizer
from fmnist_core.nets.worker.inspection import about_a_network
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step.chain import by_unit, own_place
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep

OPTIMIZERS = {"sgd": "sgd", "momentum": "sgd", "adam": "adam"}  # what a spec calls each
RATES = np.logspace(-5, 1, 13)
FAR = 1e30  # a loss that has left all bounds


@about_a_network
def step_updates(
    network: Network,
    count: int,
    draw: int,
    layer: str,
    unit: int,
    weight: int,
    rate: float,
    momentum: float,
    before: int,
) -> dict[str, np.ndarray]:
    """A weight (see `chain`) and the loss ahead of the step, "value" and "loss", and its "gradient".

    Each optimizer has first seen the gradients of `before` batches at these very weights, which fill its
    memory and move nothing; they are "seen" (before,). Then, by its name: "….memory" (2, n) of the weight
    ahead of the step and behind it, in the optimizer's own order, "….value" and "….loss", of the same batch
    with the same dropout. All of it is float64. Raises `SpecError` for a rate that no run may have.
    """
    step = RecordedStep(network, count, draw)
    placed = step.learning(layer)
    where, name = own_place(step, placed, unit, weight), f"{layer}.weight"
    own, gradient = (by_unit(placed, flat.views[name]) for flat in (step.weights, step.gradients))
    start, whole = step.weights.whole.clone(), step.weights.whole
    answer = {"value": own[where].numpy().copy()}
    for kind in OPTIMIZERS:
        moving = made(kind, step, rate, momentum)
        answer["seen"] = np.array([gradient[where].item() for _ in seen_before(moving, step, before)])
        answer["loss"] = np.asarray(step.forward())
        step.backward()
        answer["gradient"] = gradient[where].numpy().copy()
        memory = [by_unit(placed, flat.views[name]) for flat in moving.memory.values()]
        ahead = [remembered[where].item() for remembered in memory]
        moving.update(step.gradients)
        answer[f"{kind}.memory"] = np.array([ahead, [remembered[where].item() for remembered in memory]])
        answer[f"{kind}.value"] = own[where].numpy().copy()
        answer[f"{kind}.loss"] = np.asarray(_loss(step))
        whole.copy_(start)
    return answer


@about_a_network
def losses_by_rate(
    network: Network, count: int, draw: int, momentum: float, before: int
) -> dict[str, np.ndarray]:
    """The loss after the same step with each of the learning "rates", by optimizer, and the "loss" ahead.

    What an optimizer has remembered decides the direction, and the rate no more than how far to go.
    """
    step = RecordedStep(network, count, draw)
    start, whole = step.weights.whole.clone(), step.weights.whole
    answer = {"rates": RATES, "loss": np.asarray(step.forward())}
    for kind in OPTIMIZERS:
        moving = made(kind, step, 1.0, momentum)
        for _gradients in seen_before(moving, step, before):
            pass
        step.forward()
        step.backward()
        moving.update(step.gradients)
        direction = start - whole
        losses = []
        for rate in RATES.tolist():
            torch.sub(start, direction, alpha=rate, out=whole)
            losses.append(_loss(step))
        answer[kind] = np.array(losses)
        whole.copy_(start)
    return answer


def made(kind: str, step: RecordedStep, rate: float, momentum: float) -> Optimizer:
    """The lab's own, for the weights of this step, its memory empty."""
    name = OPTIMIZERS[kind]
    used = momentum if kind == "momentum" else 0.0
    spec = step.spec.changed(optimizer=name, momentum=used, learning_rate=rate)
    return optimizer(spec, step.weights)


def seen_before(moving: Optimizer, step: RecordedStep, before: int) -> Iterator[Flat]:
    """Shows an optimizer the gradients of the batches before this one, at a learning rate of 0, and yields
    each; in the end the step is ready for its own batch."""
    rate = moving.rate
    for back in range(before, 0, -1):
        step.take(back)
        step.forward()
        step.backward()
        moving.set_rate(0.0)
        moving.update(step.gradients)
        yield step.gradients
    moving.set_rate(float(rate))
    step.take(0)


def _loss(step: RecordedStep) -> float:
    loss = step.forward()
    return min(loss, FAR) if isfinite(loss) else FAR
