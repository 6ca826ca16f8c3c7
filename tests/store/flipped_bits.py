"""Flips one bit of what a store keeps as bytes, behind the store's back, as a failing disk does."""

import sqlalchemy

from fmnist_core.store.runs import Store


def flip(content: bytes, place: float = 0.5) -> bytes:
    changed = bytearray(content)
    changed[int(place * len(content))] ^= 1 << 3
    return bytes(changed)


def flip_in(
    store: Store,
    column: sqlalchemy.Column[bytes],
    run_id: str,
    *,
    step: int | None = None,
    place: float = 0.5,
) -> None:
    """In the run's row of the column's table, or in the one of a step."""
    table = column.table
    mine = table.c.run_id == run_id
    if step is not None:
        mine &= table.c.step == step
    with store.database.writing() as connection:
        content = connection.execute(sqlalchemy.select(column).where(mine)).scalar_one()
        changed = {column.name: flip(content, place)}
        connection.execute(sqlalchemy.update(table).where(mine).values(changed))
