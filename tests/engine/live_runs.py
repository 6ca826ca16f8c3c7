"""Runs small enough to be trained for a test on a real cluster, and what becomes of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from fmnist_core.engine.engine import Engine
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker.threads import use_threads
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.runs import Store
from tests.waiting import wait_for

SMALL = {"architecture": "ff_classifier", "hidden_sizes": [16], "batch_size": 50, "train_size": 1000}
SMALL |= {"validation_size": 200}
SHORT = read_spec({**SMALL, "epochs": 3})
LONG = read_spec({**SMALL, "epochs": 500, "batch_size": 5})  # 100,000 batches, over a minute on fast cores


@contextmanager
def running(store: Store, workers: int = 2) -> Iterator[Engine]:
    """The engine with a cluster of its own that is ready."""
    lab = Engine(store, workers=workers, slice_seconds=0.2)
    lab.start()
    try:
        wait_for(lambda: lab.state == "ready")
        yield lab
    finally:
        lab.close()


def status(store: Store, *run_ids: str) -> set[str]:
    return {store.run(run_id).status for run_id in run_ids}


def finished(store: Store, run_id: str):
    wait_for(lambda: status(store, run_id) <= {"finished", "stopped", "failed"})
    return store.run(run_id)


def planned(spec: RunSpec = SHORT, count: int = 6) -> list[tuple[RunSpec, str]]:
    """The members of a sweep over seeds."""
    return [(spec.changed(seed=seed), f"seed {seed}") for seed in range(count)]


def weights_of(store: Store, run_id: str) -> dict[str, torch.Tensor]:
    return loop.load(store.checkpoint(run_id)).model.state_dict()


def trained_here(spec: RunSpec, threads: int) -> loop.TrainState:
    """A run that nothing has broken off, in this process."""
    before = torch.get_num_threads()
    use_threads(spec, threads)
    state = loop.start(spec)
    for _ in loop.advance(state):
        pass
    torch.set_num_threads(before)
    return state


def assert_same(store: Store, run_id: str, state: loop.TrainState) -> None:
    weights = weights_of(store, run_id)
    for name, weight in state.model.state_dict().items():
        torch.testing.assert_close(weights[name], weight, rtol=0, atol=0)
