"""The file of an open SQLite database: whether it is still in its place, and how it is put back.

A file that is deleted lives on, unseen, for those who have it open, and is lost with the last of them. So
every process looks in each transaction whether the file is still there, and writes it back if it is not. One
that was replaced by another is not: what was open is kept beside it. So it is with SQLite's log beside the
file: who has one open that is gone and who opens the next would not read each other's pages
(https://sqlite.org/howtocorrupt.html, section 4). Nothing here knows the tables.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from fmnist_core.sentences import Sentence

NEWS_SECONDS = 60.0  # for which it is told that the file was written back

WRITTEN_BACK = Sentence(
    "The lab's database, or its log, was deleted or moved away while the lab ran. The lab has written it "
    "back to its place, with all that had been saved, and goes on. Whoever runs the lab: see that nothing "
    "removes its folder."
)
CANNOT_PUT_BACK = Sentence(
    "The lab's database, or its log, was deleted or moved away while the lab runs, and cannot be written "
    "back. Bring it back, or let the lab write to its folder; what trains waits, and goes on by itself. Do "
    "not end the lab before."
)

Identity = tuple[int, int]  # the number of its device, and that of the file on it


class Misplaced(Exception):
    """The file is not in its place, and cannot be for now; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class DatabaseFile:
    """`identity` is the file that is open, once one is; threads of one process share this."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.identity: Identity | None = None
        self._log: Identity | None = None  # that which all connections to it share
        self._lock = threading.Lock()
        self._put_back_at = -NEWS_SECONDS

    @property
    def news(self) -> Sentence | None:
        """What has befallen the file of late, if anything has."""
        return WRITTEN_BACK if time.monotonic() - self._put_back_at < NEWS_SECONDS else None

    def at_its_place(self) -> Identity | None:
        """The file that stands where this one should, if one does."""
        return _identity(self.path)

    def note_opened(self) -> Identity | None:
        """The file that a connection has just read; `None` if it would not share the log of the others."""
        if not self._log_in_place():
            return None
        place = self.at_its_place()
        self.identity = self.identity or place
        self.note_used(place)
        return place

    def note_used(self, identity: Identity | None) -> None:
        """A connection to this file has its log open."""
        if identity is not None and identity == self.identity:
            self._log = self._log or _identity(self._log_path)

    @property
    def _log_path(self) -> Path:
        return Path(f"{self.path}-wal")

    def log_bytes(self) -> int:
        try:
            return self._log_path.stat().st_size
        except OSError:
            return 0

    def _log_in_place(self) -> bool:
        return self._log is None or _identity(self._log_path) == self._log

    def in_place(self) -> bool:
        """Whether file and log are where they were opened."""
        return self.at_its_place() == self.identity and self._log_in_place()

    def look(
        self,
        opened: Callable[[], AbstractContextManager[sqlite3.Connection]],
        connections: Callable[[], int],
    ) -> bool:
        """Whether another file is to be opened now: the one that was written back. Raises `Misplaced`.

        `opened` lends one of the `connections` to the file that was open so far, or raises `sqlite3.Error`.
        """
        if self.identity is None or self.in_place():
            return False
        with self._lock:
            if self.in_place():  # another thread has seen to it
                return False
            if self.at_its_place() == self.identity and not connections():
                self._log = None  # SQLite took it away with the last of them
                return False
            if self.at_its_place() is None or self._lost_its_log():
                self._write(opened, self.path)
            if not self._is_copy():
                raise Misplaced(self._replaced(opened))
            self.identity, self._log, self._put_back_at = self.at_its_place(), None, time.monotonic()
            logging.getLogger(__name__).error("%s was deleted or moved away; it is back", self.path)
            return True

    def _lost_its_log(self) -> bool:
        """Whether the file is in its place, and nobody has written to another log beside it."""
        return self.at_its_place() == self.identity and not self.log_bytes()

    def _write(self, opened: Callable[[], AbstractContextManager[sqlite3.Connection]], target: Path) -> None:
        """What the open file holds, at another path, unless another process has been quicker."""
        part = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with opened() as source, closing(sqlite3.connect(part)) as copy:
                # Who looked before the file went is waited for; who looks later writes nothing.
                source.execute("BEGIN IMMEDIATE")
                source.execute("COMMIT")
                source.backup(copy)
                # Of a log that others have taken away SQLite may read what it never wrote.
                if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    raise sqlite3.DatabaseError("what is open is damaged")
                copy.execute("PRAGMA journal_mode=WAL")
                copy.execute(f"PRAGMA user_version={self._mark()}")
            with _locked(target.parent), suppress(FileExistsError):
                without_log = target == self.path and self._lost_its_log()
                if without_log or not os.path.lexists(target):
                    # What SQLite kept beside the file that stood here would hide pages of this one.
                    for left in (Path(f"{target}-wal"), Path(f"{target}-shm")):
                        left.unlink(missing_ok=True)
                    (os.replace if without_log else os.link)(part, target)
        except (OSError, sqlite3.Error) as error:
            logging.getLogger(__name__).error("%s cannot be written: %s", target, error)
            raise Misplaced(CANNOT_PUT_BACK) from error
        finally:
            for left in (part, Path(f"{part}-wal"), Path(f"{part}-shm")):
                with suppress(OSError):
                    left.unlink()

    def _replaced(self, opened: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> Sentence:
        """Keeps what was open beside the file that has taken its place, once."""
        aside = self.path.with_name(f"{self.path.stem}-before-{self._mark():08x}{self.path.suffix}")
        if not aside.exists():
            if self.at_its_place() != self.identity:
                self._remove_log(opened)
            self._write(opened, aside)
        return Sentence(
            "The lab's database was replaced by another file while the lab runs, so nothing is trained. What "
            "the lab had is beside it, named {file}. Whoever runs the lab: put the right file in its place, "
            "and start the lab again.",
            file=aside.name,
        )

    def _remove_log(self, opened: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> None:
        """Takes the open file's log from beside the file that has taken its place, to which SQLite would
        apply it; whoever has it open keeps it. A log that came with the other file stays.
        """
        log, index = self._log_path, Path(f"{self.path}-shm")
        try:
            with _locked(self.path.parent), opened() as source:
                version = source.execute("PRAGMA user_version").fetchone()[0]
                source.execute(f"PRAGMA user_version={version}")  # any page, so that the log is not empty
                if not (log.exists() and log.stat().st_size):
                    return
                if source.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    raise sqlite3.OperationalError("the log is in use")
                if not log.stat().st_size:  # it is the one that was emptied
                    log.unlink()
                    index.unlink(missing_ok=True)
        except (OSError, sqlite3.Error) as error:
            logging.getLogger(__name__).error("%s cannot be removed: %s", log, error)
            raise Misplaced(CANNOT_PUT_BACK) from error

    def _is_copy(self) -> bool:
        """Whether the file at the place was written from this one, by whatever process."""
        address = f"{self.path.as_uri()}?immutable=1"  # so that it is read without the log beside it
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                return bool(connection.execute("PRAGMA user_version").fetchone()[0] == self._mark())
        except sqlite3.Error:
            return False

    def _mark(self) -> int:
        """What a copy of this file carries in its header, where SQLite leaves room for such."""
        return zlib.crc32(repr(self.identity).encode()) & 0x7FFFFFFF


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time puts the file back, or the slower would take the log of the quicker away.

    Where there are no such locks, as on Windows, nobody can delete or move a file that is open, nor its log.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network folders have none, and it is better written back than lost
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
