"""The example for nginx, with a real nginx: websockets pass, visitors stay where they are, limits hold."""

import asyncio
import json
import os
import re
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import websockets
import yaml

from tests.browser import driver
from tests.browser.driver import ROOT
from tests.server import flood
from tests.server.proxy import EXAMPLE, nginx

pytestmark = pytest.mark.slow


@pytest.fixture
def there_is_nginx() -> None:
    if shutil.which("nginx") is None:
        missing = "nginx is not on this machine"
        pytest.fail(missing) if "CI" in os.environ else pytest.skip(missing)


@contextmanager
def who_is_asked() -> Iterator[int]:
    """The port of a server that answers with what it was asked, and by whom."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            forwarded = self.headers["X-Forwarded-For"]
            body = json.dumps({"port": self.server.server_port, "forwarded": forwarded}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_PUT(self) -> None:
            length = int(self.headers["Content-Length"])
            while length > 0:
                length -= len(self.rfile.read(min(length, 1 << 16)))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def three(there_is_nginx: None) -> Iterator[list[int]]:
    with ExitStack() as stack:
        yield [stack.enter_context(who_is_asked()) for _ in range(3)]


def ask(url: str, **headers: str) -> tuple[dict, str | None]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return json.load(answer), answer.headers["Set-Cookie"]


def test_a_visitor_stays_with_one_process_and_visitors_are_spread(tmp_path: Path, three: list[int]):
    with nginx(tmp_path, three) as url:
        seen = set()
        for _ in range(30):
            first, cookie = ask(url)
            name = cookie.split(";")[0]
            again = [ask(f"{url}/media/{k}", Cookie=name) for k in range(3)]
            assert [(answer["port"], new) for answer, new in again] == [(first["port"], None)] * 3
            seen.add(first["port"])
        assert seen == set(three)


def test_visitors_of_a_process_that_is_gone_go_to_another(tmp_path: Path, three: list[int]):
    dead = driver.free_port()
    with nginx(tmp_path, [*three[:2], dead]) as url:
        assert {ask(url)[0]["port"] for _ in range(30)} == set(three[:2])


def test_the_address_is_the_visitor_s_and_not_what_the_visitor_says(tmp_path: Path, three: list[int]):
    with nginx(tmp_path, three) as url:
        assert ask(url, **{"X-Forwarded-For": "192.0.2.7"})[0]["forwarded"] == "127.0.0.1"


def test_a_photo_passes_and_is_written_nowhere_on_the_way(tmp_path: Path, three: list[int]):
    with nginx(tmp_path, three) as url:
        (tmp_path / "client_body").rmdir()  # where it would be kept
        photo = f"{url}/_stcore/upload_file/session/file"
        for size in (100_000, 16 << 20):
            sent = urllib.request.Request(photo, data=bytes(size), method="PUT")
            with urllib.request.urlopen(sent, timeout=10) as answer:
                assert answer.status == 200
        large = urllib.request.Request(photo, data=bytes(18 << 20), method="PUT")
        with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)) as refused:
            urllib.request.urlopen(large, timeout=10)
        if isinstance(refused.value, urllib.error.HTTPError):
            assert refused.value.code == 413
            refused.value.close()


def test_a_body_is_refused_and_so_are_more_requests_than_pages_make(tmp_path: Path, three: list[int]):
    changes = {"rate=100r/s": "rate=1r/s", "burst=600": "burst=5"}
    with nginx(tmp_path, three, **changes) as url:
        large = urllib.request.Request(url, data=bytes(100_000), method="PUT")
        with pytest.raises(urllib.error.HTTPError, match="413") as refused:
            urllib.request.urlopen(large, timeout=10)
        refused.value.close()
        with pytest.raises(urllib.error.HTTPError, match="429") as refused:
            [ask(url) for _ in range(12)]
        refused.value.close()


@pytest.mark.usefixtures("there_is_nginx")
def test_pages_are_drawn_through_the_proxy_and_one_address_opens_only_so_many(tmp_path: Path):
    changes = {"limit_conn lab_sockets 200;": "limit_conn lab_sockets 3;"}
    with driver.serve(tmp_path / "home", FMNIST_WORKERS="1") as lab:
        port = int(lab.url.rsplit(":", 1)[1])
        (tmp_path / "proxy").mkdir()
        with nginx(tmp_path / "proxy", [port], **changes) as url:

            async def open_some() -> None:
                async with flood.socket(url) as connection, flood.socket(url), flood.socket(url):
                    await flood.drawn(connection)
                    with pytest.raises(websockets.InvalidStatus, match="429"):
                        await flood.socket(url).__aenter__()

            asyncio.run(open_some())
            # From this machine; nginx denies it to all others.
            with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
                assert b"fmnist_sockets" in answer.read()


def test_compose_and_the_proxy_name_the_same_processes():
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
    services = compose["services"]
    webs = {name for name in services if name.startswith("web")}
    assert webs == set(re.findall(r"server (web\d):8501", EXAMPLE)) == set(services["proxy"]["depends_on"])
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "EXPOSE 8501" in dockerfile
    driver_pin = re.search(r"psycopg\[binary\]==[\d.]+", dockerfile)[0]
    assert driver_pin in (ROOT / "requirements-dev.txt").read_text().splitlines()
    for name in webs:
        assert "ports" not in services[name], "only nginx is to be reached from outside"
        assert "DATABASE_URL" in services[name]["environment"]
