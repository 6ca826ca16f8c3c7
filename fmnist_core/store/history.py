"""What training has recorded of a run: events become rows, and what lies beyond a step is forgotten.

Functions work inside the caller's transaction, and leave its end to the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete

from fmnist_core.events import Batches, Epoch, Event, Finished, Notice, Snapshot
from fmnist_core.sentences import Sentence
from fmnist_core.store import losses, rows, schema, snapshots
from fmnist_core.store.schema import AnyRow


def record(
    connection: Connection, run: AnyRow, events: Sequence[Event], threads: int | None, hardware: str | None
) -> dict[str, Any]:
    """Writes what `events` say of the run; the changes to its own row.

    `threads` is how many it was trained on, or `None` where that does not decide how its weights come out.
    """
    run_id: str = run.id
    changes: dict[str, Any] = {}
    repeatable = run.repeatable
    batches = [event for event in events if isinstance(event, Batches) and len(event.losses)]
    if batches:
        begun_anew = any(isinstance(event, Notice) and event.kind == "memory" for event in events)
        repeatable &= threads is not None and not begun_anew  # which no training from the start does
        changes |= {**rows.NO_END, "repeatable": repeatable}
        if batches[0].first_step <= run.step:
            drop_beyond(connection, run_id, int(batches[0].first_step) - 1)
        losses.add(connection, run_id, batches, threads, hardware)
    for event in events:
        match event:
            case Epoch():
                rows.replace(connection, schema.epochs, run_id, rows.epoch_row(event), key="epoch")
            case Snapshot():
                snapshots.add(connection, run_id, event)
            case Notice():
                changes["notice"] = rows.json_of(event.sentence)
            case Finished():
                changes |= rows.end_row(event, _divergence(events))
    if any(isinstance(event, Snapshot) for event in events):
        snapshots.thin(connection, run_id, rows.spec_of(run.spec) if repeatable else None)
    return changes


def drop_beyond(connection: Connection, run_id: str, step: int) -> None:
    """Forget the run's metrics and snapshots after `step`."""
    for table in (schema.epochs, schema.snapshots):
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step > step))
    losses.drop_beyond(connection, run_id, step)


def drop_checkpoint_beyond(connection: Connection, run_id: str, step: int) -> None:
    table = schema.checkpoints
    connection.execute(delete(table).where(table.c.run_id == run_id, table.c.step > step))


def last_step(event: Event) -> int:
    """The last step that the event speaks of."""
    return event.first_step + len(event.losses) - 1 if isinstance(event, Batches) else event.step


def _divergence(events: Sequence[Event]) -> Sentence | None:
    notices = [event for event in events if isinstance(event, Notice) and event.kind == "divergence"]
    return notices[-1].sentence if notices else None
