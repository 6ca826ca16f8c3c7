"""A database that is deleted, moved away or replaced while it is open: nothing of it is lost in silence."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fmnist_core.spec import read_spec
from fmnist_core.store.database_file import CANNOT_PUT_BACK, WRITTEN_BACK
from fmnist_core.store.runs import Store, StoreError
from tests.store.processes import process

SPEC = read_spec({"architecture": "ff_classifier"})


@pytest.fixture
def store(own_store: Store) -> Store:
    return own_store


def names(home: Path) -> set[str]:
    return set(names_of(home))


def names_of(home: Path) -> list[str]:
    """What somebody reads who opens the file at its place."""
    stranger = Store(f"sqlite:///{home / 'lab.db'}")
    names = [run.name for run in stranger.runs()]
    stranger.close()
    return names


def delete_folder(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)  # somebody may write to it meanwhile


def delete_files(home: Path) -> None:
    for file in home.glob("lab.db*"):
        file.unlink()


def delete_only_the_db(home: Path) -> None:
    """SQLite's log stays, and would hide pages of whatever file is put beside it."""
    (home / "lab.db").unlink()


def move_only_the_db(home: Path) -> None:
    (home / "lab.db").rename(home.with_name("moved.db"))


def delete_only_the_log(home: Path) -> None:
    """Who has it open goes on writing to it; who opens the file next does not see that."""
    (home / "lab.db-wal").unlink()


def rename_folder(home: Path) -> None:
    home.rename(home.with_name("elsewhere"))


