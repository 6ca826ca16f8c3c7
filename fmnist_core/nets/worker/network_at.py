"""The network that a query is about: a run's, now or at a moment that was kept, or a shipped model's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from fmnist_core.data import fashion_mnist, shipped_models
from fmnist_core.nets.training import batches, loop
from fmnist_core.nets.training.batches import Parts
from fmnist_core.nets.worker.initial_state import WEIGHTS, first_state
from fmnist_core.nets.worker.state_cache import STATE_CACHE, store_at
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec, read_spec


class NothingTrained(LabError):
    """There are no weights yet to answer with."""


@dataclass(frozen=True)
class Network:
    """`weights` by PyTorch's names; `parts` are the run's images, and how its inputs are scaled."""

    spec: RunSpec
    weights: dict[str, Tensor]
    parts: Parts


def of_run(store_url: str, run_id: str, step: int | None = None) -> Network:
    """As it is now, or after `step` batches: 0, a snapshot whose state is kept, or the run's last.

    Raises `NothingTrained` where there are no weights, and what the store does.
    """
    if step is not None:
        return _at(store_url, run_id, step)
    cached = STATE_CACHE.get(run_id)
    if cached is not None:
        with cached.still() as state:
            copied = {name: weight.clone() for name, weight in _weights(state).items()}
            return Network(state.spec, copied, state.parts)
    blob = store_at(store_url).checkpoint(run_id)
    if blob is None:
        raise NothingTrained(Sentence("There are no weights of this run yet. Try again in a moment."))
    return _loaded(blob)


@lru_cache(maxsize=2)  # who looks inside asks for one network again and again
def of_shipped_model(name: str) -> Network:
    """Raises `NothingTrained` if the lab ships no such model, and `ModelDamaged`."""
    if name not in shipped_models.names(WEIGHTS):
        raise NothingTrained(
            Sentence("This copy of the lab ships no trained model named “{name}”.", name=name[:40])
        )
    spec = read_spec(shipped_models.read(name, "spec.json"))
    weights = loop.read_weights(shipped_models.read(name, WEIGHTS))
    dataset = fashion_mnist.load()
    validation = min(spec.validation_size, len(dataset.train_labels) // 8)
    train = min(spec.train_size, len(dataset.train_labels) - validation)  # the sample has fewer images
    parts = batches.parts(
        spec.changed(train_size=train, validation_size=validation), dataset, torch.device("cpu")
    )
    return Network(spec, weights, parts)


@lru_cache(maxsize=2)
def _at(store_url: str, run_id: str, step: int) -> Network:
    store = store_at(store_url)
    if (blob := store.snapshot_state(run_id, step)) is not None:
        return _loaded(blob)
    run = store.run(run_id)
    if step == 0 and run.spec.branch is None:
        state = first_state(run.spec, fashion_mnist.load(), lambda: store, device="cpu")
        return Network(run.spec, dict(state.model.state_dict()), state.parts)
    raise NothingTrained(
        Sentence("The weights after batch {step:,} were not kept. Choose another moment.", step=step)
    )


def _loaded(blob: bytes) -> Network:
    state = loop.load(blob)
    return Network(state.spec, dict(_weights(state)), state.parts)


def _weights(state: loop.TrainState) -> dict[str, Tensor]:
    """Those of now; once training has ended, the best if early stopping kept them."""
    return state.best.weights if state.finished and state.best is not None else state.model.state_dict()
