"""Faults of the real thing while a real cluster trains: a run waits, says why, and goes on by itself."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from fmnist_core.compute import memory
from fmnist_core.compute.cluster import log_file
from fmnist_core.engine.active_runs import OVERTAXING
from fmnist_core.engine.engine import Engine
from fmnist_core.store.runs import Store, StoreError
from tests.cluster_processes import clusters, workers
from tests.databases import Postgres
from tests.engine.live_runs import LONG, SHORT, finished, running
from tests.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def store(own_store: Store) -> Store:
    return own_store


@pytest.fixture
def lab(store: Store) -> Iterator[Engine]:
    """A cluster for each test, which leaves it wounded."""
    with running(store, workers=1) as engine:
        yield engine


def is_finished(store: Store, run_id: str, said: set[str]) -> bool:
    """Whether the run has finished; notes what a page would say of the database meanwhile."""
    try:
        run = store.run(run_id)
    except StoreError as error:
        said.add(str(error))
        return False
    said.add(str(run.reason))
    assert run.status in ("queued", "running", "finished"), run.reason
    return run.status == "finished"


@pytest.fixture
def store_on_postgres(own_postgres: Postgres) -> Iterator[Store]:
    store = Store(own_postgres.url)
    yield store
    store.close()


@pytest.fixture
def lab_on_postgres(store_on_postgres: Store) -> Iterator[Engine]:
    with running(store_on_postgres, workers=1) as engine:
        yield engine


def test_a_postgres_that_restarts_is_waited_for_and_no_sentence_shows_its_address(
    lab_on_postgres: Engine, store_on_postgres: Store, own_postgres: Postgres
):
    lab, store = lab_on_postgres, store_on_postgres
    spec = SHORT.changed(epochs=100)
    run_id = lab.submit(spec, "ana")
    wait_for(lambda: store.run(run_id).epoch >= 3)
    said: set[str] = set()

    def note() -> bool:
        said.update(map(str, (lab.problem, lab.waiting(run_id))))
        return is_finished(store, run_id, said)

    for _ in range(2):
        own_postgres.stop()
        down = time.monotonic()
        while time.monotonic() - down < 1.5:  # the length of a restart
            note()
            time.sleep(0.05)
        own_postgres.start()
        step = store.run(run_id).step
        wait_for(lambda step=step: note() or store.run(run_id).step > step)
    wait_for(note)
    assert any("database does not answer" in sentence for sentence in said)
    for secret in ("postgresql", "lab@", "lab-postgres-"):
        assert not any(secret in sentence for sentence in said)
    assert list(store.batch_curve(run_id, points=10**4)[0]) == list(range(1, spec.total_steps + 1))


def fork_server(cluster: psutil.Process) -> psutil.Process | None:
    """The one that workers are forked from, as multiprocessing starts it; none while it is dead."""
    for process in cluster.children():
        with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            if any("forkserver" in word for word in process.cmdline()):
                return process
    return None


@pytest.mark.parametrize("victim", ["cluster", "fork server"])
def test_a_cluster_killed_three_times_within_seconds_costs_seconds(lab: Engine, store: Store, victim: str):
    spec = SHORT.changed(epochs=150)
    run_id = lab.submit(spec, "ana")
    wait_for(lambda: store.run(run_id).epoch >= 2)
    began = time.monotonic()
    for _ in range(3):
        cluster = wait_for(clusters)[0]
        process = cluster if victim == "cluster" else wait_for(lambda cluster=cluster: fork_server(cluster))
        process.kill()
        psutil.wait_procs([process], timeout=10)
        step = store.run(run_id).step
        wait_for(lambda step=step: lab._dispatcher.machines.workers and store.run(run_id).step != step)
    assert time.monotonic() - began < 60
    run = finished(store, run_id)
    assert (run.status, run.step, run.reason) == ("finished", spec.total_steps, None)
    assert list(store.batch_curve(run_id, points=10**4)[0]) == list(range(1, spec.total_steps + 1))


def test_a_fork_server_killed_in_the_middle_of_a_fork_costs_seconds(lab: Engine, store: Store):
    """Dask's nanny gives up then, and closes itself."""
    spec = SHORT.changed(epochs=100)
    run_id = lab.submit(spec, "ana")
    wait_for(lambda: store.run(run_id).epoch >= 2)
    cluster = wait_for(clusters)[0]
    first = wait_for(lambda: fork_server(cluster))
    first.kill()
    # The second is started by the nanny that asks it for a worker at once.
    wait_for(lambda: (second := fork_server(cluster)) != first and second, poll=0.001).kill()
    wait_for(lambda: not lab._dispatcher.machines.workers)
    began = time.monotonic()
    wait_for(lambda: lab._dispatcher.machines.workers)
    assert time.monotonic() - began < 20
    assert "Failed to start process" in log_file().read_text(), "the nanny has given up"
    run = finished(store, run_id)
    assert (run.status, run.step, run.reason) == ("finished", spec.total_steps, None)
    assert list(store.batch_curve(run_id, points=10**4)[0]) == list(range(1, spec.total_steps + 1))


@pytest.mark.parametrize("counted", [True, False], ids=["the kernel says so", "nobody says so"])
def test_only_the_kernels_word_makes_memory_the_runs_own_fault(
    lab: Engine, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: bool
):
    """Workers that are killed as the kernel would, with or without its count of such kills rising."""
    events = tmp_path / "memory.events"
    events.write_text("oom_kill 0\n")
    monkeypatch.setattr(memory, "KERNEL_COUNTS", (str(events),))
    run_id = lab.submit(LONG, "ana")
    wait_for(lambda: store.run(run_id).step > 0)
    job = lab._active_runs._jobs[run_id]
    kills = 0

    def losses() -> int:
        # The kernel's word that comes before a time slice begins is none on the loss of that slice's worker.
        return job.lost_workers.out_of_memory if counted else job.lost_workers.count

    while losses() < 3:
        lost = losses()
        wait_for(lambda: job.lease and lab._dispatcher._under_way)
        kills += 1
        if counted:
            events.write_text(f"oom_kill {kills}\n")
        for process in workers():
            process.kill()
        assert kills < 10
        served = job.served  # a worker killed between two time slices has lost nothing: the run trains on
        wait_for(lambda lost=lost, served=served: losses() > lost or job.served > served + 2)
    if counted:
        wait_for(lambda: store.run(run_id).status == "failed")
        assert store.run(run_id).reason == OVERTAXING
    else:
        step = store.run(run_id).step
        wait_for(lambda: store.run(run_id).step > step)
        assert store.run(run_id).status == "running"
