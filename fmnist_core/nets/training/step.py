"""Trains a batch: takes the next images, makes a step of gradient descent on them, and collects the events.

On a GPU the step is recorded the first time and replayed from then on.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from fmnist_core.events import Event
from fmnist_core.nets.training.batches import Parts, shuffled
from fmnist_core.nets.training.cuda_graph import Step, record
from fmnist_core.nets.training.device import autocast
from fmnist_core.nets.training.evaluation import LOSSES
from fmnist_core.nets.training.reporting import report
from fmnist_core.nets.training.state import TrainState, set_learning_rate
from fmnist_core.spec import RunSpec


def train_batch(state: TrainState) -> list[Event]:
    """A step of gradient descent, and a report."""
    set_learning_rate(state.optimizer, state.spec.learning_rate_at(state.step))
    step: Step = partial(descend, state.spec, state.model, state.optimizer, state.parts)
    indices = next_indices(state)
    loss = replay(state, step, indices) if state.replays else step(indices)

    state.position.step += 1
    state.losses.append(loss)
    notices, state.notices = state.notices, []
    return [*notices, *report(state)]


def descend(
    spec: RunSpec, model: nn.Module, optimizer: torch.optim.Optimizer, parts: Parts, indices: Tensor
) -> Tensor:
    """One step of gradient descent on these images: forward, loss, backward, step. Returns the loss."""
    images, labels = parts.train_images.take(indices)
    target = images if spec.task == "autoencoder" else labels
    with autocast(indices.device, spec):
        outputs = model(parts.scaled(images))
        loss = LOSSES[spec.task, spec.loss](outputs, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def replay(state: TrainState, step: Step, indices: Tensor) -> Tensor:
    """The step as it was recorded for full batches; an epoch's last one may be smaller."""
    if len(indices) < state.spec.batch_size:
        return step(indices)
    if state.step_graph is None:
        memory = [tensor for tensors in state.memory().values() for tensor in tensors.values()]
        touched = [*state.model.parameters(), *memory]
        state.step_graph = record(step, indices, touched, [state.generator])
        if state.step_graph.refusal is not None:
            state.tell("device", state.step_graph.refusal)
    return state.step_graph(indices)


def next_indices(state: TrainState) -> Tensor:
    """The images of the next batch, as places among the training images, on the device."""
    epoch, batch = divmod(state.step, state.spec.steps_per_epoch)
    if state.order is None or state.order[0] != epoch:
        state.order = epoch, shuffled(state.parts.train, state.spec.seed, epoch)
    first = batch * state.spec.batch_size
    return state.order[1][first : first + state.spec.batch_size]
