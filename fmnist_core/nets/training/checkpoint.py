"""Writes a `TrainState` as bytes and reads it back: safetensors, so that a stranger's file can do no harm.

Tensors are named model.*, best.*, optimizer.<weight>.<what>, generator; all else is JSON in the header.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors
from torch import Tensor

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Notice
from fmnist_core.nets.training.batches import stream_seed
from fmnist_core.nets.training.device import TOO_LITTLE_MEMORY
from fmnist_core.nets.training.evaluation import Tally
from fmnist_core.nets.training.health import Health
from fmnist_core.nets.training.optimizers import Optimizer
from fmnist_core.nets.training.state import Best, Evaluation, Position, TrainState, fresh, where_there_is_room
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec, read_spec

FORMAT = "fmnist-lab training state 1"
# What fields are called in the file, where that is not their name; so a field may be renamed.
STORED_NAMES = {"snapshot_taken": "filmed", "output_range": "spread"}
FIELD_NAMES = {stored: name for name, stored in STORED_NAMES.items()}


class CheckpointError(LabError):
    """Bytes that are no saved training state, or one that does not fit here."""


def save(state: TrainState) -> bytes:
    """All that decides how the run goes on: about three times the weights with Adam, once with plain SGD."""
    state.collect_losses()
    tensors = _named("model.", state.model.state_dict())
    tensors |= _named("optimizer.", _optimizer_tensors(state.optimizer))
    tensors["generator"] = state.generator.get_state()
    best = evaluation = None
    if state.best is not None:
        tensors |= _named("best.", state.best.weights)
        best = {"epoch": state.best.epoch, "loss": state.best.loss}
    if state.evaluation is not None:
        for tally in state.evaluation.tallies.values():
            tally.collect()
        tallies = {
            part: _stored({**asdict(tally), "counts": tally.counts.tolist()})
            for part, tally in state.evaluation.tallies.items()
        }
        evaluation = {"kind": state.evaluation.kind, "tallies": tallies}
    progress = {
        "position": _stored(asdict(state.position)),
        "watch": asdict(state.health),
        "best": best,
        "evaluation": evaluation,
        "device": state.device.type,
        "images": _image_counts(state),
    }
    text = json.dumps(progress)
    return _write(tensors, state.spec, {"format": FORMAT, "progress": text, "checksum": _checksum(text)})


def load(blob: bytes, dataset: Dataset | None = None, device: str | torch.device | None = None) -> TrainState:
    """The state that `save` was given. Raises `CheckpointError`, `SpecError` or `DataError`, in sentences."""
    return where_there_is_room(lambda room: _restored(blob, dataset, room), device)


def move_to_cpu(state: TrainState) -> Notice:
    """A run whose GPU is full goes on without it, from where it stands."""
    state.step_graph = state.descend = None
    torch.cuda.empty_cache()
    moved = load(save(state), state.dataset, "cpu")
    moved.unreported, moved.notices = state.unreported, state.notices
    vars(state).update(vars(moved))
    return Notice(state.step, "device", TOO_LITTLE_MEMORY)


def _restored(blob: bytes, dataset: Dataset | None, device: torch.device) -> TrainState:
    spec, progress, tensors = _read(blob)
    state = fresh(spec, dataset, device=device)
    if progress["images"] != _image_counts(state):
        raise CheckpointError(
            Sentence(
                "This run was trained on other data than is in use now. "
                "Bring back the data that it started with, or start the run again."
            )
        )
    _take_over(state, tensors, with_optimizer=True)
    if progress["device"] == state.device.type:
        state.generator.set_state(tensors["generator"])
    else:  # generators of other devices are of another kind: go on from a fresh place in the stream
        state.generator.manual_seed(stream_seed(spec.seed, "dropout", progress["position"]["step"]))
    state.position = Position(**_fields(progress["position"]))
    state.health = Health(**progress["watch"])
    if progress["best"] is not None:
        weights = {name: weight.to(state.device) for name, weight in _part(tensors, "best.").items()}
        state.best = Best(**progress["best"], weights=weights)
    if progress["evaluation"] is not None:
        tallies = {
            part: Tally(**_fields({**sums, "counts": np.array(sums["counts"], np.int64)}))
            for part, sums in progress["evaluation"]["tallies"].items()
        }
        state.evaluation = Evaluation(progress["evaluation"]["kind"], tallies)
    return state


def branch_off(state: TrainState, blob: bytes) -> None:
    """Gives a fresh state a saved one's weights, and its optimizer's memory if that is the same kind."""
    spec, _, tensors = _read(blob)
    _take_over(state, tensors, with_optimizer=spec.optimizer == state.spec.optimizer)


def recall(state: TrainState, blob: bytes) -> bool:
    """Gives a state the optimizer's memory of a saved one, if their weights are the same bit for bit."""
    _, _, tensors = _read(blob)
    saved = _part(tensors, "model.")
    if not all(torch.equal(weight.cpu(), saved[name]) for name, weight in state.model.state_dict().items()):
        return False
    _take_over(state, tensors, with_optimizer=True)
    return True