@pytest.mark.parametrize(
    "misfortune",
    [delete_folder, delete_files, delete_only_the_db, move_only_the_db, delete_only_the_log, rename_folder],
)
def test_what_was_deleted_is_written_back_and_the_store_goes_on(store: Store, home: Path, misfortune):
    store.create_run(SPEC, "ada", "before")
    assert store.database.news is None
    misfortune(home)
    assert [run.name for run in store.runs()] == ["before"]
    assert store.database.news == WRITTEN_BACK
    assert names(home) == {"before"}
    store.create_run(SPEC, "ada", "after")
    assert names(home) == {"before", "after"}
    assert {file.name for file in home.iterdir()} <= {"lab.db", "lab.db-wal", "lab.db-shm"}
    with sqlite3.connect(home / "lab.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (1,)
    connection.close()
    assert home.stat().st_mode & 0o077 == 0 or misfortune not in (delete_folder, rename_folder)


@pytest.mark.parametrize("misfortune", [delete_folder, delete_only_the_db])
def test_it_is_written_back_where_the_system_has_no_locks_for_it(
    store: Store, home: Path, misfortune, monkeypatch
):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    store.create_run(SPEC, "ada", "before")
    misfortune(home)
    store.create_run(SPEC, "ada", "after")
    assert names(home) == {"before", "after"}


def test_who_is_slower_to_write_it_back_leaves_the_log_of_who_was_quicker(store: Store, home: Path):
    store.create_run(SPEC, "ada", "before")
    quicker = Store(store.url)
    assert [run.name for run in quicker.runs()] == ["before"]
    log = (home / "lab.db-wal").stat().st_ino
    delete_only_the_db(home)
    folder = os.open(home, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    both = [
        threading.Thread(target=one.create_run, args=(SPEC, "ada", name))
        for one, name in ((store, "slow"), (quicker, "quick"))
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(0.3)
        assert thread.is_alive(), "neither goes on while another process is at it"
    assert (home / "lab.db-wal").stat().st_ino == log
    assert not (home / "lab.db").exists()
    os.close(folder)
    for thread in both:
        thread.join()
    quicker.close()
    assert names(home) == {"before", "slow", "quick"}


def test_it_may_happen_twice(store: Store, home: Path):
    for name in ("one", "two", "three"):
        store.create_run(SPEC, "ada", name)
        shutil.rmtree(home)
    assert len(store.runs()) == 3
    assert names(home) == {"one", "two", "three"}


def test_a_folder_that_is_renamed_and_back_before_anybody_looks_is_as_it_was(store: Store, home: Path):
    store.create_run(SPEC, "ada", "before")
    rename_folder(home)
    home.with_name("elsewhere").rename(home)
    store.create_run(SPEC, "ada", "after")
    assert store.database.news is None
    assert names(home) == {"before", "after"}


def test_where_it_cannot_be_written_back_everything_waits_and_nothing_is_lost(store: Store, home: Path):
    store.create_run(SPEC, "ada", "before")
    shutil.rmtree(home)
    home.write_text("a file, and no folder")
    for _ in range(2):
        with pytest.raises(StoreError) as refused:
            store.create_run(SPEC, "ada", "meanwhile")
        assert refused.value.sentence == CANNOT_PUT_BACK
    home.unlink()
    store.create_run(SPEC, "ada", "after")
    assert names(home) == {"before", "after"}


def test_a_file_that_was_replaced_is_left_alone_and_what_was_open_is_kept_beside_it(store: Store, home: Path):
    store.create_run(SPEC, "ada", "before")
    other = Store(f"sqlite:///{home.with_name('other') / 'lab.db'}")
    other.create_run(SPEC, "ben", "another's")
    other.close()
    delete_files(home)
    shutil.copy(home.with_name("other") / "lab.db", home / "lab.db")
    for _ in range(2):
        with pytest.raises(StoreError, match="replaced by another file") as refused:
            store.create_run(SPEC, "ada", "meanwhile")
    assert names(home) == {"another's"}
    (aside,) = home.glob("lab-before-*.db")
    assert aside.name in str(refused.value)
    put_aside = Store(f"sqlite:///{aside}")
    assert {run.name for run in put_aside.runs()} == {"before"}
    put_aside.close()


def written_back(store: Store, home: Path) -> None:
    delete_files(home)
    store.runs()


def as_it_was_made(store: Store, home: Path) -> None:
    pass


@pytest.mark.parametrize("before", [as_it_was_made, written_back])
def test_a_file_moved_over_the_open_one_is_read_without_the_log_of_that(store: Store, home: Path, before):
    """SQLite would take the log beside it for its own, and put the pages of one file into the other."""
    other = Store(f"sqlite:///{home.with_name('other') / 'lab.db'}")
    other.create_run(SPEC, "ben", "another's")
    other.close()
    store.create_run(SPEC, "ada", "before")
    before(store, home)
    for k in range(5):
        store.create_run(SPEC, "ada", f"later {k}")
    assert (home / "lab.db-wal").stat().st_size > 0
    (home.with_name("other") / "lab.db").rename(home / "lab.db")
    with pytest.raises(StoreError, match="replaced by another file"):
        store.runs()
    assert names(home) == {"another's"}
    (aside,) = home.glob("lab-before-*.db")
    kept = Store(f"sqlite:///{aside}")
    assert {run.name for run in kept.runs()} == {"before", *(f"later {k}" for k in range(5))}
    kept.close()
    store.close()
    assert names(home) == {"another's"}


def test_a_log_that_came_with_the_other_file_stays(store: Store, home: Path):
    store.create_run(SPEC, "ada", "before")
    other = Store(f"sqlite:///{home.with_name('other') / 'lab.db'}")
    other.create_run(SPEC, "ben", "in its log alone")
    for file in home.with_name("other").iterdir():
        file.rename(home / file.name)
    with pytest.raises(StoreError, match="replaced by another file"):
        store.runs()
    other.close()
    assert names(home) == {"in its log alone"}


def replace_for_a_moment(home: Path, *who_looks: Store) -> None:
    os.link(home / "lab.db", home / "kept")
    (home / "lab.db").unlink()
    (home / "lab.db").write_bytes(b"something else")
    for store in who_looks:
        with pytest.raises(StoreError, match="replaced"):
            store.runs()
    os.replace(home / "kept", home / "lab.db")


def test_the_very_file_put_back_by_hand_is_gone_on_with(store: Store, home: Path):
    store.create_run(SPEC, "ada", "before")
    replace_for_a_moment(home, store)
    assert [run.name for run in store.runs()] == ["before"]


@pytest.mark.parametrize("idle", [False, True], ids=["both looked", "one looked"])
def test_connections_to_the_very_file_put_back_share_one_log(store: Store, home: Path, idle: bool):
    """Those of before have a log that is gone from its folder, where nobody else reads what they write."""
    other = Store(store.url)
    for one in (store, other):
        one.create_run(SPEC, "ada", "before")
    replace_for_a_moment(home, store, *([] if idle else [other]))
    for k in range(3):
        for one in (other, store):
            one.create_run(SPEC, "ada", f"after {k}")
            with one.database.reading(), one.database.reading():  # so that a second is opened
                assert len(one.runs()) == len(names_of(home))
    other.close()
    assert len(names_of(home)) == 8


STRANGER = """
import sys
from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store
store = Store(sys.argv[1])
store.create_run(read_spec({"architecture": "ff_classifier"}), "ben", "stranger")
print("wrote", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("checkpoint", ["PASSIVE", "TRUNCATE"])
def test_who_has_lost_its_log_does_not_write_over_what_a_stranger_wrote(
    store: Store, home: Path, checkpoint: str
):
    """A process that opens the file before this one looks makes another log; no two are ever put together."""
    store.create_run(SPEC, "ada", "before")
    with store.database.at_once() as connection:
        connection.exec_driver_sql(f"PRAGMA wal_checkpoint({checkpoint})")
    delete_only_the_log(home)
    stranger = process(STRANGER, store.url, stdin=subprocess.PIPE)
    said = stranger.stdout.readline()
    before = (home / "lab.db").stat().st_ino
    with pytest.raises(StoreError):
        store.create_run(SPEC, "ada", "after")
    assert (home / "lab.db").stat().st_ino == before, "the stranger's file is left alone"
    assert said == "wrote\n"
    stranger.communicate("end\n")


def test_what_is_in_the_lost_log_alone_is_kept_from_a_stranger_until_it_is_written_back(
    store: Store, home: Path
):
    store.create_run(SPEC, "ada", "before")
    delete_only_the_log(home)
    stranger = process(STRANGER, store.url, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    said, refused = stranger.communicate("end\n")
    assert said == ""
    assert "StoreError" in refused
    store.create_run(SPEC, "ada", "after")
    assert names(home) == {"before", "after"}


def test_a_log_that_went_with_the_last_connection_is_no_misfortune(store: Store, home: Path):
    store.create_run(SPEC, "ada", "before")
    store.database.engine.dispose()
    assert not (home / "lab.db-wal").exists()
    store.create_run(SPEC, "ada", "after")
    assert store.database.news is None
    assert names(home) == {"before", "after"}


@pytest.mark.parametrize("misfortune", [delete_folder, delete_only_the_db, delete_only_the_log])
def test_threads_and_stores_that_share_it_lose_nothing(store: Store, home: Path, misfortune):
    """Everything that was acknowledged is there, whoever wrote it, however often the folder went."""
    others = [Store(store.url) for _ in range(3)]
    acknowledged: list[str] = []

    def write(one: Store, number: int) -> None:
        for k in range(60):
            name = f"{number}-{k}"
            try:
                one.create_run(SPEC, "ada", name)
            except StoreError:
                continue
            acknowledged.append(name)

    threads = [threading.Thread(target=write, args=(one, n)) for n, one in enumerate([store, *others])]
    for thread in threads:
        thread.start()
    misfortune(home)
    for thread in threads:
        thread.join()
    for one in others:
        one.close()
    assert len(acknowledged) > 200
    assert names(home) == set(acknowledged)


WRITER = """
import sys
from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store, StoreError
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for k in range(150):
    name = sys.argv[2] + str(k)
    try:
        store.create_run(read_spec({"architecture": "ff_classifier"}), "ada", name)
    except StoreError:
        continue
    print(name, flush=True)
"""


@pytest.mark.parametrize("misfortune", [delete_folder, delete_only_the_db, delete_only_the_log])
def test_processes_that_share_it_lose_nothing(home: Path, misfortune):
    url = f"sqlite:///{home / 'lab.db'}"
    writers = [process(WRITER, url, f"{number}-", stdin=subprocess.PIPE) for number in range(2)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    misfortune(home)
    acknowledged = {name for writer in writers for name in writer.communicate()[0].split()}
    assert len(acknowledged) > 200
    assert names(home) == acknowledged
