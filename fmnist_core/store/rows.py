"""How runs, metrics and snapshots become rows and come back.

Functions that take a connection work inside the caller's transaction, and leave its end to the caller.
"""

from __future__ import annotations

import io
import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from math import isnan, log, nan
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert, null, select, update

from fmnist_core.events import Batches, Epoch, Finished, Snapshot
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import schema
from fmnist_core.store.loss_curve import Curve, empty
from fmnist_core.store.status import END_STATUS

_LETTERS = string.ascii_letters + string.digits
SNAPSHOT_BUDGET = 48 << 20
NO_END = {
    "test_loss": None,
    "test_accuracy": None,
    "test_confusion": None,
    "end_reason": None,
    "best_epoch": None,
}


@dataclass(frozen=True)
class Run:
    """A run as it stands. `learning_rate` is that of the next batch; test figures are `None` until the end.

    `test_confusion` (10, 10) int64, rows true and columns predicted class, is left out of lists of runs.
    """

    id: str
    learner: str
    name: str
    spec: RunSpec
    status: str
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
    learning_rate: float


def run_of(row: Row) -> Run:
    """A run from its row, with or without the column of its confusion matrix."""
    values = dict(row._mapping)
    spec = spec_of(values["spec"])
    created = values["created"]
    # SQLite keeps the date and drops the zone; Postgres answers in the zone of its session.
    values["created"] = created.replace(tzinfo=UTC) if created.tzinfo is None else created.astimezone(UTC)
    values["spec"] = spec
    values["reason"] = sentence_of(values["reason"])
    values["notice"] = sentence_of(values["notice"])
    values["test_confusion"] = matrix_of(values.get("test_confusion"))
    return Run(**values, learning_rate=spec.learning_rate_at(values["step"]))


def new_id() -> str:
    """12 letters and digits that nobody can guess."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def add_run(
    connection: Connection, spec: RunSpec, learner: str, name: str, status: str, **origin: Any
) -> str:
    """The id of a new run; `origin` is what it was branched from, if anything."""
    row = {
        "id": new_id(),
        "learner": learner,
        "name": name or f"{spec.architecture} {'-'.join(map(str, spec.hidden_sizes))}",
        "spec": spec.model_dump_json(),
        "status": status,
        "created": datetime.now(UTC),
        **origin,
    }
    connection.execute(insert(schema.runs).values(row))
    return row["id"]


def epoch_columns(confusion: bool) -> list[ColumnElement]:
    """What `epoch_of` reads, in its order; without the matrices, nulls stand in their place."""
    columns = {column.name: column for column in schema.epochs.c} | (
        {} if confusion else {"confusion": null()}
    )
    return [columns[field.name] for field in fields(Epoch)]


def epoch_of(row: Row) -> Epoch:
    # By position, since a page that polls reads hundreds of these.
    epoch, step, train_loss, train_loss_eval, *measured, confusion, learning_rate, seconds = row
    # SQLite has no NaN; where a loss must be, none means that it was not a number.
    train_loss = nan if train_loss is None else train_loss
    train_loss_eval = nan if train_loss_eval is None else train_loss_eval
    matrix = matrix_of(confusion)
    return Epoch(epoch, step, train_loss, train_loss_eval, *measured, matrix, learning_rate, seconds)


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
    """The run's row in `table`, or the one with the same `key`, made anew."""
    old = delete(table).where(table.c.run_id == run_id)
    if key:
        old = old.where(table.c[key] == values[key])
    connection.execute(old)
    connection.execute(insert(table).values(run_id=run_id, **values))


def read_curve(connection: Connection, run_id: str) -> Curve | None:
    row = connection.execute(select(schema.curves).where(schema.curves.c.run_id == run_id)).one_or_none()
    if row is None:
        return None
    sums, counts = np.frombuffer(row.sums, "<f8"), np.frombuffer(row.counts, "<i8")
    return Curve(row.origin, row.width, sums, counts)


