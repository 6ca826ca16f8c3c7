"""Training as a state that advances: `start` a run, `advance` it as far as a budget goes, `save` it, go on.

One call or twenty, on the same number of threads: the weights are the same bit for bit. Nothing here sets
the number of threads, writes a file or knows of a screen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Epoch, Event
from fmnist_core.nets.models.networks import EncoderError
from fmnist_core.nets.training.checkpoint import (
    CheckpointError,
    branch_off,
    load,
    move_to_cpu,
    read_weights,
    recall,
    save,
    weights,
)
from fmnist_core.nets.training.device import is_full
from fmnist_core.nets.training.reporting import begin_test, evaluate, take_snapshot, tell_losses
from fmnist_core.nets.training.state import TEST, TrainState, fresh
from fmnist_core.nets.training.step import train_batch
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec, snapshot_steps

__all__ = [
    "Budget",
    "CheckpointError",
    "EncoderError",
    "TrainState",
    "advance",
    "change_learning_rate",
    "extend",
    "load",
    "read_weights",
    "recall",
    "save",
    "start",
    "stop",
    "train_batch",
    "weights",
    "work",
]


@dataclass(frozen=True)
class Budget:
    """How far to advance: whichever of these comes first; none of them means to the end.

    An evaluation that the last batch made due still belongs to a budget of batches or epochs.
    """

    seconds: float | None = None
    batches: int | None = None
    epochs: int | None = None


TO_THE_END = Budget()


def start(
    spec: RunSpec,
    dataset: Dataset | None = None,
    *,
    encoder: Mapping[str, Tensor] | None = None,
    branch: bytes | None = None,
    device: str | torch.device | None = None,
) -> TrainState:
    """A run before its first batch. `encoder` are a trained autoencoder's weights, `branch` a saved state.

    A branch starts at step 0 with the saved weights, and with the optimizer's memory if that is the same
    kind. Raises `SpecError`, `DataError`, `EncoderError` or `CheckpointError`, in sentences.
    """
    trained = spec.encoder is not None and spec.encoder.origin != "random"
    if trained and encoder is None and branch is None:
        raise EncoderError(Sentence("The trained encoder is missing. Choose another, or a random one."))
    if spec.branch is not None and branch is None:
        raise CheckpointError(Sentence("The point to branch from is no longer kept. Choose another one."))
    state = fresh(spec, dataset, encoder=encoder, device=device)
    if branch is not None:
        branch_off(state, branch)
    return state


def advance(
    state: TrainState, budget: Budget = TO_THE_END, is_cut_short: Callable[[], bool] = lambda: False
) -> Iterator[Event]:
    """Trains until the budget is spent, the run is over or cut short, and yields what happens on the way.

    At least one piece of work is done: a batch, or a chunk of an evaluation. Drain it to its end; between
    two events the state may be saved.
    """
    first_second, first_step, epochs = state.seconds, state.step, 0
    while not state.finished:
        with _timed(state):
            events = work(state)
        yield from events

        epochs += sum(isinstance(event, Epoch) for event in events)
        if _spent(budget.seconds, state.seconds - first_second) or is_cut_short():
            break
        trained_enough = _spent(budget.batches, state.step - first_step) or _spent(budget.epochs, epochs)
        if trained_enough and state.evaluation is None:
            break
    with _timed(state):  # a GPU still has to get there
        last = tell_losses(state)
    yield from last


def work(state: TrainState) -> list[Event]:
    """Does the next piece of work: a batch, a chunk of an evaluation or the first snapshot."""
    try:
        if state.position.snapshot_taken < 0:
            return [take_snapshot(state)]
        if state.evaluation is not None:
            return evaluate(state, state.evaluation)
        return train_batch(state)
    except RuntimeError as error:
        if state.device.type == "cpu" or not is_full(error):
            raise
    return [move_to_cpu(state)]


def change_learning_rate(state: TrainState, rate: float) -> None:
    """From the next batch on; recorded in the spec, so that the run can be repeated. Raises `SpecError`."""
    others = [change for change in state.spec.learning_rate_changes if change.step != state.step]
    changes = [*(c.model_dump() for c in others), {"step": state.step, "learning_rate": rate}]
    state.spec = state.spec.changed(learning_rate_changes=sorted(changes, key=lambda c: c["step"]))


def extend(state: TrainState, epochs: int) -> None:
    """That many epochs more; a finished run goes on, one that ended early from where it stands.

    Early stopping then counts anew. Raises `SpecError` past the limit, `LabError` after an overflow.
    """
    position = state.position
    if position.reason == "diverged":
        raise LabError(
            Sentence("This run's weights have overflowed, so it cannot go on. Branch from an earlier point.")
        )
    ended_early = position.reason in ("early_stopping", "stopped")
    state.spec = state.spec.changed(epochs=epochs + (state.epoch if ended_early else state.spec.epochs))
    state.snapshot_steps = frozenset(snapshot_steps(state.spec))
    if ended_early:
        position.patience_from = state.epoch
    if state.evaluation is not None and state.evaluation.kind == TEST:
        state.evaluation = None
    position.reason, position.finished = None, False


def stop(state: TrainState) -> None:
    """Training is over; what is left for `advance` is the evaluation under way, the test, and `Finished`."""
    if state.position.reason is None:
        state.position.reason = "stopped"
        if state.evaluation is None:
            begin_test(state)


@contextmanager
def _timed(state: TrainState) -> Iterator[None]:
    began = time.perf_counter()
    yield
    state.position.seconds += time.perf_counter() - began


def _spent(limit: float | None, used: float) -> bool:
    return limit is not None and used >= limit
