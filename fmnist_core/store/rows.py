"""How runs, epochs and test figures become rows and come back."""

from __future__ import annotations

import secrets
import string
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from math import isnan, nan
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, null

from fmnist_core.events import Epoch, Finished
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import schema
from fmnist_core.store.database import StoreError
from fmnist_core.store.schema import AnyRow
from fmnist_core.store.status import END_STATUS, STATUSES, Status

_LETTERS = string.ascii_letters + string.digits
NO_END = {
    "test_loss": None,
    "test_accuracy": None,
    "test_confusion": None,
    "end_reason": None,
    "best_epoch": None,
}


class Unreadable(StoreError):
    """A row that this version of the lab cannot read; the sentence says what is wrong with it."""


class Damaged(StoreError):
    """Bytes that are no longer those that were written; the sentence says of what."""


@dataclass(frozen=True)
class Run:
    """A run as it stands. `learning_rate` is that of the next batch; test figures are `None` until the end.

    Of one that is `closed` they are `None` at the end as well, until its learner opens them for a claim.
    `repeatable`: its batches, trained again on the threads recorded with them, give the same weights.
    `test_confusion` (10, 10) int64, rows true and columns predicted class, is left out of lists of runs.
    """

    id: str
    learner: str
    name: str
    spec: RunSpec
    status: Status
    reason: Sentence | None
    notice: Sentence | None
    created: datetime
    parent: str | None
    parent_step: int | None
    epoch: int
    step: int
    seconds: float
    test_loss: float | None
    test_accuracy: float | None
    test_confusion: np.ndarray | None = field(compare=False)
    end_reason: str | None
    best_epoch: int | None
    lease: int
    holder: str | None
    repeatable: bool
    learning_rate: float
    closed: bool = False


@dataclass(frozen=True)
class UnreadableRun:
    """A run whose row cannot be read, for `reason`; all else goes on without it."""

    id: str
    learner: str
    name: str
    created: datetime
    reason: Sentence


