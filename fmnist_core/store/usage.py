"""How much of the disk a learner's runs and pins take, how much they may, and how much must stay free.

FMNIST_QUOTA_MB is what one learner may take, FMNIST_FREE_MB what must stay free on the disk of an
SQLite store; 0 sets no bound. A database server looks after its own disk.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from fmnist_core.sentences import Sentence
from fmnist_core.store import schema
from fmnist_core.store.database import Database, StoreError

MEGABYTE = 1_000_000
QUOTA, FREE = 1000, 500  # megabytes
NEARLY = 0.8  # of the quota


@dataclass(frozen=True)
class Usage:
    """Megabytes: those `used` of the learner's `quota`, those `free` on the disk and its `floor`.

    `quota` and `floor` are 0 where there is no bound; `free` is `None` where it cannot be known.
    """

    used: float
    quota: int
    free: float | None
    floor: int

    @property
    def refusal(self) -> Sentence | None:
        """Why the learner can train nothing new, if so."""
        if self.quota and self.used >= self.quota:
            return Sentence(
                "Your runs and pins take {used:,.0f} MB, and each learner has {quota:,} MB here. Delete some "
                "on Results › Runs, then train again.",
                used=self.used,
                quota=self.quota,
            )
        return self.low_disk

    @property
    def low_disk(self) -> Sentence | None:
        if self.free is None or self.free >= self.floor:
            return None
        return Sentence(
            "The lab's disk has {free:,.0f} MB left, and {floor:,} MB must stay free, so nothing trains. "
            "Delete runs on Results › Runs, or ask whoever runs the lab for room.",
            free=self.free,
            floor=self.floor,
        )

    @property
    def warning(self) -> Sentence | None:
        """What will soon be in the way, if anything."""
        if self.quota and self.used >= NEARLY * self.quota:
            return Sentence(
                "Your runs and pins take {used:,.0f} of {quota:,} MB. When they take all, nothing new can be "
                "trained; delete some in time.",
                used=self.used,
                quota=self.quota,
            )
        if self.free is not None and self.free < 2 * self.floor:
            return Sentence(
                "The lab's disk has {free:,.0f} MB left. Training stops when it has {floor:,} MB.",
                free=self.free,
                floor=self.floor,
            )
        return None


def usage(database: Database, learner: str) -> Usage:
    """Raises `StoreError`, also if a bound in the environment is no number."""
    runs, states = schema.runs.c, schema.snapshot_states.c
    last, snapshots = schema.checkpoints.c, schema.snapshots.c
    sums = (
        select(func.sum(func.length(last.state))).join_from(schema.checkpoints, schema.runs),
        select(func.sum(states.size)).join_from(
            schema.snapshot_states, schema.runs, states.run_id == runs.id
        ),
        select(func.sum(func.length(snapshots.outputs))).join_from(schema.snapshots, schema.runs),
        select(func.sum(4 * runs.step)),  # a loss for each batch
    )
    members, pins = schema.report_members.c, schema.pins.c
    pinned = select(func.sum(func.length(pins.content))).join_from(
        schema.pins, schema.report_members, pins.report_id == members.report_id
    )
    with database.reading() as connection:
        used = sum(connection.execute(query.where(runs.learner == learner)).scalar() or 0 for query in sums)
        # Those of a report that several write count for each of them.
        used += connection.execute(pinned.where(members.learner == learner)).scalar() or 0
    return Usage(used / MEGABYTE, _bound("FMNIST_QUOTA_MB", QUOTA), _free(database), floor())


def disk(database: Database) -> Usage:
    """The disk alone, without asking the database."""
    return Usage(0.0, 0, _free(database), floor())


def floor() -> int:
    return _bound("FMNIST_FREE_MB", FREE)


def _free(database: Database) -> float | None:
    file = database.url.database
    if database.url.get_backend_name() != "sqlite" or not file:
        return None
    try:
        return shutil.disk_usage(Path(file).parent).free / MEGABYTE
    except OSError:  # the folder is gone; whoever reads or writes next sees to that
        return None


def _bound(name: str, default: int) -> int:
    given = os.environ.get(name)
    if not given:
        return default
    if not given.isdecimal():
        raise StoreError(
            Sentence(
                "{name} must be a whole number of megabytes, 0 for no bound; it is “{given}”.",
                name=name,
                given=given,
            )
        )
    return int(given)
