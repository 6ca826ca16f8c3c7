"""Runs, metrics, snapshots and checkpoints in SQL: what must outlast a page, a worker and a server.

Every write is one transaction, so a kill at any moment leaves a store that opens and agrees with itself:
metrics never go beyond a run's recorded step, and nothing of a run outlives it. It knows nothing of training.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, delete, select, update

from fmnist_core.events import Batches, Epoch, Event, Finished, Notice, Snapshot
from fmnist_core.sentences import Sentence
from fmnist_core.spec import LearningRateChange, RunSpec
from fmnist_core.store import rows, schema
from fmnist_core.store.database import Database, DiskFull, StoreError, open_database
from fmnist_core.store.loss_curve import CAPACITY, empty
from fmnist_core.store.rows import Run
from fmnist_core.store.schema import prepare
from fmnist_core.store.status import STATUSES

__all__ = ["DiskFull", "NotYours", "Run", "RunNotFound", "SnapshotInfo", "StaleLease", "Store", "StoreError"]

LONGEST_NAME = 80
_RUN_ID = re.compile("[A-Za-z0-9]{12}")


class RunNotFound(StoreError):
    """There is no run with this id."""


class NotYours(StoreError):
    """The run belongs to another learner."""


class StaleLease(StoreError):
    """Another worker has claimed the run since; what this one has to say about it no longer counts."""


@dataclass(frozen=True)
class SnapshotInfo:
    """When a snapshot was taken; a branch can start where `has_state`."""

    step: int
    epoch: float
    has_state: bool


class Store:
    """The lab's runs, at a database URL; by default `DATABASE_URL`, else SQLite in `FMNIST_HOME`.

    Safe from several threads and processes. Methods raise `StoreError`s, in sentences: `RunNotFound` where
    there is no such run, except that its metrics, snapshots and checkpoint are then simply none.
    """

    def __init__(self, url: str | None = None) -> None:
        self._database = open_database(url)
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
    ) -> str:
        """Its id: 12 letters and digits that nobody can guess."""
        origin = {"parent": parent, "parent_step": None if parent_step is None else int(parent_step)}
        with self._database.writing() as connection:
            if parent is not None:
                _lock(connection, parent)
            return rows.add_run(connection, spec, learner, plain(name or ""), _known(status), **origin)

    def run(self, run_id: str) -> Run:
        with self._database.reading() as connection:
            return rows.run_of(_one(connection, select(schema.runs), run_id))

    def own_run(self, run_id: str, learner: str) -> Run:
        """The run, for one who means to change it. Raises `NotYours`."""
        run = self.run(run_id)
        if run.learner != learner:
            raise NotYours(
                Sentence(
                    "This run belongs to another learner. You can look at it and branch from it, "
                    "but only they can change it."
                )
            )
        return run

    def runs(
        self,
        learner: str | None = None,
        statuses: Iterable[str] | None = None,
        ids: Iterable[str] | None = None,
    ) -> list[Run]:
        """Newest first, without their confusion matrices; of `ids`, those that are there."""
        table = schema.runs.c
        query = select(*(column for column in table if column is not table.test_confusion))
        if learner is not None:
            query = query.where(table.learner == learner)
        if statuses is not None:
            query = query.where(table.status.in_([_known(status) for status in statuses]))
        if ids is not None:
            query = query.where(table.id.in_(list(ids)))
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(table.created.desc(), table.id)).all()
        return [rows.run_of(row) for row in found]

    def set_status(self, run_id: str, status: str, reason: Sentence | None = None) -> None:
        """`reason` says why a run failed; a status without one clears it."""
        self._set(run_id, status=_known(status), reason=rows.json_of(reason))

    def set_spec(self, run_id: str, spec: RunSpec) -> None:
        self._set(run_id, spec=spec.model_dump_json())

    def rename(self, run_id: str, name: str) -> None:
        """A name without a visible character is refused; a long one is cut."""
        visible = plain(name)
        if not visible:
            raise StoreError(Sentence("A run needs a name. Write at least one letter."))
        self._set(run_id, name=visible)

    def delete(self, run_id: str) -> None:
        """The run and everything of it. Branches made from it stay."""
        with self._database.writing() as connection:
            _lock(connection, run_id)
            connection.execute(delete(schema.runs).where(schema.runs.c.id == run_id))

    def claim(self, run_id: str) -> int:
        """A new lease for the run: from now on slices that carry an older one are refused."""
        with self._database.writing() as connection:
            lease = _lock(connection, run_id).lease + 1
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
    ) -> None:
        """What one slice of training brought: all of it or, if this raises, nothing.

        `checkpoint` is the training state at `step`. Batches that begin at or before recorded ones replace
        everything from there on (training went back to a checkpoint). New batches after a run's end clear its
        test figures; `Finished` sets them, and the status unless `status` says another. Raises `StaleLease`.
        """
        if any(_step(event) > step for event in events):
            raise ValueError("a slice cannot report beyond the step that it ends at")
        position = {"step": int(step), "epoch": int(epoch), "seconds": float(seconds)}
        with self._database.writing() as connection:
            run = _lock(connection, run_id)
            if run.lease != lease:
                raise StaleLease(Sentence("Another worker has taken this run over."))
            changes: dict[str, Any] = dict(position)
            losses = [event for event in events if isinstance(event, Batches) and len(event.losses)]
            if losses:
                changes |= rows.NO_END
                if losses[0].first_step <= run.step:
                    rows.drop_beyond(connection, run_id, int(losses[0].first_step) - 1)
                rows.add_batches(connection, run_id, losses)
            for event in events:
                match event:
                    case Epoch():
                        rows.replace(connection, schema.epochs, run_id, rows.epoch_row(event), key="epoch")
                    case Snapshot():
                        rows.add_snapshot(connection, run_id, event)
                    case Notice():
                        changes["notice"] = rows.json_of(event.sentence)
                    case Finished():
                        changes |= rows.end_row(event, _divergence(events))
            if any(isinstance(event, Snapshot) for event in events):
                rows.thin_snapshots(connection, run_id)
            if checkpoint is not None:
                rows.replace(connection, schema.checkpoints, run_id, {**position, "state": checkpoint})
            elif step < run.step:
                _drop_checkpoint_beyond(connection, run_id, step)
            if spec is not None:
                changes["spec"] = spec.model_dump_json()
            if status is not None:
                changes |= {"status": _known(status), "reason": rows.json_of(reason)}
            _update(connection, run_id, changes)

    def rewind(self, run_id: str, step: int) -> None:
        """Forget everything beyond `step`, where training goes on; a run not beyond it stays as it is."""
        with self._database.writing() as connection:
            if _lock(connection, run_id).step <= step:
                return
            rows.drop_beyond(connection, run_id, step)
            _drop_checkpoint_beyond(connection, run_id, step)
            ended = select(schema.epochs.c.epoch).where(schema.epochs.c.run_id == run_id)
            epoch = connection.execute(ended.order_by(schema.epochs.c.epoch.desc()).limit(1)).scalar() or 0
            changes = {"step": step, "epoch": epoch, **rows.NO_END}
            table = schema.checkpoints.c
            query = select(table.epoch, table.seconds).where(table.run_id == run_id, table.step == step)
            saved = connection.execute(query).one_or_none()
            _update(connection, run_id, changes | (dict(saved._mapping) if saved else {}))

    def checkpoint(self, run_id: str) -> bytes | None:
        """The latest training state."""
        table = schema.checkpoints.c
        return self._scalar(select(table.state).where(table.run_id == run_id))

    def snapshot_state(self, run_id: str, step: int) -> bytes | None:
        """The training state kept with a snapshot, or `None` if it was given up to save space."""
        table = schema.snapshot_states.c
        return self._scalar(select(table.state).where(table.run_id == run_id, table.step == step))

    def epochs(self, run_id: str, confusion: bool = True) -> list[Epoch]:
        """In order; `confusion=False` leaves the matrices out."""
        table = schema.epochs.c
        query = select(*rows.epoch_columns(confusion)).where(table.run_id == run_id).order_by(table.epoch)
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        return [rows.epoch_of(row) for row in found]

    def confusion(self, run_id: str, epoch: int) -> np.ndarray | None:
        """(10, 10) int64 counts of validation images at the end of an epoch."""
        table = schema.epochs.c
        return rows.matrix_of(
            self._scalar(select(table.confusion).where(table.run_id == run_id, table.epoch == epoch))
        )

    def batch_curve(self, run_id: str, points: int = 500) -> tuple[np.ndarray, np.ndarray]:
        """Steps (int64) and losses (float32), at most `points` of them, each the mean of as many batches.

        Quick up to `curve.CAPACITY` points; for more, every loss is read.
        """
        with self._database.reading() as connection:
            curve = rows.read_curve(connection, run_id) or empty(1)
            if curve.width > 1 and points > CAPACITY:
                curve = rows.read_losses(connection, run_id)
        return curve.points(points)

    def snapshots(self, run_id: str) -> list[SnapshotInfo]:
        """In order of training."""
        snapshot, state = schema.snapshots.c, schema.snapshot_states.c
        query = (
            select(snapshot.step, snapshot.epoch, state.step.is_not(None).label("has_state"))
            .outerjoin_from(
                schema.snapshots,
                schema.snapshot_states,
                (state.run_id == snapshot.run_id) & (state.step == snapshot.step),
            )
            .where(snapshot.run_id == run_id)
            .order_by(snapshot.step)
        )
        with self._database.reading() as connection:
            return [SnapshotInfo(**row._mapping) for row in connection.execute(query)]

    def snapshot_outputs(self, run_id: str, step: int) -> np.ndarray:
        """A snapshot's outputs: uint8 (10, 28, 28) or float32 (10, 10), as in `Snapshot`."""
        table = schema.snapshots.c
        blob = self._scalar(select(table.outputs).where(table.run_id == run_id, table.step == step))
        if blob is None:
            raise StoreError(Sentence("The film of this run has no frame at batch {step}.", step=step))
        return rows.outputs_of(blob)

    def changes(self, run_id: str) -> list[LearningRateChange]:
        """What was done to the learning rate on the way."""
        return list(self.run(run_id).spec.learning_rate_changes)

    def _set(self, run_id: str, **values: Any) -> None:
        with self._database.writing() as connection:
            _lock(connection, run_id)
            _update(connection, run_id, values)

    def _scalar(self, query: Select) -> Any:
        with self._database.reading() as connection:
            return connection.execute(query).scalar()


