"""Fixtures: a store of the test's own, and databases to keep one in, SQLite and a Postgres of our own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from fmnist_core.store.runs import Store
from tests.waiting import wait_for


class Postgres:
    """A Postgres of our own at `url`, on a socket in a folder of its own."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="lab-postgres-"))
        user = None
        if os.geteuid() == 0:  # Postgres refuses to run as root
            user = "postgres"
            shutil.chown(self._folder, user)
        self._quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "user": user}
        self._quiet["cwd"] = self._folder
        self.url = f"postgresql://lab@/postgres?host={self._folder}"
        options = ["--auth=trust", "--username=lab", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run([programs / "initdb", "-D", self._data, *options], check=True, **self._quiet)
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def start(self) -> None:
        flags = ["-D", self._data, "-k", self._folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        with self._log.open("ab") as output:  # a pipe that nobody reads would fill up, and stop it
            self._server = subprocess.Popen(
                [self._programs / "postgres", *flags], **{**self._quiet, "stdout": output}
            )
        wait_for(self._is_ready, 30, poll=0.05)

    def _is_ready(self) -> bool:
        assert self._server.poll() is None, self._log.read_text()
        asked = [self._programs / "pg_isready", "-q", "-h", self._folder]
        return not subprocess.run(asked, check=False).returncode

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """At once for all who are connected; by SIGQUIT as in a crash."""
        self._server.send_signal(how)
        self._server.wait(timeout=30)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)  # nothing of it will be missed
        shutil.rmtree(self._folder)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """One that ends with the context, with all that it holds."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = shutil.which("initdb") or (str(programs[-1]) if programs else None)
    if program is None:
        missing = "Postgres is not installed here"
        pytest.fail(missing) if "CI" in os.environ else pytest.skip(missing)
    server = Postgres(Path(program).resolve().parent)
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a Postgres that all tests share."""
    with running_postgres() as server:
        yield server.url


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """One that a test may stop and start."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """A database as good as empty: everything happens in a new schema, which is quicker to make."""
    name = f"lab_{time.monotonic_ns()}"
    with psycopg.connect(postgres) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{postgres}&options=-csearch_path%3D{name}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder that the lab of this test keeps everything in."""
    return tmp_path / "home"


@pytest.fixture
def own_store(home: Path) -> Iterator[Store]:
    """In the lab's home, as where nobody has set up anything else."""
    store = Store(f"sqlite:///{home / 'lab.db'}")
    yield store
    store.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'lab.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")
