"""Stores of other formats: an older one keeps every run, a newer one is refused and left as it is.

`format_2` holds a store that the last version before Alembic wrote (SQLite, compressed), the tables as it
made them in Postgres, and what it read back from that store.
"""

import hashlib
import json
import lzma
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from fmnist_core.spec import read_spec
from fmnist_core.store import schema
from fmnist_core.store.runs import Store, StoreError
from fmnist_core.store.sweeps import Sweeps
from tests.store.processes import runs_seen_at_once

ROOT = Path(__file__).parents[2]
FORMAT_2 = Path(__file__).with_name("format_2")
EXPECTED = json.loads((FORMAT_2 / "expected.json").read_text(encoding="utf-8"))
# Parents before children, as their keys demand.
TABLES = ("fmnist_lab", "runs", "epochs", "batches", "curves", "checkpoints", "frames", "frame_states")
TABLES_OF_FORMAT_2 = (*TABLES, "sweeps", "members")


def written_by_format_2(url: str, tmp_path: Path) -> str:
    """Fills the database at `url` as that version did; the URL of it."""
    file = tmp_path / "lab.db"
    file.write_bytes(lzma.decompress((FORMAT_2 / "lab.db.xz").read_bytes()))
    if url.startswith("postgresql"):
        with sqlite3.connect(file) as old, psycopg.connect(url) as new:
            new.execute((FORMAT_2 / "postgres.sql").read_text(encoding="utf-8"))
            for table in TABLES_OF_FORMAT_2:
                rows = old.execute(f"SELECT * FROM {table} ORDER BY rowid")
                columns = [column[0] for column in rows.description]
                values = ", ".join(["%s"] * len(columns))
                # A date without its zone is in UTC.
                new.execute("SET TIME ZONE 'UTC'")
                new.cursor().executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})", rows.fetchall()
                )
        old.close()
    return url


def digest(content: bytes | np.ndarray | None) -> str | None:
    if content is None:
        return None
    return hashlib.sha256(content if isinstance(content, bytes) else content.tobytes()).hexdigest()


def check_run(store: Store, expected: dict[str, Any]) -> None:
    """What the version before read of a run is what this one reads."""
    run_id = expected["id"]
    run = store.run(run_id)
    for name in ("learner", "name", "status", "parent", "parent_step", "epoch", "step", "seconds", "lease"):
        assert getattr(run, name) == expected[name]
    for name in ("test_loss", "test_accuracy", "end_reason", "best_epoch", "learning_rate"):
        assert getattr(run, name) == expected[name]
    assert run.spec == read_spec(expected["spec"])
    assert run.created.isoformat() == expected["created"]
    for name in ("reason", "notice"):
        sentence = getattr(run, name)
        assert (sentence and sentence.to_json()) == expected[name]
    assert digest(run.test_confusion) == expected["test_confusion"]
    epochs = [vars(epoch) | {"confusion": digest(epoch.confusion)} for epoch in store.epochs(run_id)]
    assert epochs == [{**epoch, "dead_units": None} for epoch in expected["epochs"]]
    assert [values.tolist() for values in store.batch_curve(run_id)] == expected["curve"]
    snapshots = [
        [
            info.step,
            info.epoch,
            digest(store.snapshot_outputs(run_id, info.step)),
            digest(store.snapshot_state(run_id, info.step)),
        ]
        for info in store.snapshots(run_id)
    ]
    assert snapshots == expected["snapshots"]
    assert digest(store.checkpoint(run_id)) == expected["checkpoint"]


def test_a_store_of_the_version_before_keeps_every_run_and_sweep(url: str, tmp_path: Path):
    store = Store(written_by_format_2(url, tmp_path))
    assert [run.id for run in store.runs()] == [run["id"] for run in EXPECTED["runs"]]
    for run in EXPECTED["runs"]:
        check_run(store, run)
    for expected in EXPECTED["sweeps"]:
        sweep = Sweeps(store).sweep(expected["id"])
        for name in ("learner", "name", "kind", "varied", "status"):
            assert getattr(sweep, name) == expected[name]
        assert sweep.created.isoformat() == expected["created"]
        members = [[m.place, m.name, m.spec, m.stage, m.run_id] for m in sweep.members]
        assert members == [
            [place, name, read_spec(spec), stage, run_id]
            for place, name, spec, stage, run_id in expected["members"]
        ]
    for run in EXPECTED["runs"]:  # nothing of a deleted run stays, so its tables still hang together
        store.delete(run["id"])
    with store.database.reading() as connection:
        for table in (schema.epochs, schema.snapshots, schema.snapshot_states, schema.checkpoints):
            assert connection.execute(sqlalchemy.select(table)).all() == []
    store.close()


