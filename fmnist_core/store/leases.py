"""Which of the servers that share a store trains which run: one of them at a time, for as long as it lives.

A server says every few seconds that it is there, until when by the database's clock. One that has let that
moment pass is struck off by another, and its runs are free to be taken. What a learner asks of a run at a
server that does not hold it is left here for the one that does.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, or_, select, text, update

from fmnist_core.store import schema
from fmnist_core.store.database import Database
from fmnist_core.store.status import OPEN

LEASE_SECONDS = 4.0
CLOCKS = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
}

_OF_THIS_PROCESS: set[str] = set()


@dataclass(frozen=True)
class HandedOn:
    """A change of a run that this server is to make; `argument` depends on the change."""

    id: int
    run_id: str
    change: str
    argument: str | None


@dataclass(frozen=True)
class Server:
    """Another server, whose lease ends at `until`, or `is_late`: it should have been renewed."""

    holder: str
    until: float
    is_late: bool


class Leases:
    """The leases of one server, `holder`. Methods raise `StoreError`s."""

    def __init__(self, database: Database, holder: str | None = None) -> None:
        self._database = database
        self.holder = holder or holder_id()

    def renew(self) -> None:
        """This server is there, and what it holds stays its own for `LEASE_SECONDS` from now."""
        table = schema.holders
        with self._database.writing() as connection:
            until = _now(connection) + LEASE_SECONDS
            mine = update(table).where(table.c.id == self.holder).values(until=until)
            if not connection.execute(mine).rowcount:
                connection.execute(insert(table).values(id=self.holder, until=until))

    def release(self) -> None:
        """All that this server holds is free at once."""
        with self._database.writing() as connection:
            connection.execute(delete(schema.holders).where(schema.holders.c.id == self.holder))

    def others(self) -> list[Server]:
        """The other servers that have not been struck off."""
        table = schema.holders.c
        with self._database.reading() as connection:
            now = _now(connection)
            rows = connection.execute(select(table.id, table.until).where(table.id != self.holder)).all()
        return [Server(holder, until, until < now) for holder, until in rows]

    def strike_off(self, server: Server) -> None:
        """Frees what a dead server held, unless it has been heard of after all."""
        table = schema.holders
        same = (table.c.id == server.holder) & (table.c.until == server.until)
        with self._database.writing() as connection:
            connection.execute(delete(table).where(same))

    def take(self, run_id: str) -> bool:
        """Whether this server holds the run from now on; not if another server does."""
        return self._take(schema.runs, run_id)

    def take_sweep(self, sweep_id: str, *, from_others: bool = False) -> bool:
        """Whether this server feeds the sweep from now on; `from_others`: whoever has done so before."""
        return self._take(schema.sweeps, sweep_id, from_others)

    def free_runs(self) -> list[str]:
        """The runs that should train and that nobody holds, or this server, oldest first."""
        table = schema.runs.c
        query = select(table.id).where(table.status.in_(OPEN), self._is_free(schema.runs))
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(table.created, table.id)).scalars())

    def hand_on(self, run_id: str, change: str, argument: str | None = None) -> None:
        """Leave a change of the run to the server that holds it."""
        row = {"run_id": run_id, "change": change, "argument": argument}
        with self._database.writing() as connection:
            connection.execute(insert(schema.handed_on).values(row))

    def handed_on(self) -> list[HandedOn]:
        """What others have left for runs of this server, in the order of their asking."""
        table, runs = schema.handed_on.c, schema.runs.c
        query = select(table.id, table.run_id, table.change, table.argument)
        mine = query.join(schema.runs, runs.id == table.run_id).where(runs.holder == self.holder)
        with self._database.reading() as connection:
            return [HandedOn(*row) for row in connection.execute(mine.order_by(table.id))]

    def settled(self, changes: Iterable[HandedOn]) -> None:
        """These have been made, or cannot be."""
        numbers = [change.id for change in changes]
        with self._database.writing() as connection:
            connection.execute(delete(schema.handed_on).where(schema.handed_on.c.id.in_(numbers)))

    def _take(self, table: Table, key: str, from_others: bool = False) -> bool:
        with self._database.writing() as connection:
            locked = select(table.c.id).where(table.c.id == key).with_for_update()
            connection.execute(locked)
            free = table.c.id == key if from_others else (table.c.id == key) & self._is_free(table)
            return bool(connection.execute(update(table).where(free).values(holder=self.holder)).rowcount)

    def _is_free(self, table: Table) -> ColumnElement[bool]:
        holder, alive = table.c.holder, select(schema.holders.c.id)
        return or_(holder.is_(None), holder == self.holder, holder.not_in(alive))


def holder_id() -> str:
    """A name for this process that no other has had, on this machine or another."""
    holder = f"{_machine()}:{os.getpid()}:{secrets.token_hex(8)}"
    _OF_THIS_PROCESS.add(holder)
    return holder


def is_dead(holder: str) -> bool:
    """Whether a server on this very machine has ended, so that nobody need wait for its lease to."""
    machine, pid, _name = holder.rsplit(":", 2)
    if machine != _machine() or not machine:
        return False
    if int(pid) == os.getpid():
        return holder not in _OF_THIS_PROCESS  # then the system has given its number anew
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _machine() -> str:
    """What two processes share that see each other's process numbers; empty where that cannot be said."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return ""


def _now(connection: Connection) -> float:
    """Seconds since 1970 on the database's clock, which all servers share."""
    return float(connection.execute(text(CLOCKS[connection.dialect.name])).scalar_one())
