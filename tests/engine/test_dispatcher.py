"""The dispatcher when all workers are gone: pages are told so, and training goes on when one comes back."""

import subprocess
import sys
import time

import pytest

from fmnist_core.compute import client, cluster
from fmnist_core.engine.engine import Engine, EngineError
from tests.engine.live_runs import SHORT, finished, status
from tests.waiting import holds, wait_for

pytestmark = pytest.mark.slow


def dask_process(*command: str) -> subprocess.Popen:
    """`dask scheduler` or `dask worker`, as somebody would start it by hand."""
    program = [sys.executable, "-m", "dask", *command]
    return subprocess.Popen(program, cwd=cluster.PROJECT, stderr=subprocess.DEVNULL)


@pytest.fixture
def address(tmp_path):
    file = tmp_path / "scheduler.json"
    process = dask_process("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    try:
        wait_for(file.exists)
        yield wait_for(lambda: address_in(file.read_text()))
    finally:
        process.kill()
        process.wait()


def address_in(text: str) -> str | None:
    return text.split('"address": "')[1].split('"')[0] if '"address": "' in text else None


def is_in_memory(lab: Engine, run_id: str) -> bool:
    """Whether the worker answers from the run's state, though the store has nothing of the run."""
    try:
        return lab.ask("reconstruct", timeout=30, run_id=run_id, indices=[0]) is not None
    except EngineError:
        return False


def test_without_workers_a_query_is_refused_in_a_sentence_and_training_waits(address, store):
    start = ("worker", address, "--no-nanny", "--no-dashboard", "--nthreads", "2", "--worker-port", "0")
    worker = dask_process(*start)
    lab = Engine(store, scheduler=address, slice_seconds=0.2)
    lab.start()
    try:
        wait_for(lambda: lab.state == "ready")
        assert lab.ask("device_and_dtype", timeout=60)
        worker.kill()
        worker.wait()
        wait_for(lambda: lab.problem is not None)
        began = time.monotonic()
        with pytest.raises(EngineError, match="no workers"):
            lab.ask("device_and_dtype", timeout=0.5)
        assert time.monotonic() - began < 5
        assert lab.forecast(SHORT) is None
        run_id = lab.submit(SHORT, "ana")
        holds(lambda: status(store, run_id) == {"queued"}, 0.5)
        worker = dask_process(*start)
        assert finished(store, run_id).status == "finished"
        assert lab.problem is None
        assert lab.ask("reconstruct", timeout=30, run_id=run_id, indices=[0]).shape == (1, 10)
        lab.delete(run_id, "ana")
        wait_for(lambda: not is_in_memory(lab, run_id))
        with pytest.raises(EngineError):
            lab.ask("no such query", timeout=30)
    finally:
        lab.close()
        worker.kill()
        worker.wait()
    with pytest.raises(EngineError, match="did not answer"):
        lab.ask("device_and_dtype", timeout=0.5)


def test_it_ends_when_something_changes_at_the_moment_of_its_end(store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.2)
    lab = Engine(store, scheduler="tcp://127.0.0.1:9")
    lab.start()
    wait_for(lambda: lab.state == "failed")
    dispatcher = lab._dispatcher
    dispatcher._in_loop(lambda: (dispatcher._wake.set(), dispatcher._task.cancel()))
    dispatcher._thread.join(5)
    is_alive = dispatcher._thread.is_alive()
    lab.close()
    assert not is_alive
