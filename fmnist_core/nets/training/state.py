"""`TrainState`: a run in the middle of its training, with everything that decides how it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from fmnist_core.data import fashion_mnist
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Notice
from fmnist_core.nets.models import networks
from fmnist_core.nets.models.flat import Flat
from fmnist_core.nets.training import device as devices
from fmnist_core.nets.training.batches import Parts, parts, stream_seed
from fmnist_core.nets.training.cuda_graph import Step, StepGraph
from fmnist_core.nets.training.evaluation import Predictor, Tally
from fmnist_core.nets.training.health import Health
from fmnist_core.nets.training.optimizers import Optimizer, optimizer
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec, snapshot_steps

EPOCH_END, TEST = "epoch_end", "test"


@dataclass
class Evaluation:
    """An evaluation under way: at an epoch's end on training and validation images, or the test.

    `predict` is the network that is evaluated, made for its first chunk.
    """

    kind: str
    tallies: dict[str, Tally]
    predict: Predictor | None = None


@dataclass
class Best:
    """The epoch with the lowest validation loss so far, and its weights, for early stopping."""

    epoch: int
    loss: float
    weights: dict[str, Tensor]


@dataclass
class Position:
    """How far a run has come, in plain numbers and words.

    `seconds` counts work, pauses left out; `epoch_began` is their number at the epoch's start.
    `snapshot_taken` is the step of the last snapshot, -1 before the first. `reason` says why training is
    over, ahead of the test; `finished` comes after it. Early stopping counts from `patience_from`.
    `epoch_losses` are this epoch's, batch by batch.
    """

    step: int = 0
    seconds: float = 0.0
    epoch_began: float = 0.0
    snapshot_taken: int = -1
    reason: str | None = None
    finished: bool = False
    patience_from: int = 0
    epoch_losses: list[float] = field(default_factory=list)


@dataclass
class TrainState:
    """A run in the middle of its training.

    `weights` are those that learn, and the model's parameters are views of them. `losses` are batch losses
    still on the device; `unreported` those that no event has carried yet, as `notices` are. `order` is an
    epoch and its images' order. `descend` makes a step; it is made when first needed. If the run `replays`,
    full batches are trained by a `step_graph`.
    """

    spec: RunSpec
    model: nn.Module
    weights: Flat
    optimizer: Optimizer
    generator: torch.Generator
    dataset: Dataset
    parts: Parts
    device: torch.device
    snapshot_steps: frozenset[int]
    position: Position = field(default_factory=Position)
    health: Health = field(default_factory=Health)
    evaluation: Evaluation | None = None
    best: Best | None = None
    losses: list[Tensor] = field(default_factory=list)
    unreported: list[float] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    order: tuple[int, Tensor] | None = None
    replays: bool = False
    descend: Step | None = None
    step_graph: StepGraph | None = None

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

    def give_back(self) -> None:
        """Lets go of the memory that layers work in, to be made anew. A recorded step keeps it."""
        if not self.replays:
            self.descend = None
        if self.evaluation is not None:
            self.evaluation.predict = None

    def tell(self, kind: str, sentence: Sentence) -> None:
        """Adds a notice, which the next batch's events carry."""
        self.notices.append(Notice(self.step, kind, sentence))

    def collect_losses(self) -> None:
        """Batch losses from the device to the host, all at once, so that a GPU need not wait every time."""
        if self.losses:
            values = torch.stack(self.losses).tolist()
            self.losses.clear()
            self.unreported += values
            self.position.epoch_losses += values
            self.health.see(self.spec, values)


def fresh(
    spec: RunSpec,
    dataset: Dataset | None = None,
    *,
    encoder: Mapping[str, Tensor] | None = None,
    device: str | torch.device | None = None,
) -> TrainState:
    """A run before its first step. Raises `SpecError`, `DataError` or `EncoderError`, in sentences."""
    dataset = dataset or fashion_mnist.load()
    return where_there_is_room(lambda device: _fresh(spec, dataset, encoder, device), device)


def where_there_is_room(
    make: Callable[[torch.device], TrainState], device: str | torch.device | None = None
) -> TrainState:
    """A state on the device, or on the preferred one; if its memory is full, on the CPU, and it says so."""
    wished = torch.device(device) if device else devices.preferred()
    try:
        return make(wished)
    except RuntimeError as error:
        if wished.type == "cpu" or not devices.is_full(error):
            raise
    torch.cuda.empty_cache()
    state = make(torch.device("cpu"))
    state.tell("device", devices.TOO_LITTLE_MEMORY)
    return state


def _fresh(
    spec: RunSpec, dataset: Dataset, encoder: Mapping[str, Tensor] | None, device: torch.device
) -> TrainState:
    devices.prepare(device)
    model = networks.build(spec, encoder).to(device)
    weights = in_one_piece(model)
    return TrainState(
        spec=spec,
        model=model,
        weights=weights,
        optimizer=optimizer(spec, weights),
        generator=torch.Generator(device).manual_seed(stream_seed(spec.seed, "dropout")),
        dataset=dataset,
        parts=parts(spec, dataset, device),
        device=device,
        snapshot_steps=frozenset(snapshot_steps(spec)),
        replays=device.type == "cuda",
    )


def in_one_piece(model: nn.Module) -> Flat:
    """Moves the model's weights that learn into one piece of memory, of which they are views from now on."""
    learning = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    first = next(iter(learning.values()))
    weights = Flat.zeros(learning, first.dtype, first.device)
    for name, weight in learning.items():
        weight.data = weights.views[name].copy_(weight.data)
    return weights
