"""Runs, metrics, snapshots and checkpoints in SQL: what must outlast a page, a worker and a server.

Every write is one transaction, so a kill at any moment leaves a store that opens and agrees with itself:
metrics never go beyond a run's recorded step, and nothing of a run outlives it. It knows nothing of training.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, delete, null, select, update

from fmnist_core.events import Epoch, Event, Finished
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store import checkpoints, history, losses, rows, schema, snapshots
from fmnist_core.store.database import BUSY_SECONDS, Database, DiskFull, StoreError, open_database
from fmnist_core.store.loss_curve import CAPACITY, empty
from fmnist_core.store.rows import Run, Unreadable, UnreadableRun
from fmnist_core.store.run_names import one_line
from fmnist_core.store.schema import AnyRow, prepare
from fmnist_core.store.snapshots import SnapshotInfo
from fmnist_core.store.status import END_STATUS, STATUSES, Status

__all__ = ["DiskFull", "NotYours", "Run", "RunNotFound", "SnapshotInfo", "StaleLease", "Store", "StoreError"]

_RUN_ID = re.compile("[A-Za-z0-9]{12}")


class RunNotFound(StoreError):
    """There is no run with this id."""


class NotYours(StoreError):
    """The run belongs to another learner."""


class StaleLease(StoreError):
    """Another worker has claimed the run since; what this one has to say about it no longer counts."""


class Store:
    """The lab's runs, at a database URL; by default `DATABASE_URL`, else SQLite in `FMNIST_HOME`.

    Safe from several threads and processes. Methods raise `StoreError`s, in sentences: `RunNotFound` where
    there is no such run, except that its metrics, snapshots and checkpoint are then simply none. A lock that
    another process holds is waited for as many seconds as `patience` says.
    """

    def __init__(self, url: str | None = None, patience: float = BUSY_SECONDS) -> None:
        self._database = open_database(url, patience)
        self.url = self._database.url.render_as_string(hide_password=False)
        try:
            prepare(self._database)
        except BaseException:
            self._database.close()
            raise

    @property
    def database(self) -> Database:
        """For what is kept beside runs."""
        return self._database

    def close(self) -> None:
        self._database.close()

    def create_run(
        self,
        spec: RunSpec,
        learner: str,
        name: str | None = None,
        parent: str | None = None,
        parent_step: int | None = None,
        status: str = "queued",
        holder: str | None = None,
    ) -> str:
        """Its id: 12 letters and digits that nobody can guess. `holder`: the server that trains it."""
        step = None if parent_step is None else int(parent_step)
        origin = {"parent": parent, "parent_step": step, "holder": holder}
        with self._database.writing() as connection:
            if parent is not None:
                _lock(connection, parent)
            return rows.add_run(connection, spec, learner, one_line(name or ""), _known(status), **origin)

    def run(self, run_id: str) -> Run:
        """Raises `RunNotFound` or, if its row cannot be read, `Unreadable`."""
        with self._database.reading() as connection:
            return rows.run_of(_one(connection, select(schema.runs), run_id))

    def own_run(self, run_id: str, learner: str) -> Run:
        """The run, for one who means to change it. Raises `NotYours` or `Unreadable`."""
        self.check_owner(run_id, learner)
        return self.run(run_id)

    def check_owner(self, run_id: str, learner: str) -> None:
        """Raises `NotYours` for anybody but the run's owner, be its row readable or not."""
        with self._database.reading() as connection:
            owner = _one(connection, select(schema.runs.c.learner), run_id).learner
        if owner != learner:
            raise NotYours(
                Sentence(
                    "This run belongs to another learner. You can look at it and branch from it, "
                    "but only they can change it."
                )
            )

    def runs(
        self,
        learner: str | None = None,
        statuses: Iterable[str] | None = None,
        ids: Iterable[str] | None = None,
    ) -> list[Run]:
        """Newest first, without their confusion matrices; of `ids`, those that are there.

        Those whose rows cannot be read are left out; `unreadable_runs` has them.
        """
        table = schema.runs.c
        query = select(*(column for column in table if column is not table.test_confusion))
        if learner is not None:
            query = query.where(table.learner == learner)
        if statuses is not None:
            query = query.where(table.status.in_([_known(status) for status in statuses]))
        if ids is not None:
            query = query.where(table.id.in_(list(ids)))
        readable = []
        with self._database.reading() as connection:
            run_rows = connection.execute(query.order_by(table.created.desc(), table.id)).all()
        for row in run_rows:
            with suppress(Unreadable):
                readable.append(rows.run_of(row))
        return readable

    def unreadable_runs(self, learner: str) -> list[UnreadableRun]:
        """The learner's runs that `runs` leaves out, newest first, and why each cannot be read."""
        table = schema.runs.c
        query = select(schema.runs).where(table.learner == learner)
        unreadable = []
        with self._database.reading() as connection:
            for row in connection.execute(query.order_by(table.created.desc(), table.id)):
                try:
                    rows.run_of(row)
                except Unreadable as error:
                    unreadable.append(rows.unreadable_run_of(row, error.sentence))
        return unreadable

    def set_status(self, run_id: str, status: str, reason: Sentence | None = None) -> None:
        """`reason` says why a run failed; a status without one clears it."""
        self._set(run_id, status=_known(status), reason=rows.json_of(reason))

    def set_end_status(self, run_id: str) -> None:
        """The status that belongs to the run's end, if it has ended, over any that was written since."""
        with self._database.writing() as connection:
            _lock(connection, run_id)
            table = schema.runs.c
            query = select(table.status, table.end_reason, table.notice).where(table.id == run_id)
            run = connection.execute(query).one()
            if run.end_reason is not None and run.status != END_STATUS[run.end_reason]:
                status = END_STATUS[run.end_reason]
                reason = run.notice if status == "failed" else null()
                _update(connection, run_id, {"status": status, "reason": reason})

    def set_spec(self, run_id: str, spec: RunSpec) -> None:
        self._set(run_id, spec=spec.model_dump_json())

    def rename(self, run_id: str, name: str) -> None:
        """A name without a visible character is refused; a long one is cut."""
        visible = one_line(name)
        if not visible:
            raise StoreError(Sentence("A run needs a name. Write at least one letter."))
        self._set(run_id, name=visible)

    def delete(self, run_id: str) -> None:
        """The run and everything of it, with its room on the disk. Branches made from it stay."""
        with self._database.writing() as connection:
            _lock(connection, run_id)
            connection.execute(delete(schema.runs).where(schema.runs.c.id == run_id))
        self._database.give_back()

    def claim(self, run_id: str, holder: str | None = None) -> int:
        """A new lease for the run: from now on slices that carry an older one are refused.

        Raises `StaleLease` if a `holder` asks that the run is not held by (see `leases`).
        """
        with self._database.writing() as connection:
            run = _lock(connection, run_id)
            if holder is not None and run.holder != holder:
                raise StaleLease(Sentence("Another server has taken this run over."))
            lease: int = run.lease + 1
            _update(connection, run_id, {"lease": lease})
        return lease

    def write_slice(
        self,
        run_id: str,
        lease: int,
        events: Sequence[Event],
        *,
        step: int,
        epoch: int,
        seconds: float,
        checkpoint: bytes | None = None,
        spec: RunSpec | None = None,
        status: str | None = None,
        reason: Sentence | None = None,
        threads: int | None = None,
        hardware: str | None = None,
    ) -> None:
        """What one slice of training brought: all of it or, if this raises, nothing.

        `threads` is how many it was trained on, if the same batches on as many give the same weights again;
        `hardware` names what it was trained on, in words.
        `checkpoint` is the training state at `step`. Batches that begin at or before recorded ones replace
        everything from there on (training went back to a checkpoint). New batches after a run's end clear its
        test figures; `Finished` sets them, and the status unless `status` says another. Raises `StaleLease`.
        """
        if any(history.last_step(event) > step for event in events):
            raise ValueError("a slice cannot report beyond the step that it ends at")
        position: dict[str, Any] = {"step": int(step), "epoch": int(epoch), "seconds": float(seconds)}
        changes = dict(position)
        with self._database.writing() as connection:
            run = _lock(connection, run_id)
            if run.lease != lease:
                raise StaleLease(Sentence("Another worker has taken this run over."))
            changes |= history.record(connection, run, events, threads, hardware)
            if checkpoint is not None:
                saved = {**position, "state": checkpoint, "checksum": rows.checksum(checkpoint)}
                rows.replace(connection, schema.checkpoints, run_id, saved)
            elif step < run.step:
                history.drop_checkpoint_beyond(connection, run_id, step)
            if spec is not None:
                changes["spec"] = spec.model_dump_json()
            if status is not None:
                changes |= {"status": _known(status), "reason": rows.json_of(reason)}
            _update(connection, run_id, changes)
            ended = any(isinstance(event, Finished) for event in events)
            some_lighter = ended and checkpoints.lighten(connection, run_id)
        if some_lighter:
            self._database.give_back()

    def rewind(self, run_id: str, step: int) -> int:
        """Forget everything beyond `step`, where training goes on; a run not beyond it stays as it is.

        Returns the step that was recorded before.
        """
        with self._database.writing() as connection:
            recorded: int = _lock(connection, run_id).step
            if recorded <= step:
                return recorded
            history.drop_beyond(connection, run_id, step)
            history.drop_checkpoint_beyond(connection, run_id, step)
            ended = select(schema.epochs.c.epoch).where(schema.epochs.c.run_id == run_id)
            epoch = connection.execute(ended.order_by(schema.epochs.c.epoch.desc()).limit(1)).scalar() or 0
            changes = {"step": step, "epoch": epoch, **rows.NO_END}
            table = schema.checkpoints.c
            query = select(table.epoch, table.seconds).where(table.run_id == run_id, table.step == step)
            saved = connection.execute(query).one_or_none()
            _update(connection, run_id, changes | (dict(saved._mapping) if saved else {}))
        return recorded

    def checkpoint(self, run_id: str) -> bytes | None:
        """The latest training state. Raises `Damaged`."""
        with self._database.reading() as connection:
            return snapshots.last_state(connection, run_id)

    def snapshot_state(self, run_id: str, step: int) -> bytes | None:
        """The training state kept with a snapshot, or `None` if it was given up, or is damaged."""
        with self._database.reading() as connection:
            return snapshots.state_at(connection, run_id, step)

    def epochs(self, run_id: str, confusion: bool = True) -> list[Epoch]:
        """In order; `confusion=False` leaves the matrices out."""
        table = schema.epochs.c
        query = select(*rows.epoch_columns(confusion)).where(table.run_id == run_id).order_by(table.epoch)
        with self._database.reading() as connection:
            epoch_rows = connection.execute(query).all()
        return [rows.epoch_of(row) for row in epoch_rows]

    def confusion(self, run_id: str, epoch: int) -> np.ndarray | None:
        """(10, 10) int64 counts of validation images at the end of an epoch."""
        table = schema.epochs.c
        return rows.matrix_of(
            self._scalar(select(table.confusion).where(table.run_id == run_id, table.epoch == epoch))
        )

    def batch_curve(self, run_id: str, points: int = 500) -> tuple[np.ndarray, np.ndarray]:
        """Steps (int64) and losses (float32), at most `points` of them, each the mean of as many batches.

        Quick up to `loss_curve.CAPACITY` points; for more, every loss is read.
        """
        with self._database.reading() as connection:
            curve = losses.read_curve(connection, run_id) or empty(1)
            if curve.width > 1 and points > CAPACITY:
                curve = losses.read_losses(connection, run_id)
        return curve.points(points)

    def snapshots(self, run_id: str) -> list[SnapshotInfo]:
        """In order of training."""
        with self._database.reading() as connection:
            return snapshots.infos(connection, run_id)

    def snapshot_outputs(self, run_id: str, step: int) -> np.ndarray:
        """uint8 (10, 28, 28) or float32 (10, 10), as in `Snapshot`. Raises `Damaged`."""
        with self._database.reading() as connection:
            return snapshots.outputs_at(connection, run_id, step)

    def _set(self, run_id: str, **values: Any) -> None:
        with self._database.writing() as connection:
            _lock(connection, run_id)
            _update(connection, run_id, values)

    def _scalar(self, query: Select[*tuple[Any, ...]]) -> Any:
        with self._database.reading() as connection:
            return connection.execute(query).scalar()


def _one(connection: Connection, query: Select[*tuple[Any, ...]], run_id: str) -> AnyRow:
    # Ids come from links, which may hold anything; not every text is one that a database takes.
    row = None
    if _RUN_ID.fullmatch(run_id):
        row = connection.execute(query.where(schema.runs.c.id == run_id)).one_or_none()
    if row is None:
        raise RunNotFound(
            Sentence("There is no run “{run}”. It may have been deleted; check the link.", run=run_id[:40])
        )
    return row


def _lock(connection: Connection, run_id: str) -> AnyRow:
    """What decides how a run may be changed; no other transaction can change it until this one ends."""
    table = schema.runs.c
    query = select(table.id, table.lease, table.holder, table.step, table.repeatable, table.spec)
    return _one(connection, query.with_for_update(), run_id)


def _update(connection: Connection, run_id: str, values: dict[str, Any]) -> None:
    connection.execute(update(schema.runs).where(schema.runs.c.id == run_id).values(values))


def _known(status: str) -> Status:
    for known in STATUSES:
        if known == status:
            return known
    raise ValueError(f"{status!r} is not a status of a run")
