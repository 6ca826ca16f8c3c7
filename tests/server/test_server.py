"""A real server under a flood, with its caches cleared by a browser, and at its end."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import websockets

from tests.browser import driver
from tests.browser.driver import ROOT, Server
from tests.server import flood

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with driver.serve(tmp_path_factory.mktemp("flooded"), FMNIST_WORKERS="2") as running:
        running.wait_for_engine()
        yield running


def asked(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def processes(server: Server) -> set[int]:
    return {child.pid for child in psutil.Process(server.pid).children(recursive=True)}


def test_clearing_the_caches_builds_nothing_anew(server: Server):
    async def clear() -> None:
        async with flood.socket(server.url) as connection:
            await flood.drawn(connection)
            for _ in range(5):
                await connection.send(flood.clear_cache())
                await flood.drawn(connection)

    before = processes(server)
    asyncio.run(clear())
    assert processes(server) == before
    assert "fmnist_requests_dropped_total 5\n" in asked(f"{server.url}/metrics")


def test_the_event_loop_is_the_quick_one(server: Server):
    loaded = psutil.Process(server.pid).memory_maps()
    assert any("uvloop" in library.path for library in loaded), "Streamlit takes it where it is installed"


@pytest.mark.timed
def test_two_thousand_reruns_at_once_silence_nobody(server: Server):
    async def burst() -> tuple[float, float]:
        async with flood.socket(server.url) as connection:
            with contextlib.suppress(websockets.ConnectionClosed):  # the server may hang up before the end
                for _ in range(2000):
                    await connection.send(flood.rerun())
            wait = await flood.health(server.url)
        async with flood.socket(server.url) as another:
            return wait, await flood.drawn(another)

    wait, page = asyncio.run(burst())
    assert wait < 1.0
    assert page < 2.0


@pytest.mark.timed
def test_many_sockets_for_some_seconds_silence_nobody(server: Server):
    """The floods have a process of their own, as they would have a machine of their own."""
    floods = subprocess.Popen(
        [sys.executable, "-m", "tests.server.flood", server.url, "--sockets", "20", "--seconds", "6"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    waits = []
    try:
        while floods.poll() is None:
            waits.append(asyncio.run(flood.health(server.url)))
            time.sleep(0.1)  # ten looks a second, as a monitor's
    finally:
        floods.kill()
        floods.wait()

    async def page() -> float:
        async with flood.socket(server.url) as connection:
            return await flood.drawn(connection)

    assert len(waits) > 5
    assert max(waits) < 1.0
    assert asyncio.run(page()) < 2.0


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/_stcore/upload_file/no-such-session/y", "PUT", "403"),  # nor the token that a page has
        ("/_stcore/upload_file/x/y/z", "PUT", "405"),
        ("/_stcore/upload_file/x/y", "POST", "405"),
        ("/", "PUT", "405"),
        ("/data", "DELETE", "405"),
    ],
)
def test_nothing_is_taken_by_http_but_a_page_s_own_photo(server: Server, path: str, method: str, status: str):
    request = urllib.request.Request(f"{server.url}{path}", data=b"x", method=method)
    with pytest.raises(urllib.error.HTTPError, match=status):
        urllib.request.urlopen(request, timeout=10)


def test_metrics_are_in_the_format_of_prometheus(server: Server):
    for line in asked(f"{server.url}/metrics").splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            assert name.startswith("fmnist_")
            assert float(value) >= 0
    assert 'fmnist_engine{state="ready"} 1\n' in asked(f"{server.url}/metrics")


def test_the_signal_to_end_is_heard_in_a_flood_and_while_somebody_holds_a_connection(tmp_path: Path):
    """One that has asked for something and never reads the answer, as a browser that sleeps."""
    with driver.serve(tmp_path, FMNIST_WORKERS="1") as running:
        running.wait_for_engine()
        children = [psutil.Process(pid) for pid in processes(running)]

        async def end() -> float:
            floods = asyncio.create_task(flood.flood(running.url, 5, 30, reruns_a_second=20))
            await asyncio.sleep(2)  # to be in the middle of the flood
            before = time.monotonic()
            psutil.Process(running.pid).send_signal(signal.SIGTERM)
            await asyncio.to_thread(psutil.Process(running.pid).wait, 20)
            floods.cancel()
            return time.monotonic() - before

        assert asyncio.run(end()) < 10
        _, left = psutil.wait_procs(children, 5)
        assert left == []
        log = running.log.read_text()
    assert "Traceback" not in log, log


def test_a_server_that_cannot_end_ends_nevertheless_and_says_what_stood_still():
    script = """
import asyncio, os, signal, time
from pages.parts.base import services
from pages.server import lifespan

def wait_for_ever():
    time.sleep(3600)

services.close, services.engine, lifespan.LONGEST_END = wait_for_ever, wait_for_ever, 0.5
signal.signal(signal.SIGTERM, lambda *_: None)

async def serve():
    async with lifespan.lifespan(None):
        os.kill(os.getpid(), signal.SIGTERM)

asyncio.run(serve())
"""
    settings = {**os.environ, "STREAMLIT_SERVER_HEADLESS": "true"}
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=settings, timeout=60, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "in wait_for_ever" in ended.stderr
