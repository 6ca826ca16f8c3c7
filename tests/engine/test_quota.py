"""A learner whose quota is used up, and a disk that is nearly full: refused in a sentence, nothing lost."""

import shutil
from collections import namedtuple
from collections.abc import Iterator

import pytest

from fmnist_core.engine.engine import Engine, EngineError
from fmnist_core.store.runs import Store
from tests.engine.live_runs import SHORT

DiskUsage = namedtuple("DiskUsage", "total used free")


@pytest.fixture
def store(own_store: Store) -> Store:
    return own_store


@pytest.fixture
def lab(store: Store) -> Iterator[Engine]:
    engine = Engine(store)
    yield engine
    engine.close()


def test_nothing_new_begins_over_the_quota_until_something_is_deleted(
    lab: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FMNIST_QUOTA_MB", "2")
    run_id = lab.submit(SHORT, "ana", paused=True)
    lease = store.claim(run_id)
    store.write_slice(run_id, lease, [], step=1, epoch=0, seconds=0.1, checkpoint=bytes(2_100_000))
    begin = (
        lambda: lab.submit(SHORT, "ana"),
        lambda: lab.submit(SHORT, "ana", paused=True),
        lambda: lab.branch(run_id, 1, "ana"),
        lambda: lab.resume(run_id, "ana"),
        lambda: lab.step_batch(run_id, "ana"),
    )
    for attempt in begin:
        with pytest.raises(EngineError, match="Your runs and pins take 2 MB, and each learner has 2 MB here"):
            attempt()
    assert len(store.runs("ana")) == 1
    lab.submit(SHORT, "ben", paused=True)
    lab.delete(run_id, "ana")
    lab.submit(SHORT, "ana", paused=True)


def test_nothing_begins_on_a_disk_that_is_nearly_full(
    lab: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: DiskUsage(10**12, 10**12, 400_000_000))
    with pytest.raises(EngineError, match="has 400 MB left, and 500 MB must stay free"):
        lab.submit(SHORT, "ana")
    assert store.runs() == []
