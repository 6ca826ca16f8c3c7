"""Trains a batch: takes the next images, makes a step of gradient descent on them, and collects the events.

On a GPU the step is recorded the first time and replayed from then on.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fmnist_core.architecture.networks import network_layers
from fmnist_core.events import Event
from fmnist_core.nets.models.layers import Surroundings
from fmnist_core.nets.models.network import Network
from fmnist_core.nets.training.batches import shuffled
from fmnist_core.nets.training.cuda_graph import record
from fmnist_core.nets.training.device import works_in
from fmnist_core.nets.training.losses import LOSSES
from fmnist_core.nets.training.reporting import report
from fmnist_core.nets.training.state import TrainState


class GradientDescent:
    """One step of gradient descent, and the memory that it works in, made once.

    Where a network calculates in bfloat16, its weights are copied once a step, and its gradients back; what
    learns is float32.
    """

    def __init__(self, state: TrainState) -> None:
        spec, dtype = state.spec, works_in(state.device, state.spec)
        self.parts, self.autoencoder = state.parts, spec.task == "autoencoder"
        self.weights, self.gradients = state.weights, state.weights.alike()
        self.optimizer, self.loss = state.optimizer, LOSSES[spec.task, spec.loss]()
        self.used, self.used_gradients = self.weights, self.gradients
        if dtype != self.weights.whole.dtype:
            self.used, self.used_gradients = self.weights.alike(dtype), self.weights.alike(dtype)
        frozen = {name: weight.to(dtype) for name, weight in state.model.state_dict().items()}
        around = Surroundings(
            count=min(spec.batch_size, spec.train_size),
            weights={**frozen, **self.used.views},
            gradients=self.used_gradients.views,
            dtype=dtype,
            device=state.device,
            generator=state.generator,
        )
        self.network = Network(network_layers(spec), around)

    @torch.inference_mode()
    def __call__(self, indices: Tensor) -> Tensor:
        """Forward, loss, backward, update, on these images. Returns the loss, a scalar."""
        images, labels = self.parts.train_images.take(indices)
        if self.used is not self.weights:
            self.used.whole.copy_(self.weights.whole)

        outputs = self.network.forward(self.parts.scaled(images).to(self.used.whole.dtype))
        loss = self.loss.forward(outputs, images if self.autoencoder else labels)
        self.network.backward(self.loss.backward())
        if self.used is not self.weights:
            self.gradients.whole.copy_(self.used_gradients.whole)
        self.optimizer.update(self.gradients)
        return loss


def train_batch(state: TrainState) -> list[Event]:
    """A step of gradient descent, and a report."""
    if state.descend is None:
        state.descend = GradientDescent(state)
    state.optimizer.set_rate(state.spec.learning_rate_at(state.step))
    indices = next_indices(state)
    loss = replay(state, indices) if state.replays else state.descend(indices)

    state.position.step += 1
    state.losses.append(loss)
    notices, state.notices = state.notices, []
    return [*notices, *report(state)]


def replay(state: TrainState, indices: Tensor) -> Tensor:
    """The step as it was recorded for full batches; an epoch's last one may be smaller."""
    assert state.descend is not None
    if len(indices) < state.spec.batch_size:
        return state.descend(indices)
    if state.step_graph is None:
        touched = [state.weights.whole, *state.optimizer.tensors()]
        state.step_graph = record(state.descend, indices, touched, [state.generator])
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
