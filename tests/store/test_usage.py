"""What runs take of the disk, the bounds on it, and that deleting gives it back."""

import shutil
import sqlite3
import time
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.events import Batches, Snapshot
from fmnist_core.own_report import pin
from fmnist_core.own_report.reports import OwnReport
from fmnist_core.spec import read_spec
from fmnist_core.store import database
from fmnist_core.store.runs import Store, StoreError
from fmnist_core.store.usage import Usage, usage

SPEC = read_spec({"architecture": "ff_classifier"})
OUTPUTS = np.zeros((10, 10), np.float32)
DiskUsage = namedtuple("DiskUsage", "total used free")


def train(store: Store, learner: str, state: int, checkpoint: int) -> str:
    run_id = store.create_run(SPEC, learner)
    events = [Batches(1, np.ones(1000, np.float32)), Snapshot(1000, 1.0, OUTPUTS, bytes(state))]
    lease = store.claim(run_id)
    store.write_slice(run_id, lease, events, step=1000, epoch=1, seconds=1.0, checkpoint=bytes(checkpoint))
    return run_id


def test_usage_is_what_the_learners_runs_hold(store: Store):
    assert usage(store.database, "ada").used == 0
    runs = [train(store, "ada", 2_000_000, 3_000_000), train(store, "ada", 0, 500_000)]
    train(store, "ben", 7_000_000, 0)
    # 4,000 bytes of losses a run, and 528 of outputs.
    assert usage(store.database, "ada").used == pytest.approx(5.5 + 2 * 0.0045, abs=0.001)
    store.delete(runs[0])
    assert usage(store.database, "ada").used == pytest.approx(0.5 + 0.0045, abs=0.001)


def test_pins_count_for_whoever_writes_their_report(store: Store):
    ada, ben = OwnReport(store, "ada"), OwnReport(store, "ben")
    noise = np.random.default_rng(0).bytes(600_000).hex()
    packed = pin.table(["noise"], [[noise]])
    id = ada.pin(packed, "", [])
    size = len(packed.packed()) / 1_000_000
    assert size > 0.5
    assert usage(store.database, "ada").used == pytest.approx(size)
    assert usage(store.database, "ben").used == 0
    ben.join(ada.begin().code)
    assert usage(store.database, "ben").used == pytest.approx(size)
    ada.delete_pin(id)
    assert usage(store.database, "ada").used == usage(store.database, "ben").used == 0


@pytest.mark.parametrize(
    ("of", "refused", "warned"),
    [
        (Usage(799, 1000, 2000, 500), None, None),
        (Usage(800, 1000, 2000, 500), None, "Your runs and pins take 800 of 1,000 MB"),
        (Usage(1000, 1000, 2000, 500), "each learner has 1,000 MB here. Delete some", "of 1,000 MB"),
        (Usage(9999, 0, 2000, 500), None, None),
        (Usage(0, 1000, 999, 500), None, "has 999 MB left. Training stops when it has 500 MB"),
        (Usage(0, 1000, 499, 500), "has 499 MB left, and 500 MB must stay free", "Training stops"),
        (Usage(0, 1000, 0, 0), None, None),
        (Usage(0, 1000, None, 500), None, None),
    ],
)
def test_a_sentence_comes_before_a_bound_and_another_at_it(
    of: Usage, refused: str | None, warned: str | None
):
    for sentence, words in ((of.refusal, refused), (of.warning, warned)):
        assert (sentence is None) == (words is None)
        assert words is None or words in str(sentence)


def test_bounds_are_set_by_the_environment(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_QUOTA_MB", "3")
    monkeypatch.setenv("FMNIST_FREE_MB", "70")
    now = usage(store.database, "ada")
    assert (now.quota, now.floor) == (3, 70)
    monkeypatch.setenv("FMNIST_QUOTA_MB", "lots")
    with pytest.raises(StoreError, match="FMNIST_QUOTA_MB must be a whole number of megabytes"):
        usage(store.database, "ada")


def test_only_a_disk_of_our_own_has_a_floor(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: DiskUsage(10**9, 10**9, 10**7))
    free = usage(store.database, "ada").free
    assert free == (10.0 if store.url.startswith("sqlite") else None)


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("lab.db*"))


def test_deleting_gives_the_room_back_at_once(sqlite_url: str, tmp_path: Path):
    store = Store(sqlite_url)
    before = size(tmp_path)
    runs = [train(store, "ada", 10_000_000, 10_000_000) for _ in range(3)]
    assert size(tmp_path) > 60_000_000
    for run_id in runs:
        store.delete(run_id)
    assert size(tmp_path) < before + 200_000
    store.close()


def test_a_reader_does_not_keep_a_run_from_being_deleted(sqlite_url: str, tmp_path: Path):
    store = Store(sqlite_url)
    run_id = train(store, "ada", 1_000_000, 1_000_000)
    reader = sqlite3.connect(tmp_path / "lab.db", isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT COUNT(*) FROM runs").fetchone() == (1,)
    store.delete(run_id)
    assert reader.execute("SELECT COUNT(*) FROM runs").fetchone() == (1,)
    reader.close()
    assert store.runs() == []
    store.close()


def test_the_log_beside_the_file_stays_short(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "LONGEST_WAL", 3_000_000)
    store = Store(sqlite_url)
    run_id = store.create_run(SPEC, "ada")
    lease = store.claim(run_id)
    for step in range(20):
        store.write_slice(run_id, lease, [], step=step, epoch=0, seconds=0.0, checkpoint=bytes(1_000_000))
        assert (tmp_path / "lab.db-wal").stat().st_size < 5_000_000
    store.close()


def test_a_store_that_has_given_room_back_waits_for_a_lock_as_long_as_before(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}", patience=0.1)
    store.database.give_back()
    locked = sqlite3.connect(tmp_path / "lab.db", isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(StoreError, match="busy"):
        store.create_run(SPEC, "ana")
    assert time.monotonic() - began < 5
    locked.close()
    store.close()
