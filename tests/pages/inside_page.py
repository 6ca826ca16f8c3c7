"""Small runs to look into, a worker's answers without a worker, and what a page says in HTML."""

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.engine.engine import Engine, QueryRefused
from fmnist_core.nets.worker import slices
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec, read_spec
from pages.parts.base.services import store
from tests.nets.worker.slice_requests import request_for

SMALL = {"train_size": 300, "validation_size": 100, "epochs": 1, "batch_size": 50}
NETWORKS = {
    "ff_autoencoder": {"hidden_sizes": [8], "dropout": 0.2},
    "conv_autoencoder": {"hidden_sizes": [8]},
    "ff_classifier": {"hidden_sizes": [12, 9]},
    "conv_classifier": {"hidden_sizes": [16], "loss": "mse", "dropout": 0.1},
}


def answer_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a page asks of workers, this process answers."""

    def ask(engine: Engine, query: str, timeout: float = 5.0, **arguments):
        if "run_id" in arguments:
            arguments["store_url"] = store().url
        try:
            return QUERIES[query](**arguments)
        except LabError as refused:
            raise QueryRefused(*refused.sentences) from refused

    monkeypatch.setattr(Engine, "ask", ask)


def spec_of(name: str) -> RunSpec:
    return read_spec({"architecture": name, **SMALL, **NETWORKS[name]})


def trained(spec: RunSpec, learner: str = "B" * 22) -> str:
    run_id = store().create_run(spec, learner)
    while slices.advance_slice(request_for(store(), run_id, full_data=True)).outcome == "advanced":
        pass
    return run_id


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))
