"""A lab with two workers, on the sample, for all tests of a module."""

import pytest

from fmnist_core.compute import client, cluster
from fmnist_core.data import fashion_mnist
from fmnist_core.store.runs import Store
from tests.engine.live_runs import running


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
    with running(store) as engine:
        yield engine


@pytest.fixture(autouse=True)
def _nothing_goes_on(request: pytest.FixtureRequest):
    """Each test leaves the workers of its module's lab to the next."""
    lab = request.getfixturevalue("lab") if "lab" in request.fixturenames else None
    yield
    if lab is not None:
        for sweep in lab.sweep_queue.sweeps.going():
            lab.sweep_queue.stop(sweep.id, sweep.learner)
        for run in lab._store.runs():
            lab.delete(run.id, run.learner)


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