def _one(connection: Connection, query: Select, run_id: str) -> Row:
    # Ids come from links, which may hold anything; not every text is one that a database takes.
    row = None
    if _RUN_ID.fullmatch(run_id):
        row = connection.execute(query.where(schema.runs.c.id == run_id)).one_or_none()
    if row is None:
        raise RunNotFound(
            Sentence("There is no run “{run}”. It may have been deleted; check the link.", run=run_id[:40])
        )
    return row


def _lock(connection: Connection, run_id: str) -> Row:
    """The run's lease and step; no other transaction can change the run until this one ends."""
    table = schema.runs.c
    return _one(connection, select(table.lease, table.step).with_for_update(), run_id)


def _update(connection: Connection, run_id: str, values: dict[str, Any]) -> None:
    connection.execute(update(schema.runs).where(schema.runs.c.id == run_id).values(values))


def _drop_checkpoint_beyond(connection: Connection, run_id: str, step: int) -> None:
    table = schema.checkpoints
    connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step > step))


def _step(event: Event) -> int:
    """The last step that the event speaks of."""
    return event.first_step + len(event.losses) - 1 if isinstance(event, Batches) else event.step


def _divergence(events: Sequence[Event]) -> Sentence | None:
    told = [event for event in events if isinstance(event, Notice) and event.kind == "divergence"]
    return told[-1].sentence if told else None


def _known(status: str) -> str:
    if status not in STATUSES:
        raise ValueError(f"{status!r} is not a status of a run")
    return status


def plain(name: str) -> str:
    """One line of visible characters, which every database takes."""
    visible = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(visible.split())[:LONGEST_NAME].rstrip()
