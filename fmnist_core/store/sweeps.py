"""Sweeps in the store: runs that are planned together, each begun when there is a place for it.

A sweep is data. What of it has begun are ordinary runs, and what has not is a spec that waits. A member is
taken up in one transaction with its run, so a kill at any moment begins none twice and forgets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, insert, select, update

from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store import rows, schema
from fmnist_core.store.database import StoreError
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.run_names import one_line
from fmnist_core.store.runs import NotYours, Store
from fmnist_core.store.schema import AnyRow

Kind = Literal["sweep", "race", "lesson"]
# "begun": every member has been taken up, and there is nothing left to begin.
Status = Literal["going", "begun", "paused", "stopped"]
WAITING, HELD, BEGUN = "waiting", "held", "begun"


class SweepNotFound(StoreError):
    """There is no sweep with this id."""


@dataclass(frozen=True)
class Member:
    """A run of a sweep. `stage`: "waiting", "begun", or "held" while it rests because its sweep does.

    One that has begun and has no `run_id` was deleted.
    """

    place: int
    name: str
    spec: RunSpec
    stage: str
    run_id: str | None

    @property
    def is_deleted(self) -> bool:
        return self.stage != WAITING and self.run_id is None


@dataclass(frozen=True)
class SweepOfRun:
    id: str
    name: str
    kind: Kind
    varied: str


@dataclass(frozen=True)
class Sweep:
    """`varied` is the setting in which the members differ, beside their seeds; of a lesson, its slug."""

    id: str
    learner: str
    name: str
    kind: Kind
    varied: str
    status: Status
    created: datetime
    members: tuple[Member, ...]

    @property
    def has_more(self) -> bool:
        """Whether some member has yet to be taken up."""
        return any(member.stage != BEGUN for member in self.members)


@dataclass(frozen=True)
class Sweeps:
    """The sweeps in a store. Methods raise `StoreError`s, in sentences."""

    store: Store

    def create(
        self, learner: str, name: str, kind: Kind, varied: str, runs: Sequence[tuple[RunSpec, str]]
    ) -> str:
        """The new sweep's id; `runs` are specs and the names of their runs, in the order of training."""
        sweep_id = rows.new_id()
        row = {
            "id": sweep_id,
            "learner": learner,
            "name": one_line(name),
            "kind": kind,
            "varied": varied,
            "status": "going",
            "created": datetime.now(UTC),
        }
        planned = [
            {"sweep_id": sweep_id, "place": k, "name": one_line(run_name), "spec": spec.model_dump_json()}
            for k, (spec, run_name) in enumerate(runs)
        ]
        with self.store.database.writing() as connection:
            connection.execute(insert(schema.sweeps).values(row))
            connection.execute(insert(schema.members), [{**member, "stage": WAITING} for member in planned])
        return sweep_id

    def sweep(self, sweep_id: str) -> Sweep:
        with self.store.database.reading() as connection:
            return _whole(connection, _one(connection, sweep_id))

    def own_sweep(self, sweep_id: str, learner: str) -> Sweep:
        """The sweep, for one who means to change it. Raises `NotYours`."""
        sweep = self.sweep(sweep_id)
        if sweep.learner != learner:
            raise NotYours(
                Sentence("This belongs to another learner. You can look at it, but only they can change it.")
            )
        return sweep

    def of_learner(self, learner: str, kind: Kind, varied: str | None = None) -> list[Sweep]:
        """Newest first, without those that cannot be read; only those that vary in `varied`, where given."""
        table = schema.sweeps.c
        query = select(schema.sweeps).where(table.learner == learner, table.kind == kind)
        if varied is not None:
            query = query.where(table.varied == varied)
        return self._readable(query.order_by(table.created.desc(), table.id))

    def going(self) -> list[Sweep]:
        """Those that have runs to begin and should, oldest first, without those that cannot be read."""
        table = schema.sweeps.c
        return self._readable(
            select(schema.sweeps).where(table.status == "going").order_by(table.created, table.id)
        )

    def set_status(self, sweep_id: str, status: Status, hold: Sequence[str] = ()) -> None:
        """With it, the runs to `hold` until the sweep goes on."""
        table = schema.members
        with self.store.database.writing() as connection:
            _one(connection, sweep_id, lock=True)
            connection.execute(
                update(schema.sweeps).where(schema.sweeps.c.id == sweep_id).values(status=status)
            )
            mine = (table.c.sweep_id == sweep_id) & table.c.run_id.in_(list(hold))
            connection.execute(update(table).where(mine).values(stage=HELD))

    def begin_next(self, sweep_id: str, holder: str | None = None) -> str | None:
        """The run that is to train next, queued, held ones before new ones; `None` if there is no more.

        There is none for a `holder` either that does not feed the sweep any longer (see `leases`).
        """
        with self.store.database.writing() as connection:
            row = _one(connection, sweep_id, lock=True)
            if holder is not None and row.holder != holder:
                return None
            sweep = _whole(connection, row)
            for member in sorted(sweep.members, key=lambda member: (member.stage != HELD, member.place)):
                if member.stage == BEGUN or sweep.status != "going":
                    continue
                run_id = member.run_id
                if member.stage == WAITING:
                    origin = {"holder": holder, "closed": _keeps_closed(connection, sweep_id)}
                    run_id = rows.add_run(
                        connection, member.spec, sweep.learner, member.name, "queued", **origin
                    )
                elif not _still_rests(connection, run_id):
                    run_id = None
                table = schema.members
                here = (table.c.sweep_id == sweep_id) & (table.c.place == member.place)
                begun = {"stage": BEGUN} | ({"run_id": run_id} if run_id else {})
                connection.execute(update(table).where(here).values(begun))
                if run_id is not None:
                    return run_id
            if sweep.status == "going":
                mine = schema.sweeps.c.id == sweep_id
                connection.execute(update(schema.sweeps).where(mine).values(status="begun"))
        return None

    def run_ids(self, learner: str) -> set[str]:
        """The runs of the learner's sweeps."""
        members, sweeps = schema.members.c, schema.sweeps.c
        query = select(members.run_id).join(schema.sweeps, sweeps.id == members.sweep_id)
        with self.store.database.reading() as connection:
            run_ids = connection.execute(query.where(sweeps.learner == learner)).scalars()
            return {run_id for run_id in run_ids if run_id is not None}

    def of_runs(self, learner: str) -> dict[str, SweepOfRun]:
        """By run, the sweep, race or lesson that it belongs to, of all that the learner has."""
        members, sweeps = schema.members.c, schema.sweeps.c
        query = select(members.run_id, sweeps.id, sweeps.name, sweeps.kind, sweeps.varied).join(
            schema.sweeps, sweeps.id == members.sweep_id
        )
        with self.store.database.reading() as connection:
            members_of = connection.execute(
                query.where(sweeps.learner == learner, members.run_id.is_not(None))
            )
            return {row.run_id: SweepOfRun(row.id, row.name, row.kind, row.varied) for row in members_of}

    def _readable(self, query: Select[*tuple[Any, ...]]) -> list[Sweep]:
        sweeps = []
        with self.store.database.reading() as connection:
            for row in connection.execute(query).all():
                with suppress(Unreadable):
                    sweeps.append(_whole(connection, row))
        return sweeps


