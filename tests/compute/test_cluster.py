"""The embedded cluster as a stranger and as the operating system see it."""

import asyncio
import http.client
import logging
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from distributed import Client, Security, Status

from fmnist_core.compute import cluster
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def launched():
    running = cluster.launch(workers=1)
    yield running
    cluster.close(running)


@pytest.fixture(scope="module")
def given(launched):
    return wait_for(lambda: cluster.handover(launched))


def refused(address: str, security: Security | None) -> bool:
    async def connect() -> bool:
        try:
            client = await Client(address, security=security, asynchronous=True, timeout=3)
        except OSError:
            return True
        await client.close()
        return False

    return asyncio.run(connect())


def http_status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_who_has_the_certificate_is_let_in(given):
    assert given.address.startswith("tls://127.0.0.1:")
    assert not refused(given.address, cluster.connection(given))


def test_a_plain_client_and_one_with_another_certificate_are_refused(given):
    assert refused(given.address.replace("tls", "tcp"), None)
    assert refused(given.address, Security.temporary())


def test_its_pages_for_browsers_are_closed(launched, given):
    process = psutil.Process(launched.process.pid)
    spoken_to = [
        connection.laddr.port
        for member in (process, *process.children(recursive=True))
        for connection in member.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(spoken_to) >= 3
    for port in spoken_to:
        for path in ("/health", "/info/main/workers.html", "/json/counts.json", "/metrics"):
            try:
                answer = http_status(port, path)
            except (OSError, http.client.HTTPException):  # a port that speaks TLS
                continue
            assert answer == 404


def test_the_certificate_is_for_the_users_eyes_only(launched, given):
    handed = launched.folder / cluster.HANDOVER
    assert stat.S_IMODE(handed.stat().st_mode) == 0o600
    assert stat.S_IMODE(launched.folder.stat().st_mode) == 0o700
    assert given.key not in " ".join(psutil.Process(launched.process.pid).cmdline())


def test_a_cluster_gives_way_to_other_sessions_where_those_share_the_cores_first(launched, given):
    autogroup = Path(f"/proc/{launched.process.pid}/autogroup")
    if autogroup.exists():  # Linux, with the feature on
        assert autogroup.read_text().split()[-1] == str(cluster.SESSION_NICENESS)
    assert psutil.Process(launched.process.pid).nice() == psutil.Process().nice()


def test_workers_give_way_and_their_threads_soon_sleep_at_barriers(launched, given):
    descendants = psutil.Process(launched.process.pid).children(recursive=True)
    (worker,) = [process for process in descendants if process.nice() > psutil.Process().nice()]
    environment = worker.environ()
    assert int(environment["GOMP_SPINCOUNT"]) < 100_000
    assert "mmap_max=0" in environment["GLIBC_TUNABLES"]


def test_what_a_cluster_says_is_kept_within_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "LOG_BYTES", 1000)
    with subprocess.Popen(
        [sys.executable, "-c", "for k in range(500): print('line', k)"], stdout=subprocess.PIPE
    ) as talker:
        cluster._drain(talker.stdout, tmp_path / "logs" / "cluster.log")
    logs = sorted((tmp_path / "logs").iterdir())
    assert sum(path.stat().st_size for path in logs) <= 2000
    assert logs[0].read_text().endswith("line 499\n")


@pytest.mark.parametrize("name", ["distributed.worker", "distributed.worker.state_machine"])
def test_what_breaks_off_while_a_worker_closes_is_no_news_and_everything_else_is(name, monkeypatch, caplog):
    worker = SimpleNamespace(status=Status.running)
    for logger in ("distributed.worker", "distributed.worker.state_machine"):
        monkeypatch.setattr(logging.getLogger(logger), "filters", [])
    cluster._hush_at_the_end(worker)
    for status in Status:
        worker.status = status
        logging.getLogger(name).warning("the scheduler does not answer (%s)", status.name)
    said = {record.args[0] for record in caplog.records}
    assert said == {status.name for status in Status} - {"closing_gracefully", "closing", "closed"}


def test_workers_hush_at_their_end_only(given):
    async def filters() -> list[int]:
        async with Client(given.address, security=cluster.connection(given), asynchronous=True) as client:
            counts = await client.run(lambda: len(logging.getLogger("distributed.worker").filters))
        return list(counts.values())

    assert asyncio.run(filters()) == [1]


def test_a_home_that_takes_no_log_does_not_stop_the_cluster(tmp_path, caplog):
    (tmp_path / "file").touch()
    with subprocess.Popen([sys.executable, "-c", "print('line')"], stdout=subprocess.PIPE) as talker:
        cluster._drain(talker.stdout, tmp_path / "file" / "cluster.log")
    assert "cannot be kept" in caplog.text


def test_a_closed_cluster_leaves_nothing_behind(launched, given):  # the last test, since it ends them
    processes = [psutil.Process(launched.process.pid), *psutil.Process(launched.process.pid).children(True)]
    assert len(processes) >= 3
    cluster.close(launched)
    assert not launched.folder.exists()
    assert psutil.wait_procs(processes, timeout=10)[1] == []
    cluster.close(launched)
