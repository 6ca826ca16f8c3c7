"""The optimizers: how all weights move at once, given all gradients, in one sweep over memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from fmnist_core.nets.models.flat import Flat
from fmnist_core.spec import RunSpec

PARTS = 32  # of a sweep, on a GPU: one launch holds as many, and each is taken by threads of its own


@dataclass
class Optimizer:
    """`memory` is what it remembers of each weight, by PyTorch's names; it and `steps` begin at zero.

    The learning rate is, on a GPU, a tensor, so that it may change under a recorded step.
    """

    weights: Flat
    rate: float | Tensor
    momentum: float
    memory: dict[str, Flat]
    steps: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.steps = torch.zeros((), device=self.weights.whole.device)

    def set_rate(self, rate: float) -> None:
        if isinstance(self.rate, Tensor):
            self.rate.fill_(rate)
        else:
            self.rate = rate

    def update(self, gradients: Flat) -> None:
        """Moves the weights."""
        self.steps.add_(1)
        memory = {name: flat.whole for name, flat in self.memory.items()}
        if "exp_avg" in memory:
            adam(self.weights.whole, gradients.whole, memory, self.steps, self.rate)
        else:
            sgd(self.weights.whole, gradients.whole, memory, self.momentum, self.rate)

    def tensors(self) -> list[Tensor]:
        """All that an update changes beside the weights."""
        return [self.steps, *(flat.whole for flat in self.memory.values())]


def optimizer(spec: RunSpec, weights: Flat) -> Optimizer:
    """The spec's, for weights on their device."""
    remembered = {"adam": ("exp_avg", "exp_avg_sq"), "sgd": ("momentum_buffer",) if spec.momentum else ()}
    memory = {name: weights.alike() for name in remembered[spec.optimizer]}
    device, rate = weights.whole.device, spec.learning_rate
    given = rate if device.type == "cpu" else torch.tensor(rate, device=device)
    return Optimizer(weights, given, spec.momentum, memory)


def parts(whole: Tensor) -> list[Tensor]:
    """What an optimizer is given at once: on a GPU, whose threads would else stand by, in `PARTS`."""
    return [whole] if whole.device.type == "cpu" else list(whole.chunk(PARTS))


def adam(w: Tensor, g: Tensor, memory: Mapping[str, Tensor], t: Tensor, rate: float | Tensor) -> None:
    """m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  w ← w − η m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for the zeros at the start; this is step t.
    """
    swept = [parts(whole) for whole in (w, g, memory["exp_avg"], memory["exp_avg_sq"])]
    torch._fused_adam_(
        *(*swept, [], [t] * len(swept[0])),
        lr=rate,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        weight_decay=0.0,
        amsgrad=False,
        maximize=False,
    )


def sgd(w: Tensor, g: Tensor, memory: Mapping[str, Tensor], momentum: float, rate: float | Tensor) -> None:
    """v ← μ v + g,  w ← w − η v, with a momentum μ that may be 0: then v = g."""
    torch._fused_sgd_(
        *(parts(w), parts(g), [part for whole in memory.values() for part in parts(whole)]),
        lr=rate,
        momentum=momentum,
        dampening=0.0,
        weight_decay=0.0,
        nesterov=False,
        maximize=False,
        is_first_step=False,
    )
