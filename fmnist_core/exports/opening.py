"""The claim that a run was trained for, and when its learner opened the test figures of such runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from fmnist_core.store.rows import in_utc
from fmnist_core.store.runs import Store
from fmnist_core.store.schema import members, own_claims, sweeps


@dataclass(frozen=True)
class Opening:
    """`number` counts the learner's openings up to this one; nothing is `opened` yet where it is 0."""

    stated: datetime
    opened: datetime | None
    number: int


def opening_of(store: Store, run_id: str) -> Opening | None:
    """`None` for a run that was trained for no claim."""
    claimed = (
        select(own_claims.c.stated, own_claims.c.opened, sweeps.c.learner)
        .select_from(own_claims.join(sweeps).join(members))
        .where(members.c.run_id == run_id)
    )
    with store.database.reading() as connection:
        row = connection.execute(claimed).first()
    if row is None:
        return None
    opened = None if row.opened is None else in_utc(row.opened)
    number = 0 if opened is None else openings(store, row.learner, opened)
    return Opening(in_utc(row.stated), opened, number)


def openings(store: Store, learner: str, until: datetime) -> int:
    """How often the learner had opened test figures for a claim by then, that time included."""
    counted = (
        select(func.count())
        .select_from(own_claims.join(sweeps))
        .where(sweeps.c.learner == learner, own_claims.c.opened <= until)
    )
    with store.database.reading() as connection:
        return int(connection.execute(counted).scalar_one())
