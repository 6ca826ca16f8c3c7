"""A disk that fills up while a run trains on a real cluster: the run waits, says why, and nothing is lost."""

import pytest
from distributed import Client

from fmnist_core.compute import cluster
from tests.engine import disk
from tests.engine.live_runs import LONG, SHORT, assert_same, finished, running, status, trained_here
from tests.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(store, launched):
    with running(store, workers=1) as lab:
        yield lab


class Disk:
    """That of this process and of the workers."""

    def __init__(self, workers: Client) -> None:
        self.workers = workers

    def fill(self) -> None:
        disk.fill()
        self.workers.run(disk.fill)

    def give_room(self) -> None:
        disk.give_room()
        self.workers.run(disk.give_room)


@pytest.fixture
def the_disk(engine, launched):
    given = cluster.handover(launched[0])
    with Client(given.address, security=cluster.connection(given), set_as_default=False) as workers:
        yield Disk(workers)
        Disk(workers).give_room()


def test_a_run_waits_while_the_disk_is_full_and_goes_on_when_there_is_room(engine, the_disk, store):
    spec = SHORT.changed(epochs=80)
    run_id = engine.submit(spec, "ana")
    wait_for(lambda: store.run(run_id).epoch >= 3)
    the_disk.fill()
    reason = str(wait_for(lambda: engine.waiting(run_id)))
    assert reason.startswith("The disk of the lab's database is full")
    assert "goes on by itself" in reason
    stored = store.run(run_id)
    assert 0 < stored.step < spec.total_steps
    assert list(store.batch_curve(run_id, spec.total_steps)[0]) == list(range(1, stored.step + 1))
    assert (status(store, run_id), engine.state) == ({"running"}, "ready")

    the_disk.give_room()
    run = finished(store, run_id)
    assert (run.status, run.step, run.reason) == ("finished", spec.total_steps, None)
    assert engine.waiting(run_id) is None
    assert list(store.batch_curve(run_id, spec.total_steps)[0]) == list(range(1, spec.total_steps + 1))
    assert [epoch.epoch for epoch in store.epochs(run_id)] == list(range(1, spec.epochs + 1))
    assert run.notice is None, "nothing was trained twice"
    assert_same(store, run_id, trained_here(spec, threads=cluster.cores()))


def test_a_pause_while_the_disk_is_full_counts_and_is_saved_when_there_is_room(engine, the_disk, store):
    run_id = engine.submit(LONG, "ana")
    wait_for(lambda: store.run(run_id).step > 0)
    the_disk.fill()
    wait_for(lambda: engine.waiting(run_id))
    engine.pause(run_id, "ana")
    the_disk.give_room()
    wait_for(lambda: status(store, run_id) == {"paused"} and engine.waiting(run_id) is None)
    step = wait_for(lambda: store.checkpoint(run_id) and store.run(run_id).step)
    assert list(store.batch_curve(run_id, LONG.total_steps)[0]) == list(range(1, step + 1))
    engine.delete(run_id, "ana")
