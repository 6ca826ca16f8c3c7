"""The losses, forward and backward. They are taken in float32, whatever the network calculates in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from fmnist_core.architecture.networks import CLASSES


class Loss(Protocol):
    def forward(self, outputs: Tensor, target: Tensor) -> Tensor:
        """The mean over a batch, a scalar."""

    def backward(self) -> Tensor:
        """Its gradient with respect to the outputs, of their kind of number."""


class SquaredError:
    """L = mean of (y − t)² over all N numbers of a batch. Back: dy = 2 (y − t) / N."""

    def forward(self, outputs: Tensor, target: Tensor) -> Tensor:
        self.kind, self.shape = outputs.dtype, outputs.shape
        self.difference = torch.sub(outputs, target).view(-1)
        return torch.dot(self.difference, self.difference) / self.difference.numel()

    def backward(self) -> Tensor:
        return self.difference.mul_(2 / self.difference.numel()).view(self.shape).to(self.kind)


class SquaredErrorOfClasses(SquaredError):
    """`SquaredError` between the ten outputs and the label as 0 … 1 … 0."""

    def forward(self, outputs: Tensor, target: Tensor) -> Tensor:
        return super().forward(outputs, F.one_hot(target, CLASSES).to(at_least_float32(outputs)))


class CrossEntropy:
    """L = mean of −log p[label] over a batch of B images, p = softmax(y). Back: dy = (p − 0 … 1 … 0) / B."""

    def forward(self, outputs: Tensor, target: Tensor) -> Tensor:
        self.kind, self.label = outputs.dtype, target.unsqueeze(1)
        self.log_p = torch.log_softmax(outputs, 1, dtype=at_least_float32(outputs))
        return -self.log_p.gather(1, self.label).mean()

    def backward(self) -> Tensor:
        p = self.log_p.exp_()
        p.scatter_add_(1, self.label, p.new_full((), -1.0).expand_as(self.label))
        return p.div_(len(p)).to(self.kind)


def at_least_float32(outputs: Tensor) -> torch.dtype:
    return torch.promote_types(outputs.dtype, torch.float32)


# By task and the spec's loss. The target is the images, or the labels int64 (count,).
LOSSES: dict[tuple[str, str], Callable[[], Loss]] = {
    ("autoencoder", "mse"): SquaredError,
    ("classifier", "cross_entropy"): CrossEntropy,
    ("classifier", "mse"): SquaredErrorOfClasses,
}
