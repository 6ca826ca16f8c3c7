"""Training states of a run in the database, and its film: what the network made of ten garments.

What is read is held to its checksum: bytes that have changed since they were written are refused.
Functions work inside the caller's transaction, and leave its end to the caller.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
from sqlalchemy import Connection, delete, insert, literal, select, text

from fmnist_core.events import Snapshot
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store import rows, schema
from fmnist_core.store.database import StoreError

STATES_BUDGET = 48 << 20  # bytes, of a run that cannot be repeated
LARGE_STATE = 8 << 20


@dataclass(frozen=True)
class SnapshotInfo:
    """When a snapshot was taken."""

    step: int
    epoch: float


def add(connection: Connection, run_id: str, event: Snapshot) -> None:
    outputs = io.BytesIO()
    np.save(outputs, event.outputs, allow_pickle=False)
    encoded = outputs.getvalue()
    values = {
        "step": int(event.step),
        "epoch": float(event.epoch),
        "outputs": encoded,
        "checksum": rows.checksum(encoded),
        "fingerprint": event.fingerprint,
    }
    rows.replace(connection, schema.snapshots, run_id, values, key="step")
    if event.state:
        state = {"run_id": run_id, "step": int(event.step), "size": len(event.state), "state": event.state}
        checksum = rows.checksum(event.state)
        connection.execute(insert(schema.snapshot_states).values(**state, checksum=checksum))


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
    remaining = set(sorted(sizes, key=lambda step: abs(step - middle))[:1])
    remaining = {step for step in remaining if sizes[step] <= LARGE_STATE}
    if spec.starts_from_a_run:
        remaining.add(min(sizes, default=0))
    return [step for step in sizes if step not in remaining]


def crowded(sizes: Mapping[int, int], budget: int) -> list[int]:
    """The steps to give up so that the rest fit into `budget` bytes, the closest to their neighbours first.

    Distance is between logarithms, as snapshots are log-spaced. The first and the last always stay.
    """
    remaining, surplus = sorted(sizes), []
    total = sum(sizes.values())
    while total > budget and len(remaining) > 2:
        gaps = [
            log(after + 1) - log(before + 1) for before, after in zip(remaining, remaining[2:], strict=False)
        ]
        step = remaining.pop(1 + gaps.index(min(gaps)))
        total -= sizes[step]
        surplus.append(step)
    return surplus


def infos(connection: Connection, run_id: str) -> list[SnapshotInfo]:
    """In order of training."""
    table = schema.snapshots.c
    query = select(table.step, table.epoch).where(table.run_id == run_id).order_by(table.step)
    return [SnapshotInfo(**row._mapping) for row in connection.execute(query)]


def last_state(connection: Connection, run_id: str) -> bytes | None:
    """The run's latest training state, if there is one. Raises `Damaged`."""
    table = schema.checkpoints.c
    query = select(table.step, table.state, table.checksum).where(table.run_id == run_id)
    row = connection.execute(query).one_or_none()
    if row is not None and not rows.is_intact(row.state, row.checksum):
        raise rows.Damaged(
            Sentence(
                "The saved state of this run at batch {step:,} is damaged: it is no longer what was written. "
                "Further training goes on from an older state; to have these weights again, start a new run.",
                step=row.step,
            )
        )
    return row.state if row else None


def nearest_state(connection: Connection, run_id: str, step: int) -> bytes | None:
    """The latest undamaged training state that is kept of the run's first `step` batches."""
    states, last = schema.snapshot_states.c, schema.checkpoints.c
    before = select(states.step, literal(True).label("film")).where(
        states.run_id == run_id, states.step <= step
    )
    end = select(last.step, literal(False).label("film")).where(
        last.run_id == run_id, last.step <= step, last.whole
    )
    for row in connection.execute(before.union_all(end).order_by(text("step DESC"))).all():
        table = states if row.film else last
        query = select(table.state, table.checksum).where(table.run_id == run_id, table.step == row.step)
        state, checksum = connection.execute(query).one()
        if rows.is_intact(state, checksum):
            return bytes(state)
    return None


def state_at(connection: Connection, run_id: str, step: int) -> bytes | None:
    """The undamaged training state kept with a snapshot, if there is one."""
    table = schema.snapshot_states.c
    query = select(table.state, table.checksum).where(table.run_id == run_id, table.step == step)
    row = connection.execute(query).one_or_none()
    return row.state if row is not None and rows.is_intact(row.state, row.checksum) else None


def outputs_at(connection: Connection, run_id: str, step: int) -> np.ndarray:
    """uint8 (10, 28, 28) or float32 (10, 10), as in `Snapshot`. Raises `Damaged` or `StoreError`."""
    table = schema.snapshots.c
    query = select(table.outputs, table.checksum).where(table.run_id == run_id, table.step == step)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise StoreError(Sentence("The film of this run has no frame at batch {step}.", step=step))
    if not rows.is_intact(row.outputs, row.checksum):
        raise rows.Damaged(
            Sentence(
                "The film's frame at batch {step:,} is damaged: it is no longer what was written. Look at "
                "another frame; training is not touched by this.",
                step=step,
            )
        )
    outputs: np.ndarray = np.load(io.BytesIO(row.outputs), allow_pickle=False)
    return outputs
