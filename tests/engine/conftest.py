"""A lab with two workers, on the sample, for all tests of a module."""

import pytest

from fmnist_core.compute import client, cluster
from fmnist_core.data import fashion_mnist
from fmnist_core.engine.engine import Engine
from fmnist_core.store.runs import Store
from tests.waiting import wait_for


@pytest.fixture(scope="module", autouse=True)
def _on_the_sample(sample_data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
        yield


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = Store(f"sqlite:///{tmp_path_factory.mktemp('engine') / 'lab.db'}")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lab(store):
    running = Engine(store, workers=2, slice_seconds=0.2)
    running.start()
    wait_for(lambda: running.state == "ready")
    yield running
    running.close()


@pytest.fixture(scope="module")
def launched():
    """The embedded clusters that were started."""
    clusters: list[cluster.Cluster] = []
    launch = cluster.launch

    def remembered(workers: int) -> cluster.Cluster:
        clusters.append(launch(workers))
        return clusters[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client.cluster, "launch", remembered)
        yield clusters
