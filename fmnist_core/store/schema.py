"""The tables of the store, and the format that a database says it has.

An empty database gets the tables, and one of an older format is migrated; one that belongs to another program
or to a newer version of the lab is refused with a sentence and left exactly as it was.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    false,
    inspect,
    select,
    text,
    true,
)

from fmnist_core.sentences import Sentence
from fmnist_core.store.database import Database, StoreError, turn_on_wal

FORMAT = "14"  # the newest of `migrations/versions`
FIRST_OF_ALEMBIC = 3

AnyRow = Row[*tuple[Any, ...]]
metadata = MetaData()


def _run_id() -> Column[str]:
    return Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


def _checksum() -> Column[int]:
    """The CRC-32 of the row's bytes; none where they were written before format 6."""
    return Column("checksum", BigInteger)


def _float(name: str) -> Column[float]:
    return Column(name, Float(53))


# Marks a database as the lab's. Up to format 2 it held the format; since then, a number refused by that code.
mark = Table("fmnist_lab", metadata, Column("schema_version", Integer, nullable=False))

# The format, where Alembic keeps it.
alembic_version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))

runs = Table(
    "runs",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("learner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text),
    Column("notice", Text),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("parent", ForeignKey("runs.id", ondelete="SET NULL"), index=True),
    Column("parent_step", Integer),
    Column("epoch", Integer, nullable=False, default=0),
    Column("step", Integer, nullable=False, default=0),
    Column("seconds", Float(53), nullable=False, default=0.0),
    Column("lease", Integer, nullable=False, default=0),
    Column("holder", String(100)),
    Column("repeatable", Boolean, nullable=False, server_default=false()),  # see `Run.repeatable`
    _float("test_loss"),
    _float("test_accuracy"),
    Column("end_reason", String(16)),
    Column("best_epoch", Integer),
    Column("test_confusion", LargeBinary),
    Column("closed", Boolean, nullable=False, server_default=false()),  # its test figures, by a claim
    Index("runs_of_learner", "learner", "created"),
    Index("runs_by_status", "status"),
)

epochs = Table(
    "epochs",
    metadata,
    _run_id(),
    Column("epoch", Integer, primary_key=True),
    Column("step", Integer, nullable=False),
    _float("train_loss"),
    _float("train_loss_eval"),
    _float("validation_loss"),
    _float("train_accuracy"),
    _float("validation_accuracy"),
    Column("learning_rate", Float(53), nullable=False),
    Column("seconds", Float(53), nullable=False),
    Column("confusion", LargeBinary),
    _float("dead_units"),
)

# Every batch's loss, as float32 in the order of training, a row for each report of the trainer.
batches = Table(
    "batches",
    metadata,
    _run_id(),
    Column("first_step", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("losses", LargeBinary, nullable=False),
    Column("threads", Integer),
    Column("hardware", Text),
)

# The same losses condensed (see loss_curve.py), so that a poll reads one row.
curves = Table(
    "curves",
    metadata,
    _run_id(),
    Column("origin", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("sums", LargeBinary, nullable=False),
    Column("counts", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _run_id(),
    Column("step", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seconds", Float(53), nullable=False),
    Column("state", LargeBinary, nullable=False),
    # Else the optimizer's memory was left out (see checkpoints.py).
    Column("whole", Boolean, nullable=False, server_default=true()),
    _checksum(),
)

snapshots = Table(
    "snapshots",
    metadata,
    _run_id(),
    Column("step", Integer, primary_key=True),
    Column("epoch", Float(53), nullable=False),
    Column("outputs", LargeBinary, nullable=False),
    _checksum(),
    Column("fingerprint", BigInteger),
)

snapshot_states = Table(
    "snapshot_states",
    metadata,
    Column("run_id", String(12), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
    _checksum(),
    ForeignKeyConstraint(["run_id", "step"], ["snapshots.run_id", "snapshots.step"], ondelete="CASCADE"),
)

# Runs that are planned together: the settings they share a name for, and one member for each run.
sweeps = Table(
    "sweeps",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("learner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("varied", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("holder", String(100)),
    Index("sweeps_of_learner", "learner", "created"),
    Index("sweeps_by_status", "status"),
)

members = Table(
    "members",
    metadata,
    Column("sweep_id", ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("run_id", ForeignKey("runs.id", ondelete="SET NULL"), index=True),
)

# `visited` has a bit for each step, 1 for the first; `prediction` is JSON; `answer`, a place among answers.
lesson_progress = Table(
    "lesson_progress",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("lesson", String(40), primary_key=True),
    Column("furthest", Integer, nullable=False),
    Column("visited", Integer, nullable=False, server_default=text("0")),
    Column("prediction", Text, nullable=False),
    Column("answer", Integer),
    Column("changed", DateTime(timezone=True), nullable=False),
)

# Who knows a report's `id` may write it, who knows its `link` may read it. `texts` is JSON, by section.
reports = Table(
    "reports",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("link", String(12), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("authors", Text, nullable=False),
    Column("template", String(16), nullable=False),
    Column("texts", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

# Which report a learner writes.
report_members = Table(
    "report_members",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("report_id", ForeignKey("reports.id", ondelete="CASCADE"), nullable=False),
)

# What is pinned to a report, in the order of `place`. `content` is packed JSON, `runs` JSON of those behind.
pins = Table(
    "pins",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("report_id", ForeignKey("reports.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("section", String(40), nullable=False),
    Column("caption", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("runs", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("language", String(8), nullable=False, server_default=""),
    Column("is_draft", Boolean, nullable=False, server_default=false()),
)

# What lecturers hand out. `content` is JSON, and is never changed.
assignments = Table(
    "assignments",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("learner", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

# Which assignment a learner has taken: one of these, or one that the lab ships.
assignments_taken = Table(
    "assignments_taken",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("assignment_id", String(40), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
)

# What a learner claimed of a sweep before its runs, and when they opened the test figures.
own_claims = Table(
    "own_claims",
    metadata,
    Column("sweep_id", ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    Column("relation", String(16), nullable=False),
    Column("quantity", String(32), nullable=False),
    Column("place", Integer, nullable=False),
    Column("margin", Float(53), nullable=False),
    Column("stated", DateTime(timezone=True), nullable=False),
    Column("opened", DateTime(timezone=True)),
)

# The servers that share the store. One holds its runs until this second since 1970, by the database's clock.
holders = Table(
    "holders",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("until", Float(53), nullable=False),
)

# What learners asked of a run at a server that does not hold it, for the one that does.
handed_on = Table(
    "handed_on",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), index=True, nullable=False),
    Column("change", String(16), nullable=False),
    Column("argument", Text),
)


def prepare(database: Database) -> None:
    """Make sure that the database holds the tables of this format. Raises `StoreError`."""
    with database.reading() as connection:
        format = _format_of(connection, database.place)
    if format == FORMAT:
        return
    if format is None:
        turn_on_wal(database)
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            # Several servers may start on one database; SQLite's write lock does this by itself.
            connection.execute(text("SELECT pg_advisory_xact_lock(6042017)"))
        format = _format_of(connection, database.place)
        if format is None:
            metadata.create_all(connection)
            connection.execute(mark.insert().values(schema_version=FIRST_OF_ALEMBIC))
            connection.execute(alembic_version.insert().values(version_num=FORMAT))
        elif format != FORMAT:
            _migrate(connection, format)


def _migrate(connection: Connection, format: str) -> None:
    from fmnist_core.store import migrations  # Alembic takes 0.1 s to import, and few stores are old

    if int(format) < FIRST_OF_ALEMBIC:
        migrations.stamp(connection, format)
    migrations.upgrade(connection)


def _format_of(connection: Connection, place: str) -> str | None:
    """This one, or one that can be brought up to it; `None` of an empty database; any other is refused."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if mark.name not in tables:
        raise StoreError(
            Sentence(
                "The database {place} belongs to another program. Give the lab an empty one of its own.",
                place=place,
            )
        )
    kept_by = alembic_version.c.version_num if alembic_version.name in tables else mark.c.schema_version
    format = str(connection.execute(select(kept_by)).scalar_one_or_none())
    if not format.isdecimal() or not 1 <= int(format) <= int(FORMAT):
        raise StoreError(
            Sentence(
                "The database {place} was made by another version of the lab (format {found}; this one knows "
                "{known}). Update the lab, or give it an empty database of its own.",
                place=place,
                found=format,
                known=FORMAT,
            )
        )
    return format
