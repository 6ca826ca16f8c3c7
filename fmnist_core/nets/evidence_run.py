"""A worker's side of `verify`: it trains a run for one turn and hands back all that came of it.

It writes nothing: what must last goes to whoever gave the order, who can start the run anew on any worker.
"""

from __future__ import annotations

import hashlib
import logging
import platform
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from fmnist_core.data import Dataset
from fmnist_core.events import Epoch, Event, FilmFrame, Finished
from fmnist_core.nets import training
from fmnist_core.nets.device import calculates_in, is_full
from fmnist_core.nets.evaluation import Tally, add_chunk, without_dropout
from fmnist_core.nets.kept import data_in_use
from fmnist_core.nets.threads import on_one_thread, use_threads
from fmnist_core.nets.worker import BROKEN, OUT_OF_MEMORY, one_sentence
from fmnist_core.orders import RunOrder, RunReport, Start
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec, read_spec

LIVE: dict[str, training.TrainState] = {}  # the run that this worker trains, by its lease


@dataclass
class _Turn:
    """What a turn has brought so far."""

    epochs: list[Epoch]
    test_losses: list[float]
    frames: list[FilmFrame]
    finished: Finished | None = None


@on_one_thread
def advance_run(order: RunOrder, start: Start | None) -> RunReport:
    """One turn; with a `start`, the run's first on this worker. A run that fails harms no other."""
    try:
        if start is not None:
            LIVE.clear()
            LIVE[order.lease] = begin(start, data_in_use(order.full_data))
        if order.lease not in LIVE:
            return RunReport("lost")
        return _advance(LIVE[order.lease], order)
    except LabError as error:
        reason = one_sentence(error)
    except Exception as error:
        logging.getLogger(__name__).exception("a run for the evidence failed")
        reason = OUT_OF_MEMORY if is_full(error) else BROKEN
    LIVE.clear()
    return RunReport("failed", reason=reason)


def begin(start: Start, dataset: Dataset) -> training.TrainState:
    """The state to go on from: a checkpoint's, taken to more epochs if the spec has more, or a fresh one.

    Raises `LabError` if what it needs is missing or does not fit.
    """
    spec = read_spec(start.spec)
    if start.checkpoint is None:
        encoder = training.read_weights(start.encoder) if start.encoder is not None else None
        return training.start(spec, dataset, encoder=encoder)
    state = training.load(start.checkpoint, dataset)
    if state.spec != spec and state.spec.changed(epochs=spec.epochs) == spec:
        training.extend(state, spec.epochs - state.spec.epochs)
    if state.spec != spec:
        raise training.CheckpointError(BROKEN)
    return state


def fingerprint(weights: bytes) -> str:
    """SHA-256 over the tensors in the order of their names: name, shape and float32 values."""
    digest = hashlib.sha256()
    for name, tensor in sorted(training.read_weights(weights).items()):
        digest.update(f"{name} {tuple(tensor.shape)} ".encode())
        digest.update(np.ascontiguousarray(tensor.float().cpu().numpy()).tobytes())
    return digest.hexdigest()


def _advance(state: training.TrainState, order: RunOrder) -> RunReport:
    use_threads(state.spec, order.threads)
    first_step, turn, end = state.step, _Turn([], [], []), time.perf_counter() + order.seconds
    while not state.finished and (left := end - time.perf_counter()) > 0:
        for event in training.advance(state, training.Budget(seconds=left)):
            _note(turn, event, state)
    weights = training.weights(state) if turn.finished else None
    wanted = order.save_end if state.finished else order.save
    return RunReport(
        "advanced",
        first_step=first_step,
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        epochs=tuple(turn.epochs),
        test_losses=tuple(turn.test_losses),
        frames=tuple(turn.frames),
        state=training.save(state) if wanted else None,
        finished=turn.finished,
        weights=weights,
        fingerprint=fingerprint(weights) if weights is not None else "",
        hardware=hardware(state.device, state.spec, torch.get_num_threads()),
        versions={
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    )


def _note(turn: _Turn, event: Event, state: training.TrainState) -> None:
    match event:
        case Epoch():
            turn.epochs.append(event)
            if not state.spec.validation_size:
                turn.test_losses.append(test_loss(state))
        case FilmFrame():
            turn.frames.append(replace(event, state=b""))
        case Finished():
            turn.finished = event


def test_loss(state: training.TrainState) -> float:
    """Of the weights as they are, dropout off: the only unseen images of a run without validation images."""
    tally, predict = Tally(), without_dropout(state.model)
    while tally.seen < len(state.parts.of("test")[1]):
        add_chunk(tally, state.spec, predict, state.parts, "test")
    return tally.loss


def hardware(device: torch.device, spec: RunSpec, threads: int) -> str:
    """In words, such as "AMD EPYC, 1 thread, float32", with what it calculates in."""
    numbers = calculates_in(device, spec)
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, {numbers}"
    counted = f"{threads} thread" if threads == 1 else f"{threads} threads"
    return f"{_processor()}, {counted}, {numbers}"


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        told = []
    names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
