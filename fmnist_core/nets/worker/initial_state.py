"""Makes a run's first state: random weights, a trained encoder, or a moment of another run's training."""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import Tensor

from fmnist_core.data import shipped_models
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker.replay import state_at
from fmnist_core.sentences import Sentence
from fmnist_core.spec import BranchPoint, EncoderSource, RunSpec
from fmnist_core.store.rows import Damaged
from fmnist_core.store.runs import Store

WEIGHTS = "model.safetensors"


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
    branch = _branch_point(spec.branch, dataset, store(), seconds) if spec.branch else None
    encoder = _trained(spec.encoder, store) if spec.encoder and branch is None else None
    return loop.start(spec, dataset, encoder=encoder, branch=branch, device=device)


def _branch_point(point: BranchPoint, dataset: Dataset, store: Store, seconds: float) -> bytes | None:
    def start() -> loop.TrainState:
        return first_state(store.run(point.run).spec, dataset, lambda: store, device="cpu")

    return state_at(store, point.run, point.step, seconds, start, dataset)


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