def read_losses(connection: Connection, run_id: str) -> Curve:
    """The run's losses batch by batch, none averaged."""
    table = schema.batches.c
    query = select(table.first_step, table.losses).where(table.run_id == run_id).order_by(table.first_step)
    rows = connection.execute(query).all()
    if not rows:
        return empty(1)
    last = rows[-1].first_step + len(rows[-1].losses) // 4 - 1
    origin = rows[0].first_step
    sums, counts = np.zeros(last - origin + 1), np.zeros(last - origin + 1, dtype=np.int64)
    for row in rows:
        losses = np.frombuffer(row.losses, "<f4")
        there = slice(row.first_step - origin, row.first_step - origin + len(losses))
        sums[there], counts[there] = losses, 1
    return Curve(origin, 1, sums, counts)


def add_batches(connection: Connection, run_id: str, events: Sequence[Batches]) -> None:
    """Append losses of batches that are not recorded yet."""
    stored = read_curve(connection, run_id)
    curve = stored or empty(int(events[0].first_step))
    for event in events:
        losses = np.asarray(event.losses, dtype="<f4")
        row = {"first_step": int(event.first_step), "count": len(losses), "losses": losses.tobytes()}
        connection.execute(insert(schema.batches).values(run_id=run_id, **row))
        curve = curve.added(int(event.first_step), losses)
    values = _curve_row(curve)
    if stored:
        table = schema.curves
        connection.execute(update(table).where(table.c.run_id == run_id).values(values))
    else:
        connection.execute(insert(schema.curves).values(run_id=run_id, **values))


def drop_beyond(connection: Connection, run_id: str, step: int) -> None:
    """Forget the run's metrics and snapshots after `step`."""
    for table in (schema.epochs, schema.snapshots):
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step > step))
    table = schema.batches
    connection.execute(delete(table).where(table.c.run_id == run_id, table.c.first_step > step))
    across = (table.c.run_id == run_id) & (table.c.first_step + table.c.count > step + 1)
    row = connection.execute(select(table).where(across)).one_or_none()
    if row is not None:
        kept = step - row.first_step + 1
        connection.execute(update(table).where(across).values(count=kept, losses=row.losses[: 4 * kept]))
    connection.execute(delete(schema.curves).where(schema.curves.c.run_id == run_id))
    losses = read_losses(connection, run_id)
    if len(losses.sums):
        row = _curve_row(losses.condensed())
        connection.execute(insert(schema.curves).values(run_id=run_id, **row))


def add_snapshot(connection: Connection, run_id: str, event: Snapshot) -> None:
    outputs = io.BytesIO()
    np.save(outputs, event.outputs, allow_pickle=False)
    row = {"step": int(event.step), "epoch": float(event.epoch), "outputs": outputs.getvalue()}
    replace(connection, schema.snapshots, run_id, row, key="step")
    if event.state:
        state = {"run_id": run_id, "step": row["step"], "size": len(event.state), "state": event.state}
        connection.execute(insert(schema.snapshot_states).values(state))


def thin_snapshots(connection: Connection, run_id: str) -> None:
    """Keep the states of the run's snapshots within their budget; all outputs stay."""
    table = schema.snapshot_states
    query = select(table.c.step, table.c.size).where(table.c.run_id == run_id)
    sizes = {row.step: row.size for row in connection.execute(query)}
    gone = crowded(sizes, SNAPSHOT_BUDGET)
    if gone:
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step.in_(gone)))


def crowded(sizes: Mapping[int, int], budget: int) -> list[int]:
    """The steps to give up so that the rest fit into `budget` bytes, the closest to their neighbours first.

    Distance is between logarithms, as snapshots are log-spaced. The first and the last always stay.
    """
    kept, gone = sorted(sizes), []
    total = sum(sizes.values())
    while total > budget and len(kept) > 2:
        gaps = [log(after + 1) - log(before + 1) for before, after in zip(kept, kept[2:], strict=False)]
        step = kept.pop(1 + gaps.index(min(gaps)))
        total -= sizes[step]
        gone.append(step)
    return gone


def outputs_of(blob: bytes) -> np.ndarray:
    return np.load(io.BytesIO(blob), allow_pickle=False)


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


def _curve_row(curve: Curve) -> dict[str, Any]:
    sums, counts = curve.sums.astype("<f8").tobytes(), curve.counts.astype("<i8").tobytes()
    return {"origin": curve.origin, "width": curve.width, "sums": sums, "counts": counts}


@lru_cache(maxsize=4096)
def spec_of(text: str) -> RunSpec:
    """Read once, since a page that polls asks for the same ones again and again."""
    return read_spec(text)
