"""Makes a run's first state: random weights, a trained encoder, or a moment of another run's training."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from fmnist_core.architecture.layers import ConvTranspose2d
from fmnist_core.architecture.networks import network_layers, with_weights
from fmnist_core.data import shipped_models
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker.replay import state_at
from fmnist_core.sentences import Sentence
from fmnist_core.spec import BranchPoint, EncoderSource, RunSpec, Surgery
from fmnist_core.store.rows import Damaged
from fmnist_core.store.runs import RunNotFound, Store

WEIGHTS = "model.safetensors"
BEGUN_ANEW = Sentence(
    "What the optimizer remembered at the end of the run that this one branched from could not be had again "
    "on this machine. Training began from its weights, with an optimizer that begins anew."
)


def first_state(
    spec: RunSpec,
    dataset: Dataset,
    store: Callable[[], Store],
    seconds: float = math.inf,
    device: str | None = None,
) -> loop.TrainState:
    """The run before its first batch; `store` is asked for only if the spec names another run.

    A branch may have to train its parent again up to where it begins: after `seconds` of that, this raises
    `StillReplaying`, and the next call goes on. Raises `LabError`, in sentences, if what the spec names is
    not there, or does not fit.
    """
    branch, is_whole = _branch_point(spec.branch, dataset, store(), seconds) if spec.branch else (None, True)
    encoder = _trained(spec.encoder, store) if spec.encoder and branch is None else None
    state = loop.start(spec, dataset, encoder=encoder, branch=branch, device=device)
    if not is_whole:
        state.tell("branch", BEGUN_ANEW)
    if spec.branch is not None and spec.branch.surgery is not None:
        _operate(state, spec.branch.surgery)
    return state


@torch.no_grad()
def _operate(state: loop.TrainState, surgery: Surgery) -> None:
    """Scales what one unit adds up; the optimizer forgets where it was moving those weights."""
    source = with_weights(network_layers(state.spec), surgery.layer)
    assert source is not None, "the spec was checked"
    for what in ("weight", "bias"):
        name = f"{source.name}.{what}"
        axis = 1 if what == "weight" and isinstance(source.layer, ConvTranspose2d) else 0
        state.model.get_parameter(name).select(axis, surgery.unit).mul_(surgery.factor)
        for what_of, memory in state.optimizer.memory.items():
            # The mean of squares stays: zero, late in training, it would make the first steps far too large.
            if what_of != "exp_avg_sq" and name in memory.views:  # an encoder that is frozen learns nothing
                memory.views[name].select(axis, surgery.unit).zero_()


def _branch_point(
    point: BranchPoint, dataset: Dataset, store: Store, seconds: float
) -> tuple[bytes | None, bool]:
    """The state to begin with, if it can be had, and whether it has the optimizer's memory."""

    def start() -> loop.TrainState:
        return first_state(store.run(point.run).spec, dataset, lambda: store, device="cpu")

    try:
        state = state_at(store, point.run, point.step, seconds, start, dataset)
    except (loop.CheckpointError, loop.EncoderError):
        if (last := _last_state(point, dataset, store)) is None:
            raise
        return last, False
    if state is None and (last := _last_state(point, dataset, store)) is not None:
        return last, False
    return state, True


def _last_state(point: BranchPoint, dataset: Dataset, store: Store) -> bytes | None:
    """The run's latest state, which may lack the optimizer's memory, if that is the point."""
    try:
        blob = store.checkpoint(point.run)
    except RunNotFound:
        return None
    if blob is None or (state := loop.load(blob, dataset, "cpu")).step != point.step:
        return None
    return loop.save(state)


def _trained(source: EncoderSource, store: Callable[[], Store]) -> dict[str, Tensor] | None:
    if source.id is None:  # random weights
        return None
    match source.origin:
        case "run":
            try:
                blob = store().checkpoint(source.id)
            except Damaged:
                raise loop.EncoderError(
                    Sentence("The trained encoder “{id}” is damaged. Choose another one.", id=source.id)
                ) from None
        case _:
            is_shipped = source.id in shipped_models.names(WEIGHTS)
            blob = shipped_models.read(source.id, WEIGHTS) if is_shipped else None
    if blob is None:
        raise loop.EncoderError(
            Sentence("The trained encoder “{id}” is no longer there. Choose another one.", id=source.id)
        )
    return loop.read_weights(blob)
