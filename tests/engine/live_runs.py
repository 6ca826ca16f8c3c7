"""Runs small enough to be trained for a test on a real cluster, and what becomes of them."""

import time

from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store

SMALL = {"architecture": "ff_classifier", "hidden_sizes": [16], "batch_size": 50, "train_size": 1000}
SMALL |= {"validation_size": 200}
SHORT = read_spec({**SMALL, "epochs": 3})
LONG = read_spec({**SMALL, "epochs": 500})
SECONDS = 90.0  # much more than anything here takes on a machine of one's own


def wait_for(condition, seconds=SECONDS):
    """What the condition returns once that is true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return value


def status(store: Store, *run_ids: str) -> set[str]:
    return {store.run(run_id).status for run_id in run_ids}


def finished(store: Store, run_id: str):
    wait_for(lambda: status(store, run_id) <= {"finished", "stopped", "failed"})
    return store.run(run_id)