def weights(state: TrainState) -> bytes:
    """model.safetensors: the best weights if early stopping kept them, else the current ones."""
    tensors = state.model.state_dict() if state.best is None else state.best.weights
    return _write(tensors, state.spec, {})


def fingerprint(state: TrainState) -> int | None:
    """The CRC-32 of the weights; `None` on a GPU, where a batch trained again may differ in its last bits."""
    if state.device.type != "cpu":
        return None
    checksum = 0
    for _, weight in sorted(state.model.state_dict().items()):
        checksum = zlib.crc32(weight.contiguous().numpy().tobytes(), checksum)
    return checksum


def read_weights(blob: bytes) -> dict[str, Tensor]:
    """Weights by name, from what `weights` or `save` wrote; the best, if kept. Raises `CheckpointError`."""
    _, tensors = _parse(blob)
    return _part(tensors, "best.") or _part(tensors, "model.") or tensors


def _write(tensors: Mapping[str, Tensor], spec: RunSpec, header: dict[str, str]) -> bytes:
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return write_tensors(plain, {**header, "spec": spec.to_json()})


def _parse(blob: bytes) -> tuple[dict[str, str], dict[str, Tensor]]:
    try:
        tensors = read_tensors(blob)
        length = int.from_bytes(blob[:8], "little")
        return json.loads(blob[8 : 8 + length]).get("__metadata__", {}), tensors
    except (SafetensorError, ValueError):
        raise _unreadable() from None


def _read(blob: bytes) -> tuple[RunSpec, dict[str, Any], dict[str, Tensor]]:
    header, tensors = _parse(blob)
    progress = header.get("progress", "")
    if header.get("format") != FORMAT or header.get("checksum") != _checksum(progress):
        raise _unreadable()
    return read_spec(header.get("spec", "")), json.loads(progress), tensors


def _take_over(state: TrainState, tensors: Mapping[str, Tensor], with_optimizer: bool) -> None:
    if "generator" not in tensors:
        raise _unreadable()
    weights = _part(tensors, "model.")
    wanted = state.model.state_dict()
    if {n: w.shape for n, w in weights.items()} != {n: w.shape for n, w in wanted.items()}:
        raise CheckpointError(
            Sentence(
                "The saved weights belong to another network. "
                "Keep its kind, hidden sizes and pooling, and change other settings only."
            )
        )
    state.model.load_state_dict(weights)
    if with_optimizer:
        _remember(state.optimizer, tensors)


def _remember(optimizer: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """What an optimizer of this kind remembered, if that is of all weights that learn; else nothing."""
    names = list(optimizer.weights.views)
    saved = {name: _part(tensors, f"optimizer.{name}.") for name in names}
    if not all(what in saved[name] for name in names for what in optimizer.memory):
        return
    for what, flat in optimizer.memory.items():
        for name in names:
            flat.views[name].copy_(saved[name][what])
    if "step" in saved[names[0]]:
        optimizer.steps.copy_(saved[names[0]]["step"])


def _optimizer_tensors(optimizer: Optimizer) -> dict[str, Tensor]:
    """What it remembers of each weight; nothing before its first step, when all of it is zero."""
    tensors: dict[str, Tensor] = {}
    if any(flat.whole.any() for flat in optimizer.memory.values()):
        for name in optimizer.weights.views:
            tensors |= {f"{name}.{what}": flat.views[name] for what, flat in optimizer.memory.items()}
            tensors[f"{name}.step"] = optimizer.steps.clone()
    return tensors


def _stored(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {STORED_NAMES.get(name, name): value for name, value in fields.items()}


def _fields(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {FIELD_NAMES.get(name, name): value for name, value in stored.items()}


def _named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def _image_counts(state: TrainState) -> list[int]:
    return [len(state.parts.train_images.labels), len(state.parts.test_images.labels)]


def _checksum(text: str) -> str:
    return str(zlib.crc32(text.encode()))


def _unreadable() -> CheckpointError:
    return CheckpointError(
        Sentence("This saved training state is damaged, or was not written by this lab. Start the run again.")
    )
