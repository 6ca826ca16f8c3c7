"""Runs small enough to be trained for a test on a real cluster, and what becomes of them."""

from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.runs import Store
from tests.waiting import wait_for

SMALL = {"architecture": "ff_classifier", "hidden_sizes": [16], "batch_size": 50, "train_size": 1000}
SMALL |= {"validation_size": 200}
SHORT = read_spec({**SMALL, "epochs": 3})
LONG = read_spec({**SMALL, "epochs": 500})


def status(store: Store, *run_ids: str) -> set[str]:
    return {store.run(run_id).status for run_id in run_ids}


def finished(store: Store, run_id: str):
    wait_for(lambda: status(store, run_id) <= {"finished", "stopped", "failed"})
    return store.run(run_id)


def planned(spec: RunSpec = SHORT, count: int = 6) -> list[tuple[RunSpec, str]]:
    """The members of a sweep over seeds."""
    return [(spec.changed(seed=seed), f"seed {seed}") for seed in range(count)]
