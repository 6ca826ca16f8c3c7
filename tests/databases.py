"""Fixtures: databases to keep things in, SQLite and a Postgres of our own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.waiting import wait_for


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a Postgres of our own, on a socket in a folder of its own."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (str(programs[-1]) if programs else None)
    if found is None:
        missing = "Postgres is not installed here"
        pytest.fail(missing) if "CI" in os.environ else pytest.skip(missing)
    bin_folder = Path(found).resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="lab-postgres-"))
    user = None
    if os.geteuid() == 0:  # Postgres refuses to run as root
        user = "postgres"
        shutil.chown(folder, user)
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "user": user, "cwd": folder}
    options = ["--auth=trust", "--username=lab", "--no-sync", "--encoding=UTF8", "--locale=C"]
    subprocess.run([bin_folder / "initdb", "-D", folder / "data", *options], check=True, **quiet)
    flags = ["-D", folder / "data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
    with subprocess.Popen([bin_folder / "postgres", *flags], **quiet) as server:
        try:

            def is_ready() -> bool:
                assert server.poll() is None, server.stdout.read().decode()
                return not subprocess.run([bin_folder / "pg_isready", "-q", "-h", folder]).returncode

            wait_for(is_ready, 30, poll=0.05)
            yield f"postgresql://lab@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it will be missed
            server.communicate(timeout=30)
            shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """A database as good as empty: everything happens in a new schema, which is quicker to make."""
    name = f"lab_{time.monotonic_ns()}"
    with psycopg.connect(postgres) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{postgres}&options=-csearch_path%3D{name}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'lab.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")
