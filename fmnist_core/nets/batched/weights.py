"""The weights of several runs, and what their optimizers remember of them, as one: with a dimension more.

Each run's own model and optimizer become views of its row, so whoever looks at a run sees it as it stands.
The optimizers are PyTorch's, written out for rows that have a learning rate each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fmnist_core.nets.training.state import TrainState

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # PyTorch's own for Adam


@dataclass(frozen=True)
class Stack:
    """`weights` (runs, all that learn in one row), `memory` by PyTorch's names (runs, …).

    `fixed` are the weights of a frozen encoder, by name, (runs, …).
    """

    weights: Tensor
    memory: dict[str, Tensor]
    fixed: dict[str, Tensor]
    shapes: dict[str, torch.Size]

    def by_name(self) -> dict[str, Tensor]:
        """Every weight, (runs, …); gradients flow to `weights`."""
        return {**self.fixed, **_parts(self.weights, self.shapes)}


def stack(runs: Sequence[TrainState]) -> Stack:
    whole, _ = torch.func.stack_module_state([run.model for run in runs])
    learning = {name: weight.detach() for name, weight in whole.items() if weight.requires_grad}
    fixed = {name: weight for name, weight in whole.items() if not weight.requires_grad}
    shapes = {name: weight.shape[1:] for name, weight in learning.items()}
    memories = [run.memory() for run in runs]
    kinds = next(iter(memories[0].values()), {})
    memory = {
        kind: _rows(torch.stack([kept[name][kind] for kept in memories]) for name in memories[0])
        for kind in kinds
    }
    made = Stack(_rows(learning.values()).requires_grad_(), memory, fixed, shapes)
    _hand_out(made, runs)
    return made


def adam(stack: Stack, slope: Tensor, rates: Tensor, momentum: float) -> None:
    step, first, second = (stack.memory[kind] for kind in ("step", "exp_avg", "exp_avg_sq"))
    step += 1
    first.lerp_(slope, 1 - BETA1)
    second.mul_(BETA2).addcmul_(slope, slope, value=1 - BETA2)
    count = step[:, :1]  # every weight of a run has the same
    spread = second.div(1 - BETA2**count).sqrt_().add_(EPSILON)
    stack.weights.sub_(rates / (1 - BETA1**count) * first / spread)


def sgd(stack: Stack, slope: Tensor, rates: Tensor, momentum: float) -> None:
    if momentum:
        slope = stack.memory["momentum_buffer"].mul_(momentum).add_(slope)
    stack.weights.sub_(rates * slope)


# `slope` is the gradient of `weights`, `rates` (runs, 1); without autograd.
OPTIMIZERS = {"adam": adam, "sgd": sgd}


def _hand_out(stack: Stack, runs: Sequence[TrainState]) -> None:
    """To every run, views of its own row."""
    weights = _parts(stack.weights.detach(), stack.shapes)
    scalars = dict.fromkeys(stack.shapes, torch.Size())
    memory = {
        kind: _parts(rows, scalars if kind == "step" else stack.shapes) for kind, rows in stack.memory.items()
    }
    for row, run in enumerate(runs):
        for name, stacked in weights.items():
            weight = run.model.get_parameter(name)
            weight.data = stacked[row]
            for kind, rows in memory.items():
                run.optimizer.state[weight][kind] = rows[name][row]


def _rows(stacked: Iterable[Tensor]) -> Tensor:
    return torch.cat([tensor.reshape(len(tensor), -1) for tensor in stacked], 1)


def _parts(rows: Tensor, shapes: Mapping[str, torch.Size]) -> dict[str, Tensor]:
    pieces = rows.split([shape.numel() for shape in shapes.values()], 1)
    return {name: piece.view(len(rows), *shapes[name]) for name, piece in zip(shapes, pieces, strict=True)}
