"""The database behind the store: where it is, how it is opened, and its errors as sentences for learners.

SQLite in WAL mode unless a URL names Postgres. Threads and processes may share it. It knows nothing of runs.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from fmnist_core.data.folders import home
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store.database_file import DatabaseFile, Misplaced

BUSY_SECONDS = 20
CANNOT_WRITE = Sentence(
    "The lab cannot read and write its database. Check its folder and the permissions, or name another "
    "folder in FMNIST_HOME."
)
BUSY = Sentence("The lab's database is busy. Try again in a moment.")
FILE = "file"  # in what is noted of a connection: which file it has open
LITTLE_SPACE = 1 << 20
LONGEST_WAL = 64 << 20
# A process that stands still in a transaction, or whose machine is gone, would hold its locks for good.
STANDSTILL_MILLISECONDS = 5000
GIVE_BACK_MILLISECONDS = 300


class StoreError(LabError):
    """The store cannot do what was asked."""


class DiskFull(StoreError):
    """There is no room for what was to be written; nothing of it was, and nothing older is lost."""


class Busy(StoreError):
    """Another is at the database just now; a moment later it may be free."""


@dataclass(frozen=True)
class Database:
    """`url` is complete, password included, for other processes; `place` is what a learner may read.

    A lock that another holds is waited for as many seconds as `patience` says. `file` is SQLite's.
    """

    url: URL
    engine: Engine
    patience: float = BUSY_SECONDS
    file: DatabaseFile | None = None

    @property
    def news(self) -> Sentence | None:
        """What has befallen the database of late, if anything has, and been mended."""
        return self.file.news if self.file else None

    @property
    def place(self) -> str:
        return _place(self.url)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection in a transaction that sees one moment of the database."""
        return self._transaction("BEGIN")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction that is written whole or not at all; SQLite locks at its start."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection
        if self.file is not None and self.file.log_bytes() > LONGEST_WAL:
            self.give_back()

    def give_back(self) -> None:
        """Returns room that was freed to the disk. SQLite keeps it in the log beside the file until then.

        Readers may be in the way; then the log stays until the next time.
        """
        if self.url.get_backend_name() != "sqlite":
            return
        with self.at_once() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={GIVE_BACK_MILLISECONDS}")
            try:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={round(1000 * self.patience)}")

    def at_once(self) -> AbstractContextManager[Connection]:
        """A connection whose SQLite statements stand alone, as some pragmas must."""
        return self._transaction("")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        try:
            if self.file is not None and self.file.look(self._open_connection, self._connections):
                self.engine.dispose()
            with self.engine.connect().execution_options(begin=begin) as connection, connection.begin():
                self._check_place(connection)
                yield connection
                if self.file is not None:
                    self.file.note_used(connection.info[FILE])
        except Misplaced as error:
            raise StoreError(error.sentence) from error
        except (DBAPIError, PoolTimeout) as error:
            explained = _explained(error, self.url)
            if explained is None:
                raise
            raise explained from error

    def _check_place(self, connection: Connection) -> None:
        """Nothing is written to a file that was deleted, or lost its log, between the look and the lock."""
        if self.file is None:
            return
        if connection.info[FILE] != self.file.identity == self.file.at_its_place():
            connection.invalidate()  # it is of yesterday, and needed no more
        elif self.file.in_place():
            return
        raise Busy(BUSY)

    @contextmanager
    def _open_connection(self) -> Iterator[sqlite3.Connection]:
        """One to the file that is open already. It goes back to the pool: it may be the last of them."""
        with closing(self.engine.raw_connection()) as pooled:
            connection = pooled.driver_connection
            assert isinstance(connection, sqlite3.Connection), "only SQLite's files are looked after"
            if self.file is None or pooled.info[FILE] != self.file.identity:
                pooled.invalidate()
                raise sqlite3.OperationalError("no connection to that file is left")
            yield connection

    def _connections(self) -> int:
        """Those that this process has open to the file."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedin() + pool.checkedout()

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str | None = None, patience: float = BUSY_SECONDS) -> Database:
    """`url`, or `DATABASE_URL`, or `lab.db` in `home()`. Raises `StoreError`; touches no table.

    Where another holds a lock, `patience` says for how many seconds to wait.
    """
    # A path is not pasted into a URL: its folders may hold signs that mean something there.
    default = URL.create("sqlite", database=str(home() / "lab.db"))
    address = _address(url or os.environ.get("DATABASE_URL") or default)
    if address.get_backend_name() == "sqlite":
        file = DatabaseFile(Path(address.database or ""))
        return Database(address, _sqlite_engine(address, patience, file), patience, file)
    return Database(address, _postgres_engine(address, patience), patience)


def turn_on_wal(database: Database) -> None:
    """Have a still empty SQLite file read while it is written, and shrink when rows are deleted."""
    if database.url.get_backend_name() != "sqlite":
        return
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            with database.at_once() as connection:
                connection.exec_driver_sql("PRAGMA auto_vacuum=FULL")
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                return
        except Busy:  # SQLite does not wait by itself when two processes change the journal mode at once
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _address(given: str | URL) -> URL:
    try:
        address = make_url(given)
    except (ArgumentError, ValueError):
        raise StoreError(
            Sentence(
                "DATABASE_URL is not a database address. "
                "Write it like postgresql://user:password@host/name, or leave it out."
            )
        ) from None
    name = address.drivername.partition("+")[0]
    if name in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if name != "sqlite" or not address.database or address.database == ":memory:":
        raise StoreError(
            Sentence(
                "The lab keeps its runs in an SQLite file or in Postgres, not in {place}. "
                "Change DATABASE_URL.",
                place=_place(address),
            )
        )
    return address.set(drivername="sqlite", database=str(Path(address.database).absolute()))


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.set(query={}).render_as_string(hide_password=True)


def _sqlite_engine(url: URL, patience: float, file: DatabaseFile) -> Engine:
    try:
        file.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise StoreError(CANNOT_WRITE) from None
    engine = create_engine(url, connect_args={"timeout": patience}, pool_size=8, max_overflow=24)

    @event.listens_for(engine, "do_connect")
    def _no_new_file(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        if file.identity is not None:  # SQLite would make an empty one where it was deleted
            arguments[0], options["uri"] = f"{file.path.as_uri()}?mode=rw", True

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        # The driver's own transactions start too late to protect a read that a write follows.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA journal_size_limit={LONGEST_WAL}")
        connection.execute("PRAGMA schema_version")  # so that its log is open
        record.info[FILE] = file.note_opened()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if begin := connection.get_execution_options()["begin"]:
            connection.exec_driver_sql(begin)

    return engine


def _postgres_engine(url: URL, patience: float) -> Engine:
    timeout: dict[str, Any] = {} if "connect_timeout" in url.query else {"connect_timeout": 10}
    timeout["options"] = (  # of two that say the same the URL's own counts
        f"-c lock_timeout={round(1000 * patience)} "
        f"-c idle_in_transaction_session_timeout={STANDSTILL_MILLISECONDS} "
        f"{url.query.get('options', '')}"
    )
    try:
        return create_engine(url, connect_args=timeout, pool_size=8, max_overflow=24, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise StoreError(
            Sentence(
                "DATABASE_URL names a Postgres database, and the Python package for it is missing. "
                "Install it with: pip install 'psycopg[binary]'"
            )
        ) from None


def _sqlite_code(error: DBAPIError) -> int | None:
    """SQLite's primary result code; the driver's own complaints carry none."""
    if not isinstance(error.orig, sqlite3.Error):
        return None
    code: int = vars(error.orig).get("sqlite_errorcode", 0)
    return code & 0xFF


def _explained(error: DBAPIError | PoolTimeout, url: URL) -> StoreError | None:
    """The error as a learner's sentence; `None` if it is a fault of the program.

    Where the database is, is no learner's affair and may hold a password: the log says it.
    """
    logging.getLogger(__name__).warning("the database at %s: %s", _place(url), error)
    if isinstance(error, PoolTimeout):
        return Busy(BUSY)
    if url.get_backend_name() == "sqlite":
        return _explained_sqlite(_sqlite_code(error), url.database or "")
    return _explained_postgres(error)


def _explained_sqlite(code: int | None, file: str) -> StoreError | None:
    full = DiskFull(
        Sentence(
            "The disk of the lab's database is full, so this cannot be saved. Nothing older is lost. "
            "Free some space; what trains waits, and goes on by itself."
        )
    )
    match code:
        case sqlite3.SQLITE_FULL:
            return full
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy(BUSY)
        case sqlite3.SQLITE_CORRUPT:
            return StoreError(
                Sentence(
                    "The lab's database is damaged. Move it away, together with the files beside it "
                    "that end in -wal and -shm, and the lab will make a new one."
                )
            )
        case sqlite3.SQLITE_NOTADB:
            return StoreError(
                Sentence(
                    "The lab's database file is not a database. Move it away, and the lab will make a new "
                    "one there."
                )
            )
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            # A full disk shows in many ways when SQLite cannot grow the small files beside the database.
            folder = Path(file).parent
            if folder.is_dir() and shutil.disk_usage(folder).free < LITTLE_SPACE:
                return full
            return StoreError(CANNOT_WRITE)
    return None


def _explained_postgres(error: DBAPIError) -> StoreError | None:
    import psycopg  # only where a database of its kind is in use; the package is an extra

    state = error.orig.sqlstate if isinstance(error.orig, psycopg.Error) else None
    if state == "53100":
        return DiskFull(
            Sentence(
                "The lab's database has no room left, so this cannot be saved. Nothing older is lost. "
                "Free some space; what trains waits, and goes on by itself."
            )
        )
    if state in ("25P03", "40001", "40P01", "55P03", "53300", "57P03"):
        return Busy(BUSY)
    if state in ("42501", "25006"):
        return StoreError(
            Sentence(
                "The lab's database does not let the lab write. Give its user the right to create tables."
            )
        )
    if isinstance(error.orig, psycopg.OperationalError):
        return StoreError(
            Sentence(
                "The lab's database does not answer, or refuses the lab. What trains waits, and goes on by "
                "itself when it is back. Whoever runs the lab: check DATABASE_URL, and that the database is "
                "running."
            )
        )
    return None