def run_of(row: AnyRow) -> Run:
    """A run from its row, with or without the column of its confusion matrix. Raises `Unreadable`."""
    values = dict(row._mapping)
    spec = spec_of(values["spec"])
    values["created"] = in_utc(values["created"])
    values["spec"] = spec
    try:
        if values["status"] not in STATUSES:
            raise ValueError(f"{values['status']!r} is not a status of a run")
        values["reason"] = sentence_of(values["reason"])
        values["notice"] = sentence_of(values["notice"])
        values["test_confusion"] = matrix_of(values.get("test_confusion"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unreadable(Sentence("its row in the database is damaged.")) from error
    if values["closed"]:
        values |= dict.fromkeys(("test_loss", "test_accuracy", "test_confusion"))
    return Run(**values, learning_rate=spec.learning_rate_at(values["step"]))


def unreadable_run_of(row: AnyRow, reason: Sentence) -> UnreadableRun:
    return UnreadableRun(row.id, row.learner, row.name, in_utc(row.created), reason)


def new_id() -> str:
    """12 letters and digits that nobody can guess."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def add_run(
    connection: Connection, spec: RunSpec, learner: str, name: str, status: Status, **origin: Any
) -> str:
    """The id of a new run; `origin` is what it was branched from, if anything."""
    run_id = new_id()
    row = {
        "id": run_id,
        "learner": learner,
        "name": name or f"{spec.architecture} {'-'.join(map(str, spec.hidden_sizes))}",
        "spec": spec.model_dump_json(),
        "status": status,
        "created": datetime.now(UTC),
        "repeatable": True,
        **origin,
    }
    connection.execute(insert(schema.runs).values(row))
    return run_id


def epoch_columns(confusion: bool) -> list[ColumnElement[Any]]:
    """What `epoch_of` reads, in its order; without the matrices, nulls stand in their place."""
    columns: dict[str, ColumnElement[Any]] = {column.name: column for column in schema.epochs.c}
    if not confusion:
        columns["confusion"] = null()
    return [columns[field.name] for field in fields(Epoch)]


def epoch_of(row: AnyRow) -> Epoch:
    # By position, since a page that polls reads hundreds of these.
    number, step, train, train_eval, validation, train_accuracy, accuracy, confusion, *rest = row
    # SQLite has no NaN; where a loss must be, none means that it was not a number.
    train = nan if train is None else train
    train_eval = nan if train_eval is None else train_eval
    matrix = matrix_of(confusion)
    return Epoch(number, step, train, train_eval, validation, train_accuracy, accuracy, matrix, *rest)


def epoch_row(event: Epoch) -> dict[str, Any]:
    return {
        "epoch": int(event.epoch),
        "step": int(event.step),
        "train_loss": _number(event.train_loss),
        "train_loss_eval": _number(event.train_loss_eval),
        "validation_loss": _number(event.validation_loss),
        "train_accuracy": _number(event.train_accuracy),
        "validation_accuracy": _number(event.validation_accuracy),
        "learning_rate": float(event.learning_rate),
        "seconds": float(event.seconds),
        "confusion": _matrix_bytes(event.confusion),
        "dead_units": _number(event.dead_units),
    }


def end_row(event: Finished, divergence: Sentence | None) -> dict[str, Any]:
    """The columns that a run's end sets. A run that diverged has failed, and `divergence` says why."""
    divergence = divergence or Sentence(
        "The loss is no longer a number: training has diverged. "
        "Try a smaller learning rate, then train again."
    )
    return {
        "test_loss": _number(event.test_loss),
        "test_accuracy": _number(event.test_accuracy),
        "test_confusion": _matrix_bytes(event.test_confusion),
        "end_reason": event.reason,
        "best_epoch": None if event.best_epoch is None else int(event.best_epoch),
        "status": END_STATUS[event.reason],
        "reason": json_of(divergence) if event.reason == "diverged" else None,
    }


def replace(
    connection: Connection, table: Table, run_id: str, values: Mapping[str, Any], key: str = ""
) -> None:
    """The run's row in `table`, or the one with the same `key`, made anew in the caller's transaction."""
    old = delete(table).where(table.c.run_id == run_id)
    if key:
        old = old.where(table.c[key] == values[key])
    connection.execute(old)
    connection.execute(insert(table).values(run_id=run_id, **values))


def checksum(content: bytes) -> int:
    """What is written beside bytes, to know them again by."""
    return zlib.crc32(content)


def is_intact(content: bytes, recorded: int | None) -> bool:
    """Whether bytes are as they were written; those of before there were checksums count as such."""
    return recorded is None or checksum(content) == recorded


def in_utc(time: datetime) -> datetime:
    """SQLite keeps the date and drops the zone; Postgres answers in the zone of its session."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def matrix_of(blob: bytes | None) -> np.ndarray | None:
    return None if blob is None else np.frombuffer(blob, "<i4").reshape(10, 10).astype(np.int64)


def sentence_of(text: str | None) -> Sentence | None:
    return None if text is None else Sentence.from_json(text)


def json_of(sentence: Sentence | None) -> str | None:
    return None if sentence is None else sentence.to_json()


def _matrix_bytes(matrix: np.ndarray | None) -> bytes | None:
    return None if matrix is None else np.asarray(matrix, dtype="<i4").tobytes()


def _number(value: float | None) -> float | None:
    return None if value is None or isnan(value) else float(value)


def spec_of(text: str) -> RunSpec:
    """Raises `Unreadable` for what is no spec, or none any more since limits have changed."""
    try:
        return _spec_of(text)
    except LabError as refused:
        raise _unreadable(refused.sentence) from refused


def _unreadable(fault: Sentence) -> Unreadable:
    return Unreadable(Sentence("This version of the lab cannot read this: {fault}", fault=fault))


@lru_cache(maxsize=1024)
def _spec_of(text: str) -> RunSpec:
    """Read once, since a page that polls asks for the same ones again and again."""
    return read_spec(text)
