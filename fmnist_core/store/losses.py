"""The batch-by-batch losses of a run in the database: every one of them, and the same ones condensed.

Functions work inside the caller's transaction, and leave its end to the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, insert, select, update

from fmnist_core.events import Batches
from fmnist_core.store import schema
from fmnist_core.store.loss_curve import Curve, empty


def read_curve(connection: Connection, run_id: str) -> Curve | None:
    """The condensed losses; `None` before the first batch."""
    row = connection.execute(select(schema.curves).where(schema.curves.c.run_id == run_id)).one_or_none()
    if row is None:
        return None
    sums, counts = np.frombuffer(row.sums, "<f8"), np.frombuffer(row.counts, "<i8")
    return Curve(row.origin, row.width, sums, counts)


def read_losses(connection: Connection, run_id: str) -> Curve:
    """The run's losses batch by batch, none averaged."""
    table = schema.batches.c
    query = select(table.first_step, table.losses).where(table.run_id == run_id).order_by(table.first_step)
    pieces = [(row.first_step, np.frombuffer(row.losses, "<f4")) for row in connection.execute(query)]
    if not pieces:
        return empty(1)
    origin = pieces[0][0]
    end = pieces[-1][0] + len(pieces[-1][1])
    sums, counts = np.zeros(end - origin), np.zeros(end - origin, dtype=np.int64)
    for first_step, losses in pieces:
        start = first_step - origin
        sums[start : start + len(losses)], counts[start : start + len(losses)] = losses, 1
    return Curve(origin, 1, sums, counts)


def add(
    connection: Connection, run_id: str, events: Sequence[Batches], threads: int | None, hardware: str | None
) -> None:
    """Append losses of batches that are not recorded yet, trained on so many threads of that hardware."""
    stored = read_curve(connection, run_id)
    curve = stored or empty(int(events[0].first_step))
    for event in events:
        losses = np.asarray(event.losses, dtype="<f4")
        row = {"first_step": int(event.first_step), "count": len(losses), "losses": losses.tobytes()}
        connection.execute(
            insert(schema.batches).values(run_id=run_id, **row, threads=threads, hardware=hardware)
        )
        curve = curve.added(int(event.first_step), losses)
    if stored:
        mine = schema.curves.c.run_id == run_id
        connection.execute(update(schema.curves).where(mine).values(_curve_row(curve)))
    else:
        connection.execute(insert(schema.curves).values(run_id=run_id, **_curve_row(curve)))


def read_threads(connection: Connection, run_id: str) -> list[tuple[int, int]]:
    """On how many threads the run was trained: from which batch on, in order."""
    table = schema.batches.c
    query = select(table.first_step, table.threads).where(table.run_id == run_id).order_by(table.first_step)
    changes: list[tuple[int, int]] = []
    for first_step, threads in connection.execute(query):
        if threads is not None and (not changes or changes[-1][1] != threads):
            changes.append((first_step, threads))
    return changes


def read_hardware(connection: Connection, run_id: str) -> list[str]:
    """What the run was trained on, each once, in order."""
    table = schema.batches.c
    query = select(table.hardware).where(table.run_id == run_id).order_by(table.first_step)
    return list(dict.fromkeys(name for name in connection.execute(query).scalars() if name))


def drop_beyond(connection: Connection, run_id: str, step: int) -> None:
    """Forget the losses of batches after `step`."""
    table = schema.batches
    connection.execute(delete(table).where(table.c.run_id == run_id, table.c.first_step > step))
    across = (table.c.run_id == run_id) & (table.c.first_step + table.c.count > step + 1)
    row = connection.execute(select(table).where(across)).one_or_none()
    if row is not None:
        count = step - row.first_step + 1
        connection.execute(update(table).where(across).values(count=count, losses=row.losses[: 4 * count]))
    connection.execute(delete(schema.curves).where(schema.curves.c.run_id == run_id))
    losses = read_losses(connection, run_id)
    if len(losses.sums):
        values = _curve_row(losses.condensed())
        connection.execute(insert(schema.curves).values(run_id=run_id, **values))


def _curve_row(curve: Curve) -> dict[str, Any]:
    sums, counts = curve.sums.astype("<f8").tobytes(), curve.counts.astype("<i8").tobytes()
    return {"origin": curve.origin, "width": curve.width, "sums": sums, "counts": counts}
