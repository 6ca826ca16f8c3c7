"""The network that a query is about: a run's, now or at a moment that was kept, or a shipped model's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from fmnist_core.data import fashion_mnist, shipped_models
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.nets.training import batches, loop
from fmnist_core.nets.training.batches import Parts
from fmnist_core.nets.worker.initial_state import WEIGHTS, first_state
from fmnist_core.nets.worker.replay import Replay, StillReplaying, begun
from fmnist_core.nets.worker.state_cache import STATE_CACHE, store_at
from fmnist_core.nets.worker.threads import on_one_thread
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec, read_spec


class NothingTrained(LabError):
    """There are no weights yet to answer with."""


@dataclass(frozen=True)
class Network:
    """`weights` by PyTorch's names, after `step` batches; `parts` are the run's images, and their scale.

    All of it is on the processor, and does not change while a run trains on. `own_split` is whether it
    was these images that it was trained on: of a shipped model, with other data than then, it may have seen
    any of the training images, validation or not, or none of them.
    """

    spec: RunSpec
    weights: dict[str, Tensor]
    parts: Parts
    step: int = 0
    own_split: bool = True


LOOKED_INTO: dict[tuple[str, int], Network] = {}  # by run and step, the latest last
MOST_BYTES = 128 << 20
TRAINED_AGAIN: dict[tuple[str, int], Replay] = {}  # by run and the step to reach, the latest last
MOST_TRAINED_AGAIN = 4
AGAIN_SECONDS = 0.3


def of_run(store_url: str, run_id: str, step: int | None = None) -> Network:
    """As it is now, or after `step` batches: 0, a snapshot whose state is kept, or what was seen of late.

    Raises `NothingTrained` where there are no weights, and what the store does.
    """
    if step is None:
        return _now(store_url, run_id)
    network = LOOKED_INTO.get((run_id, step)) or _kept(store_url, run_id, step) or _now(store_url, run_id)
    _keep(run_id, network)
    if network.step != step:
        raise _not_kept(step)
    return network


def still(store_url: str, run_id: str) -> Network:
    """As it is now, and to be had at its step for some while, whatever the run does meanwhile."""
    network = _now(store_url, run_id)
    _keep(run_id, network)
    return network


@on_one_thread
def train_again(store_url: str, run_id: str, step: int) -> float:
    """Trains a run towards a moment of its film, for a little while: the share done, 1 once it is to be had.

    Raises `NothingTrained` where these weights do not come out again, and what the store does.
    """
    if (run_id, step) in LOOKED_INTO:
        return 1.0
    try:
        replay = _on_the_way(store_url, run_id, step)
        replay.advance(step, AGAIN_SECONDS)
    except StillReplaying:  # a parent, from which the run branched
        return 0.0
    except loop.CheckpointError:
        raise _not_kept(step) from None
    TRAINED_AGAIN[run_id, step] = replay  # the next moment may go on from it
    while len(TRAINED_AGAIN) > MOST_TRAINED_AGAIN:
        del TRAINED_AGAIN[next(iter(TRAINED_AGAIN))]
    if replay.state.step < step:
        return (replay.state.step - replay.first) / (step - replay.first)
    _keep(run_id, _copied(replay.state))
    return 1.0


def _on_the_way(store_url: str, run_id: str, step: int) -> Replay:
    """The replay that is to reach `step`; one that has reached an earlier moment goes on, else one begins."""
    if (replay := TRAINED_AGAIN.pop((run_id, step), None)) is not None:
        return replay
    store, dataset = store_at(store_url), fashion_mnist.load()
    if step not in {snapshot.step for snapshot in store.snapshots(run_id)}:
        raise _not_kept(step)

    def start() -> loop.TrainState:
        return first_state(store.run(run_id).spec, dataset, lambda: store, AGAIN_SECONDS, "cpu")

    replay = begun(store, run_id, step, start, dataset)
    for key, other in list(TRAINED_AGAIN.items()):
        arrived = key == (run_id, other.state.step) and other.state.step < step
        if arrived and (replay is None or replay.state.step <= other.state.step):
            replay = TRAINED_AGAIN.pop(key)
            replay.first = replay.state.step
    if replay is None:
        raise _not_kept(step)
    return replay


def forget(run_id: str) -> None:
    for memory in (LOOKED_INTO, TRAINED_AGAIN):
        for key in [key for key in memory if key[0] == run_id]:
            memory.pop(key, None)


def _keep(run_id: str, network: Network) -> None:
    """The latest stay, as many as have room; this one in any case."""
    LOOKED_INTO.pop((run_id, network.step), None)
    LOOKED_INTO[run_id, network.step] = network
    while len(LOOKED_INTO) > 1 and sum(map(_bytes, LOOKED_INTO.values())) > MOST_BYTES:
        del LOOKED_INTO[next(iter(LOOKED_INTO))]


def _bytes(network: Network) -> int:
    return sum(weight.nbytes for weight in network.weights.values())


def _not_kept(step: int) -> NothingTrained:
    return NothingTrained(
        Sentence("The weights after batch {step:,} were not kept. Choose another moment.", step=step)
    )


def _now(store_url: str, run_id: str) -> Network:
    cached = STATE_CACHE.get(run_id)
    if cached is not None:
        with cached.still() as state:
            return _copied(state)
    blob = store_at(store_url).checkpoint(run_id)
    if blob is None:
        raise NothingTrained(Sentence("There are no weights of this run yet. Try again in a moment."))
    return _copied(loop.load(blob, device="cpu"))


def of_shipped_model(name: str) -> Network:
    """Raises `NothingTrained` if the lab ships no such model, and `ModelDamaged`."""
    return _shipped(name, fashion_mnist.load())


@lru_cache(maxsize=4)  # as many as are looked at side by side, again and again
def _shipped(name: str, dataset: Dataset) -> Network:
    """The file's half-precision numbers are turned into those of calculation once, not at every query."""
    if name not in shipped_models.names(WEIGHTS):
        raise NothingTrained(
            Sentence("This copy of the lab ships no trained model named “{name}”.", name=name[:40])
        )
    spec = read_spec(shipped_models.read(name, "spec.json"))
    weights = {
        weight_name: weight.float()
        for weight_name, weight in loop.read_weights(shipped_models.read(name, WEIGHTS)).items()
    }
    validation = min(spec.validation_size, len(dataset.train_labels) // 8)
    train = min(spec.train_size, len(dataset.train_labels) - validation)  # the sample has fewer images
    parts = batches.parts(
        spec.changed(train_size=train, validation_size=validation), dataset, torch.device("cpu")
    )
    return Network(spec, weights, parts, own_split=dataset.is_full)


def _kept(store_url: str, run_id: str, step: int) -> Network | None:
    store = store_at(store_url)
    run = store.run(run_id)
    if step == run.step:  # what early stopping kept may be older
        return None
    if (blob := store.snapshot_state(run_id, step)) is not None:
        return _copied(loop.load(blob, device="cpu"))
    if step == 0 and run.spec.branch is None:
        state = first_state(run.spec, fashion_mnist.load(), lambda: store, device="cpu")
        return _copied(state)
    return None


def _copied(state: loop.TrainState) -> Network:
    weights = {name: weight.to("cpu", copy=True) for name, weight in _weights(state).items()}
    parts = state.parts
    if state.device.type != "cpu":
        parts = batches.parts(state.spec, state.dataset, torch.device("cpu"))
    return Network(state.spec, weights, parts, state.step)


def _weights(state: loop.TrainState) -> dict[str, Tensor]:
    """Those of now; once training has ended, the best if early stopping kept them."""
    return state.best.weights if state.finished and state.best is not None else state.model.state_dict()
