"""Snapshots of a run in the database: what it made of ten garments, and training states to branch from.

Functions work inside the caller's transaction, and leave its end to the caller.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, insert, select

from fmnist_core.events import Snapshot
from fmnist_core.store import rows, schema

STATES_BUDGET = 48 << 20  # bytes a run


@dataclass(frozen=True)
class SnapshotInfo:
    """When a snapshot was taken; a branch can start where `has_state`."""

    step: int
    epoch: float
    has_state: bool


def add(connection: Connection, run_id: str, event: Snapshot) -> None:
    outputs = io.BytesIO()
    np.save(outputs, event.outputs, allow_pickle=False)
    values: dict[str, Any] = {"step": int(event.step), "epoch": float(event.epoch)}
    rows.replace(connection, schema.snapshots, run_id, {**values, "outputs": outputs.getvalue()}, key="step")
    if event.state:
        state = {"run_id": run_id, "step": int(event.step), "size": len(event.state), "state": event.state}
        connection.execute(insert(schema.snapshot_states).values(state))


def thin(connection: Connection, run_id: str) -> None:
    """Keep the states of the run's snapshots within their budget; all outputs stay."""
    table = schema.snapshot_states
    query = select(table.c.step, table.c.size).where(table.c.run_id == run_id)
    sizes = {row.step: row.size for row in connection.execute(query)}
    surplus = crowded(sizes, STATES_BUDGET)
    if surplus:
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step.in_(surplus)))


def crowded(sizes: Mapping[int, int], budget: int) -> list[int]:
    """The steps to give up so that the rest fit into `budget` bytes, the closest to their neighbours first.

    Distance is between logarithms, as snapshots are log-spaced. The first and the last always stay.
    """
    kept, surplus = sorted(sizes), []
    total = sum(sizes.values())
    while total > budget and len(kept) > 2:
        gaps = [log(after + 1) - log(before + 1) for before, after in zip(kept, kept[2:], strict=False)]
        step = kept.pop(1 + gaps.index(min(gaps)))
        total -= sizes[step]
        surplus.append(step)
    return surplus


def infos(connection: Connection, run_id: str) -> list[SnapshotInfo]:
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
    return [SnapshotInfo(**row._mapping) for row in connection.execute(query)]


def outputs_of(blob: bytes) -> np.ndarray:
    """uint8 (10, 28, 28) or float32 (10, 10), as in `Snapshot`."""
    outputs: np.ndarray = np.load(io.BytesIO(blob), allow_pickle=False)
    return outputs