def test_a_store_of_format_1_gets_the_tables_that_it_lacks(url: str, tmp_path: Path):
    written_by_format_2(url, tmp_path)
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE members")
        connection.exec_driver_sql("DROP TABLE sweeps")
        connection.exec_driver_sql("UPDATE fmnist_lab SET schema_version = 1")
    engine.dispose()
    store = Store(url)
    for run in EXPECTED["runs"]:
        check_run(store, run)
    assert Sweeps(store).going() == []
    store.close()


@pytest.mark.parametrize("older", [True, False], ids=["migrated", "new"])
def test_tables_are_those_of_the_schema_however_they_came(url: str, tmp_path: Path, older: bool):
    """Alembic's own comparison, columns, types, keys and indexes."""
    store = Store(written_by_format_2(url, tmp_path) if older else url)
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    store.close()


def test_the_newest_migration_leads_to_the_format_of_the_schema():
    config = Config()
    config.set_main_option("script_location", "fmnist_core.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.FORMAT]


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from fmnist_core.store import migrations

    written_by_format_2(url, tmp_path)
    upgrade = migrations.upgrade

    def interrupted(connection: sqlalchemy.Connection) -> None:
        upgrade(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(migrations, "upgrade", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Store(url)
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    assert sorted(sqlalchemy.inspect(engine).get_table_names()) == sorted(TABLES_OF_FORMAT_2)
    engine.dispose()
    monkeypatch.undo()
    store = Store(url)
    assert len(store.runs()) == len(EXPECTED["runs"])
    store.close()


def test_processes_may_migrate_a_store_at_once(url: str, tmp_path: Path):
    written_by_format_2(url, tmp_path)
    assert runs_seen_at_once(url) == [len(EXPECTED["runs"])] * 3


@pytest.mark.parametrize("found", [str(int(schema.FORMAT) + 1), "0", "4f2a"])
def test_a_store_of_a_later_version_is_refused_and_left_alone(url: str, tmp_path: Path, found: str):
    store = Store(url)
    run_id = store.create_run(read_spec({"architecture": "ff_classifier"}), "ada")
    with store.database.writing() as connection:
        connection.execute(schema.alembic_version.update().values(version_num=found))
    store.close()
    before = content(url, tmp_path)
    with pytest.raises(StoreError) as refused:
        Store(url)
    assert f"another version of the lab (format {found}; this one knows {schema.FORMAT})" in str(
        refused.value
    )
    assert content(url, tmp_path) == before
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(schema.alembic_version.update().values(version_num=schema.FORMAT))
    engine.dispose()
    store = Store(url)
    assert store.run(run_id).learner == "ada"
    store.close()


def content(url: str, tmp_path: Path) -> Any:
    """All that there is: the file's bytes, or every row of every table."""
    if url.startswith("sqlite"):
        return {file.name: file.read_bytes() for file in tmp_path.glob("lab.db*")}
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        names = sorted(sqlalchemy.inspect(connection).get_table_names())
        rows = {name: connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in names}
    engine.dispose()
    return rows


def test_a_store_that_is_up_to_date_opens_without_alembic(sqlite_url: str):
    Store(sqlite_url).close()
    opener = (
        "import sys; from fmnist_core.store.runs import Store\n"
        "Store(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", opener, sqlite_url], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "False\n"


def test_the_version_before_refuses_this_format(url: str):
    """It looks for its own numbers, 1 and 2, in its own table."""
    store = Store(url)
    with store.database.reading() as connection:
        assert connection.execute(sqlalchemy.select(schema.mark.c.schema_version)).scalar_one() not in (1, 2)
    store.close()
