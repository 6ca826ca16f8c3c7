"""The lab's home deleted, moved or replaced while a cluster trains: it is said at once, nothing is lost."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmnist_core.engine.engine import Engine
from fmnist_core.store.database_file import WRITTEN_BACK
from fmnist_core.store.runs import Store, StoreError
from tests.engine.live_runs import LONG, SHORT, finished, running
from tests.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lost") / "home"


@pytest.fixture(scope="module")
def store(home: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{home / 'lab.db'}")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lab(store: Store, home: Path) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_HOME", str(home))  # of the cluster, which keeps its log there
        with running(store) as engine:
            yield engine


def delete_home(home: Path) -> None:
    shutil.rmtree(home)


def rename_home(home: Path) -> None:
    home.rename(home.with_name("elsewhere"))


@pytest.mark.timed
@pytest.mark.parametrize("misfortune", [delete_home, rename_home])
def test_a_home_that_is_gone_comes_back_and_training_goes_on(
    lab: Engine, store: Store, home: Path, misfortune
):
    spec = SHORT.changed(epochs=100)
    done = lab.submit(SHORT, "ana")
    finished(store, done)
    run_id = lab.submit(spec, "ana")
    wait_for(lambda: store.run(run_id).epoch >= 3)
    misfortune(home)
    gone = time.monotonic()
    wait_for(lambda: lab.problem == WRITTEN_BACK)
    assert time.monotonic() - gone < 2, "a learner who looks is told within 2 s"
    run = finished(store, run_id)
    assert (run.status, run.step) == ("finished", spec.total_steps)
    assert list(store.batch_curve(run_id, points=10**4)[0]) == list(range(1, spec.total_steps + 1))
    stranger = Store(f"sqlite:///{home / 'lab.db'}")  # what the next start of the lab will find
    assert {one.id: one.status for one in stranger.runs()} == {done: "finished", run_id: "finished"}
    assert stranger.checkpoint(run_id) is not None
    stranger.close()


def test_a_replaced_database_stops_training_and_the_right_one_brings_it_back(
    lab: Engine, store: Store, home: Path
):
    run_id = lab.submit(LONG, "ana")
    wait_for(lambda: store.run(run_id).step > 0)
    right = home / "lab.db"
    (home / "right").hardlink_to(right)
    right.unlink()
    right.write_bytes(b"")
    wait_for(lambda: lab.waiting(run_id))
    assert "replaced by another file" in str(lab.waiting(run_id))
    assert right.read_bytes() == b"", "what is not the lab's is left alone"
    with pytest.raises(StoreError, match="replaced by another file"):
        store.run(run_id)  # which is what a page says
    (home / "right").replace(right)
    step = store.run(run_id).step
    wait_for(lambda: store.run(run_id).step > step + 20)
    wait_for(lambda: lab.waiting(run_id) is None)