def _keeps_closed(connection: Connection, sweep_id: str) -> bool:
    """Whether a claim of its learner's keeps the test figures of its runs closed."""
    claims = schema.own_claims.c
    query = select(claims.sweep_id).where(claims.sweep_id == sweep_id, claims.opened.is_(None))
    return connection.execute(query).first() is not None


def _still_rests(connection: Connection, run_id: str | None) -> bool:
    """Whether a held run is there and nobody has taken it up; then it is queued."""
    table = schema.runs
    rests = (table.c.id == run_id) & (table.c.status == "paused")
    return bool(connection.execute(update(table).where(rests).values(status="queued")).rowcount)


def _one(connection: Connection, sweep_id: str, lock: bool = False) -> AnyRow:
    row = None
    if sweep_id.isascii() and sweep_id.isalnum():
        query = select(schema.sweeps).where(schema.sweeps.c.id == sweep_id)
        row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise SweepNotFound(
            Sentence("There is nothing here named “{sweep}”. Check the link.", sweep=sweep_id[:40])
        )
    return row


def _whole(connection: Connection, row: AnyRow) -> Sweep:
    table = schema.members.c
    query = select(table.place, table.name, table.spec, table.stage, table.run_id)
    member_rows = connection.execute(query.where(table.sweep_id == row.id).order_by(table.place)).all()
    members = tuple(Member(m.place, m.name, rows.spec_of(m.spec), m.stage, m.run_id) for m in member_rows)
    created = rows.in_utc(row.created)
    return Sweep(row.id, row.learner, row.name, row.kind, row.varied, row.status, created, members)
