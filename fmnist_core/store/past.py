"""A run at a batch of its past: which states are kept, and what training it again there takes."""

from __future__ import annotations

from sqlalchemy import select

from fmnist_core.store import losses, schema, snapshots
from fmnist_core.store.runs import Run, Store


def kept_steps(store: Store, run_id: str) -> list[int]:
    """The batches after which a training state was kept with the snapshot, in order."""
    table = schema.snapshot_states.c
    with store.database.reading() as connection:
        steps = connection.execute(select(table.step).where(table.run_id == run_id).order_by(table.step))
        return list(steps.scalars())


def replay_from(store: Store, run: Run, step: int) -> int | None:
    """The batch from which on the run is trained again to be had as it was after `step`: that itself if its
    state is kept. `None` if those weights cannot be had.
    """
    steps = kept_steps(store, run.id)
    if step in steps:
        return step
    if not run.repeatable or not 0 <= step <= run.step:
        return None
    last = schema.checkpoints.c
    with store.database.reading() as connection:
        steps += connection.execute(select(last.step).where(last.run_id == run.id, last.whole)).scalars()
    return max((before for before in steps if before <= step), default=0)


def has_whole_end(store: Store, run_id: str) -> bool:
    """Whether the latest training state, if there is one, has the optimizer's memory, too."""
    table = schema.checkpoints.c
    with store.database.reading() as connection:
        return connection.execute(select(table.whole).where(table.run_id == run_id)).scalar() is not False


def nearest_state(store: Store, run_id: str, step: int) -> bytes | None:
    """The latest undamaged training state that is kept of the run's first `step` batches."""
    with store.database.reading() as connection:
        return snapshots.nearest_state(connection, run_id, step)


def threads(store: Store, run_id: str) -> list[tuple[int, int]]:
    """On how many threads the run was trained: from which batch on, in order."""
    with store.database.reading() as connection:
        return losses.read_threads(connection, run_id)


def hardware(store: Store, run_id: str) -> list[str]:
    """What the run was trained on, each once, in order; nothing of what versions before format 12 trained."""
    with store.database.reading() as connection:
        return losses.read_hardware(connection, run_id)


def fingerprints(store: Store, run_id: str) -> dict[int, int]:
    """Those of the weights at the steps of snapshots that have one."""
    table = schema.snapshots.c
    query = select(table.step, table.fingerprint).where(
        table.run_id == run_id, table.fingerprint.is_not(None)
    )
    with store.database.reading() as connection:
        return {row.step: row.fingerprint for row in connection.execute(query)}
