"""Runs of one shape as one network: a step of gradient descent for all of them, on a batch of each.

To each run it is the step that it would take alone, with its own images, dropout masks and learning rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from fmnist_core.nets.batched.weights import OPTIMIZERS, Stack, stack
from fmnist_core.nets.models import networks
from fmnist_core.nets.models.layers import ReLUDropout
from fmnist_core.nets.models.torch_layers import MaskedReLU, draw_mask, standard
from fmnist_core.nets.training.cuda_graph import left_as_it_was
from fmnist_core.nets.training.device import autocast
from fmnist_core.nets.training.evaluation import LOSSES
from fmnist_core.nets.training.state import TrainState


@dataclass(frozen=True)
class Team:
    """The runs that train together. `network` is their common form, without weights of its own.

    `rates` (runs, 1) are their learning rates; `dropouts` show, by size of batch, what masks look like.
    """

    runs: list[TrainState]
    stack: Stack
    network: nn.Module
    rates: Tensor
    dropouts: dict[int, dict[str, Tensor]]

    @property
    def touched(self) -> list[Tensor]:
        """What a step changes, beside the generators."""
        return [self.stack.weights, *self.stack.memory.values()]


def assemble(runs: list[TrainState]) -> Team:
    first = runs[0]
    network = standard(networks.build(first.spec)).to("meta")
    rates = torch.zeros(len(runs), 1, device=first.device)
    sizes = {first.spec.batch_size, first.spec.train_size % first.spec.batch_size} - {0}
    return Team(runs, stack(runs), network, rates, {size: dropouts(runs, size) for size in sizes})


def set_learning_rates(team: Team) -> None:
    rates = [[run.spec.learning_rate_at(run.step)] for run in team.runs]
    team.rates.copy_(torch.tensor(rates), non_blocking=True)


def descend(team: Team, indices: Tensor) -> Tensor:
    """One step for every run on its images, indices (runs, count). Returns their losses (runs,)."""
    spec, parts = team.runs[0].spec, [run.parts for run in team.runs]
    images, labels = parts[0].train_images.take(indices.flatten())  # all runs pick from the same images
    images, labels = images.view(*indices.shape, 1, 28, 28), labels.view(indices.shape)
    target = images if spec.task == "autoencoder" else labels
    scaled = torch.stack([own.scaled(batch) for own, batch in zip(parts, images, strict=True)])
    masks = draw_masks(team.runs, team.dropouts[indices.shape[1]])

    def loss_of(weights: dict, masks: dict, images: Tensor, target: Tensor) -> Tensor:
        outputs = torch.func.functional_call(team.network, {**weights, **masks}, (images,))
        return LOSSES[spec.task, spec.loss](outputs, target)

    with autocast(indices.device, spec):
        losses = torch.func.vmap(loss_of)(team.stack.by_name(), masks, scaled, target)
    (slope,) = torch.autograd.grad(losses.sum(), team.stack.weights)
    with torch.no_grad():
        OPTIMIZERS[spec.optimizer](team.stack, slope, team.rates, spec.momentum)
    return losses.detach()


def dropouts(runs: Sequence[TrainState], count: int) -> dict[str, Tensor]:
    """Tensors like those that a lone run's dropouts would get, in the order in which these draw their masks.

    Blank images show it on their way through the first run's own network: bits fill a mask in the order of
    its memory, and that is the layers' own business.
    """
    if not any(run.spec.dropout for run in runs):
        return {}
    run, found = runs[0], {}
    names = {
        layer: f"{name}.mask"
        for name, layer in run.model.named_modules()
        if isinstance(layer, ReLUDropout | MaskedReLU)
    }

    def see(layer: nn.Module, inputs: tuple[Tensor]) -> None:
        found[names[layer]] = torch.empty_like(inputs[0])

    hooks = [layer.register_forward_pre_hook(see) for layer in names]
    try:
        with torch.no_grad(), autocast(run.device, run.spec), left_as_it_was([], [run.generator]):
            run.model(torch.zeros(count, 1, 28, 28, device=run.device))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def draw_masks(runs: Sequence[TrainState], dropouts: dict[str, Tensor]) -> dict[str, Tensor]:
    """(runs, …) by name: from every run's generator what the run alone would draw."""

    def mask(run: TrainState, like: Tensor) -> Tensor:
        p = run.spec.dropout
        return draw_mask(like, p, run.generator) if p else torch.ones_like(like)

    return {name: torch.stack([mask(run, like) for run in runs]) for name, like in dropouts.items()}
