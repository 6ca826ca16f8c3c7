"""A scheduler elsewhere that goes away, falls silent and comes back: learners are told within 2 s."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmnist_core.compute import client
from fmnist_core.engine.engine import Engine
from fmnist_core.store.runs import Store
from tests.engine.elsewhere import Elsewhere, scheduler_elsewhere
from tests.engine.live_runs import LONG
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timed]
TOLD = 2.0  # seconds


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    with scheduler_elsewhere(tmp_path) as theirs:
        yield theirs


@pytest.fixture
def lab(tmp_path: Path, elsewhere: Elsewhere) -> Iterator[Engine]:
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    running = Engine(store, scheduler=elsewhere.address, slice_seconds=0.2)
    running.start()
    yield running
    running.close()
    store.close()


def trains_on(lab: Engine, run_id: str) -> None:
    step = lab._store.run(run_id).step
    wait_for(lambda: lab._store.run(run_id).step > step)


def seconds_until_told(lab: Engine) -> float:
    """Seconds until the lab says that something is wrong."""
    began = time.monotonic()
    wait_for(lambda: lab.problem)
    return time.monotonic() - began


def test_a_scheduler_that_is_gone_is_named_and_the_sentence_goes_when_it_is_back(lab, elsewhere):
    run_id = lab.submit(LONG, "ana")
    trains_on(lab, run_id)
    wait_for(lambda: lab.problem is None)
    elsewhere.end()
    assert seconds_until_told(lab) < TOLD
    assert lab.problem == client.NO_SCHEDULER
    elsewhere.start()
    wait_for(lambda: lab.problem is None)
    trains_on(lab, run_id)
    assert lab.problem is None


def test_a_scheduler_that_stands_still_is_told_of_and_then_goes_on(lab, elsewhere):
    run_id = lab.submit(LONG, "ana")
    trains_on(lab, run_id)
    wait_for(lambda: lab.problem is None)
    elsewhere.signal(signal.SIGSTOP)
    try:
        assert seconds_until_told(lab) < TOLD
        assert lab.problem == client.SILENT
    finally:
        elsewhere.signal(signal.SIGCONT)
    wait_for(lambda: lab.problem is None)
    trains_on(lab, run_id)
