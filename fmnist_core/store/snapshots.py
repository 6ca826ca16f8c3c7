"""Snapshots of a run in the database: what it made of ten garments, and training states to branch from.

Functions work inside the caller's transaction, and leave its end to the caller.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
from sqlalchemy import Connection, delete, insert, select

from fmnist_core.events import Snapshot
from fmnist_core.spec import RunSpec
from fmnist_core.store import rows, schema

STATES_BUDGET = 48 << 20  # bytes, of a run that cannot be repeated
LARGE_STATE = 8 << 20


@dataclass(frozen=True)
class SnapshotInfo:
    """When a snapshot was taken, and whether a branch can start there."""

    step: int
    epoch: float
    can_branch: bool


def add(connection: Connection, run_id: str, event: Snapshot) -> None:
    outputs = io.BytesIO()
    np.save(outputs, event.outputs, allow_pickle=False)
    values = {
        "step": int(event.step),
        "epoch": float(event.epoch),
        "outputs": outputs.getvalue(),
        "fingerprint": event.fingerprint,
    }
    rows.replace(connection, schema.snapshots, run_id, values, key="step")
    if event.state:
        state = {"run_id": run_id, "step": int(event.step), "size": len(event.state), "state": event.state}
        connection.execute(insert(schema.snapshot_states).values(state))


def thin(connection: Connection, run_id: str, repeatable: RunSpec | None) -> None:
    """Give up states of the run's snapshots that it can do without; all outputs stay.

    Of a repeatable run, whose spec is given, any state can be had again by training from one before it.
    """
    table = schema.snapshot_states
    query = select(table.c.step, table.c.size).where(table.c.run_id == run_id)
    sizes = {row.step: row.size for row in connection.execute(query)}
    surplus = spare(sizes, repeatable) if repeatable else crowded(sizes, STATES_BUDGET)
    if surplus:
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step.in_(surplus)))


def spare(sizes: Mapping[int, int], spec: RunSpec) -> list[int]:
    """All steps but the one nearest to the middle of training, so that none is further than half a run away.

    A large state does not stay even there. The start does if it does not follow from the spec alone.
    """
    middle = spec.total_steps / 2
    kept = set(sorted(sizes, key=lambda step: abs(step - middle))[:1])
    kept = {step for step in kept if sizes[step] <= LARGE_STATE}
    if spec.starts_from_a_run:
        kept.add(min(sizes, default=0))
    return [step for step in sizes if step not in kept]


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
    run, snapshot, state = schema.runs.c, schema.snapshots.c, schema.snapshot_states.c
    can_branch = (run.repeatable | state.step.is_not(None)).label("can_branch")
    query = (
        select(snapshot.step, snapshot.epoch, can_branch)
        .join_from(schema.snapshots, schema.runs)
        .outerjoin(schema.snapshot_states, (state.run_id == snapshot.run_id) & (state.step == snapshot.step))
        .where(snapshot.run_id == run_id)
        .order_by(snapshot.step)
    )
    return [SnapshotInfo(**row._mapping) for row in connection.execute(query)]


def outputs_of(blob: bytes) -> np.ndarray:
    """uint8 (10, 28, 28) or float32 (10, 10), as in `Snapshot`."""
    outputs: np.ndarray = np.load(io.BytesIO(blob), allow_pickle=False)
    return outputs
