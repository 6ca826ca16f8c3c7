"""Two real servers on one store: each run has one of them, and another when that one is gone, not before."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select, true

from fmnist_core.data import fashion_mnist
from fmnist_core.spec import read_spec
from fmnist_core.store import schema
from fmnist_core.store.leases import LEASE_SECONDS
from fmnist_core.store.runs import Run, Store, StoreError
from tests.browser import driver
from tests.browser.driver import Server
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

LONG = read_spec(
    {
        "architecture": "ff_classifier",
        "hidden_sizes": [256],
        "batch_size": 10,
        "train_size": 5000,
        "validation_size": 100,
        "epochs": 500,
    }
)
MOST_LOST = 5.0  # seconds of training
MOST_WAITED = 10.0
WATCHED = 1.5 * LEASE_SECONDS  # what nobody renewed would have changed hands by then


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()


@contextmanager
def serve(folder: Path, store: Store) -> Iterator[Server]:
    """A server of that store, with a worker of its own; nobody opens a page."""
    settings = {"DATABASE_URL": store.url, "FMNIST_DATA": str(fashion_mnist.SAMPLE_FOLDER)}
    with driver.serve(folder, **settings, FMNIST_WORKERS="1") as server:
        yield server


def trains(store: Store, run_id: str, beyond: int = 0) -> Run:
    """The run, as soon as more than `beyond` batches are in the store."""
    wait_for(lambda: store.run(run_id).step > beyond, 60)
    return store.run(run_id)


def watch(store: Store, run_id: str, seconds: float, until: Callable[[Run], bool]) -> tuple[float, list[Run]]:
    """Looks at a run, and after how many seconds it was as wanted."""
    began, looks = time.monotonic(), []

    def is_so() -> bool:
        looks.append(store.run(run_id))
        return until(looks[-1])

    wait_for(is_so, seconds, poll=0.05)
    return time.monotonic() - began, looks


def watch_meanwhile(store: Store, run_id: str) -> list[Run]:
    """Looks at a run that trains on, for as long as it takes to take it away from a server."""
    enough, before = time.monotonic() + WATCHED, store.run(run_id).step
    return watch(store, run_id, 60, lambda run: time.monotonic() > enough and run.step > before)[1]


def saved_step(store: Store, run_id: str) -> int:
    table = schema.checkpoints.c
    with store.database.reading() as connection:
        return connection.execute(select(table.step).where(table.run_id == run_id)).scalar_one()


@contextmanager
def suspended(server: Server, store: Store, run_id: str) -> Iterator[None]:
    """The server and all that it has started stand still, at a moment when none of them holds a lock."""
    web_process = psutil.Process(server.pid)
    everybody = [web_process, *web_process.children(recursive=True)]
    try:
        for process in everybody:
            process.suspend()
        while not can_be_written(store, run_id):
            for process in everybody:
                process.resume()
            time.sleep(0.05)  # until the lock is given back, which nobody announces
            for process in everybody:
                process.suspend()
        yield
    finally:
        for process in everybody:
            process.resume()


def can_be_written(store: Store, run_id: str) -> bool:
    hasty = Store(store.url, patience=0.2)
    try:
        with hasty.database.writing() as connection:
            for key, locked in (
                (schema.runs.c.id, schema.runs.c.id == run_id),
                (schema.holders.c.id, true()),
            ):
                connection.execute(select(key).where(locked).with_for_update())
    except StoreError:
        return False
    finally:
        hasty.close()
    return True


def end(server: Server, number: signal.Signals) -> None:
    process = psutil.Process(server.pid)
    process.send_signal(number)
    process.wait(20)


def test_a_run_has_one_server_and_another_when_that_one_is_gone(tmp_path: Path, store: Store):
    """Gone as one that stands still, which may come back; as one told to end; and as one that was killed."""
    run_id = store.create_run(LONG, "ada")
    with serve(tmp_path / "first", store) as first:
        before = trains(store, run_id)
        with serve(tmp_path / "second", store) as second:
            second.wait_for_engine()
            looks = watch_meanwhile(store, run_id)
            assert {run.holder for run in looks} == {before.holder}, "nothing is taken from one that is there"
            assert_goes_forward(looks)

            with suspended(first, store, run_id):
                left = store.run(run_id)
                waited, looks = watch(store, run_id, 30, lambda run: run.holder != before.holder)
                assert 2.0 < waited < MOST_WAITED
                trains(store, run_id, left.step)
            follower = store.run(run_id).holder
            looks = watch_meanwhile(store, run_id)
            assert {run.holder for run in looks} == {follower}, "who comes back trains it no more"
            assert_goes_forward(looks)
            for server in (first, second):
                assert "Traceback" not in server.log.read_text()

            end(second, signal.SIGTERM)
            left = store.run(run_id)
            assert left.status == "running"
            assert saved_step(store, run_id) == left.step
            waited, looks = watch(store, run_id, 30, lambda run: run.step > left.step)
            assert min(run.step for run in looks) == left.step, "nothing is lost"
            assert waited < MOST_WAITED
            assert store.run(run_id).holder != follower

            end(first, signal.SIGKILL)
            left = store.run(run_id)
        with serve(tmp_path / "third", store):
            _, looks = watch(store, run_id, 60, lambda run: run.step > left.step)
            assert min(run.seconds for run in looks) > left.seconds - MOST_LOST


def assert_goes_forward(looks: list[Run]) -> None:
    steps = [run.step for run in looks]
    assert steps == sorted(steps)
