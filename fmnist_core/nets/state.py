"""`TrainState`: a run in the middle of its training, with everything that decides how it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from fmnist_core import data
from fmnist_core.data import Dataset
from fmnist_core.nets import models
from fmnist_core.nets.evaluation import Tally
from fmnist_core.nets.images import Parts, parts, stream_seed
from fmnist_core.nets.layers import use_generator
from fmnist_core.nets.watch import Watch
from fmnist_core.spec import RunSpec, film_steps

EPOCH_END, TEST = "epoch_end", "test"

# The fused versions do in one sweep over memory what the others do in several.
OPTIMIZERS = {
    "adam": lambda spec, weights: torch.optim.Adam(weights, lr=spec.learning_rate, fused=True),
    "sgd": lambda spec, weights: torch.optim.SGD(
        weights, lr=spec.learning_rate, momentum=spec.momentum, fused=True
    ),
}


@dataclass
class Evaluation:
    """An evaluation under way: at an epoch's end on training and validation images, or the test."""

    kind: str
    tallies: dict[str, Tally]


@dataclass
class Best:
    """Early stopping's memory: the lowest validation loss, and the weights that reached it."""

    epoch: int
    loss: float
    weights: dict[str, Tensor]


@dataclass
class Position:
    """Where a run stands, in plain numbers and words.

    `seconds` counts work, pauses left out; `epoch_began` is their number at the epoch's start. `filmed` is
    the last step filmed. `reason` says why training is over, ahead of the test; `finished` comes after it.
    Early stopping counts from `patience_from`. `epoch_losses` are this epoch's, batch by batch.
    """

    step: int = 0
    seconds: float = 0.0
    epoch_began: float = 0.0
    filmed: int = -1
    reason: str | None = None
    finished: bool = False
    patience_from: int = 0
    epoch_losses: list[float] = field(default_factory=list)


@dataclass
class TrainState:
    """`losses` are batch losses still on the device; `untold` those that no event has carried yet."""

    spec: RunSpec
    model: nn.Module
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    parts: Parts
    device: torch.device
    film_steps: frozenset[int]
    position: Position = field(default_factory=Position)
    watch: Watch = field(default_factory=Watch)
    evaluation: Evaluation | None = None
    best: Best | None = None
    losses: list[Tensor] = field(default_factory=list)
    untold: list[float] = field(default_factory=list)
    order: tuple[int, Tensor] | None = None

    @property
    def step(self) -> int:
        """Batches trained so far."""
        return self.position.step

    @property
    def epoch(self) -> int:
        """Whole epochs trained so far."""
        return self.step // self.spec.steps_per_epoch

    @property
    def finished(self) -> bool:
        return self.position.finished

    @property
    def seconds(self) -> float:
        """Time spent training and evaluating, pauses left out."""
        return self.position.seconds

    @property
    def at_epoch_end(self) -> bool:
        return self.step > 0 and self.step % self.spec.steps_per_epoch == 0

    def collect_losses(self) -> None:
        """Batch losses from the device to the host, all at once, so that a GPU need not wait every time."""
        if self.losses:
            values = torch.stack(self.losses).tolist()
            self.losses.clear()
            self.untold += values
            self.position.epoch_losses += values
            self.watch.see(self.spec, values)


def fresh(
    spec: RunSpec,
    dataset: Dataset | None = None,
    *,
    encoder: Mapping[str, Tensor] | None = None,
    device: str | torch.device | None = None,
) -> TrainState:
    """A run before its first step. Raises `SpecError`, `DataError` or `EncoderError`, in sentences."""
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model = models.build(spec, encoder).to(device)
    generator = torch.Generator(device).manual_seed(stream_seed(spec.seed, "dropout"))
    use_generator(model, generator)
    learning = [weight for weight in model.parameters() if weight.requires_grad]
    return TrainState(
        spec=spec,
        model=model,
        optimizer=OPTIMIZERS[spec.optimizer](spec, learning),
        generator=generator,
        parts=parts(spec, dataset or data.load(), device),
        device=device,
        film_steps=frozenset(film_steps(spec)),
    )


def learning_rate(spec: RunSpec, step: int) -> float:
    """The rate of batch `step`, the first being 0."""
    made = [change for change in spec.learning_rate_changes if change.step <= step]
    return max(made, key=lambda change: change.step).learning_rate if made else spec.learning_rate
