"""A run at a batch of its past: which states are kept, and what training it again there takes."""

from __future__ import annotations

from sqlalchemy import select

from fmnist_core.store import losses, schema, snapshots
from fmnist_core.store.runs import Store


def can_branch(store: Store, run_id: str, step: int) -> bool:
    """Whether the weights after `step` batches can be had, if only by training the run again."""
    run = store.run(run_id)
    if run.repeatable:
        return 0 <= step <= run.step
    return any(info.step == step and info.can_branch for info in store.snapshots(run_id))


def nearest_state(store: Store, run_id: str, step: int) -> bytes | None:
    """The latest undamaged training state that is kept of the run's first `step` batches."""
    with store.database.reading() as connection:
        return snapshots.nearest_state(connection, run_id, step)


def threads(store: Store, run_id: str) -> list[tuple[int, int]]:
    """On how many threads the run was trained: from which batch on, in order."""
    with store.database.reading() as connection:
        return losses.read_threads(connection, run_id)


def fingerprints(store: Store, run_id: str) -> dict[int, int]:
    """Those of the weights at the steps of snapshots that have one."""
    table = schema.snapshots.c
    query = select(table.step, table.fingerprint).where(
        table.run_id == run_id, table.fingerprint.is_not(None)
    )
    with store.database.reading() as connection:
        return {row.step: row.fingerprint for row in connection.execute(query)}
