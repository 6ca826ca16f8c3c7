"""Requests as the dispatcher sends them to a worker, with what most tests need."""

from fmnist_core.messages import SliceRequest
from fmnist_core.store.runs import Store


def request_for(store: Store, run_id: str, **values) -> SliceRequest:
    fields = {
        "lease": store.run(run_id).lease or store.claim(run_id),
        "time_slice": "time_slice",
        "threads": 1,
    }
    fields |= {"seconds": 60.0, "epochs": store.run(run_id).spec.epochs, "full_data": False}
    return SliceRequest(store_url=store.url, run_id=run_id, **(fields | values))
