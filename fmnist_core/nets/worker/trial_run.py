"""A worker's part in `verify`: trains a run for one time slice and returns all that came of it.

It writes nothing: what must last goes to whoever sent the request, who can start the run anew on any worker.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace

import numpy as np
import torch

from fmnist_core.data import checksums
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Epoch, Event, Finished, Snapshot
from fmnist_core.messages import TrialRequest, TrialResult, TrialStart
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.device import hardware, products_in_float32
from fmnist_core.nets.training.evaluation import Predict, Predictor, Tally, add_chunk, predictor
from fmnist_core.nets.worker.state_cache import data_in_use
from fmnist_core.nets.worker.threads import on_one_thread, use_threads
from fmnist_core.nets.worker.time_slice import BROKEN, reason_of, train_slice
from fmnist_core.spec import read_spec

LIVE: dict[str, loop.TrainState] = {}  # the run that this worker trains, by its lease


@dataclass
class _Collected:
    """What a time slice has brought so far."""

    epochs: list[Epoch]
    test_losses: list[float]
    frames: list[Snapshot]
    finished: Finished | None = None


@on_one_thread
def advance_run(request: TrialRequest, start: TrialStart | None) -> TrialResult:
    """One time slice; with a `start`, the run's first on this worker. A run that fails harms no other."""
    try:
        if start is not None:
            LIVE.clear()
            LIVE[request.lease] = begin(start, data_in_use(request.full_data))
        if request.lease not in LIVE:
            return TrialResult("lost")
        return _advance(LIVE[request.lease], request)
    except Exception as error:
        reason = reason_of(error, "for the evidence")
    LIVE.clear()
    return TrialResult("failed", reason=reason)


def begin(start: TrialStart, dataset: Dataset) -> loop.TrainState:
    """The state to go on from: a checkpoint's, taken to more epochs if the spec has more, or a fresh one.

    Raises `LabError` if what it needs is missing or does not fit.
    """
    spec = read_spec(start.spec)
    if start.checkpoint is None:
        encoder = loop.read_weights(start.encoder) if start.encoder is not None else None
        return loop.start(spec, dataset, encoder=encoder)
    state = loop.load(start.checkpoint, dataset)
    if state.spec != spec and state.spec.changed(epochs=spec.epochs) == spec:
        loop.extend(state, spec.epochs - state.spec.epochs)
    if state.spec != spec:
        raise loop.CheckpointError(BROKEN)
    return state


def fingerprint(weights: bytes) -> str:
    """`checksums.of_tensors` of a file of weights, or of a saved state."""
    tensors = loop.read_weights(weights)
    return checksums.of_tensors({name: tensor.float().cpu().numpy() for name, tensor in tensors.items()})


def _advance(state: loop.TrainState, request: TrialRequest) -> TrialResult:
    use_threads(state.spec, request.threads)
    first_step, collected = state.step, _Collected([], [], [])
    train_slice(state, request.seconds, lambda event: _collect(collected, event, state))
    weights = loop.weights(state) if collected.finished else None
    wanted = request.save_end if state.finished else request.save
    return TrialResult(
        "advanced",
        first_step=first_step,
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        epochs=tuple(collected.epochs),
        test_losses=tuple(collected.test_losses),
        frames=tuple(collected.frames),
        state=loop.save(state) if wanted else None,
        finished=collected.finished,
        weights=weights,
        fingerprint=fingerprint(weights) if weights is not None else "",
        dropout_on=with_dropout_on(state, weights) if weights is not None else None,
        hardware=hardware(state.device, state.spec, torch.get_num_threads()),
        versions={
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    )


def _collect(collected: _Collected, event: Event, state: loop.TrainState) -> None:
    match event:
        case Epoch():
            collected.epochs.append(event)
            if not state.spec.validation_size:
                collected.test_losses.append(test_loss(state))
        case Snapshot():
            collected.frames.append(replace(event, state=b""))
        case Finished():
            collected.finished = event


def test_loss(state: loop.TrainState) -> float:
    """Of the weights as they are, dropout off: the only unseen images of a run without validation images."""
    return _tested(state, predictor(state.spec, state.model.state_dict())).loss


def with_dropout_on(state: loop.TrainState, weights: bytes) -> tuple[float, float | None]:
    """Test loss and accuracy as who forgets to switch dropout off would take them, with these weights."""
    generator = torch.Generator(state.device).manual_seed(state.spec.seed)
    tensors = {name: tensor.to(state.device) for name, tensor in loop.read_weights(weights).items()}
    tally = _tested(state, Predictor(state.spec, tensors, generator))
    return tally.loss, tally.accuracy if state.spec.task == "classifier" else None


def _tested(state: loop.TrainState, predict: Predict) -> Tally:
    tally = Tally()
    while tally.seen < len(state.parts.of("test")[1]):
        with products_in_float32():
            add_chunk(tally, state.spec, predict, state.parts, "test")
    return tally
