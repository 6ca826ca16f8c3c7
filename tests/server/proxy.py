"""A real nginx with the example of `deploy/`, before servers on this machine."""

import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.browser import driver
from tests.browser.driver import ROOT
from tests.waiting import wait_for

EXAMPLE = (ROOT / "deploy/nginx.conf").read_text()
SERVERS = re.compile(r"(?: *server web\d:8501 (.*)\n)+")


@contextmanager
def nginx(folder: Path, ports: Sequence[int], **changes: str) -> Iterator[str]:
    """The URL of nginx with the example before servers on these ports; `changes` are made to the example.

    Raises `FileNotFoundError` where there is no nginx.
    """
    port = driver.free_port()
    servers = SERVERS.search(EXAMPLE)
    assert servers is not None
    lines = "".join(f"server 127.0.0.1:{one} {servers[1]}\n" for one in ports)
    example = SERVERS.sub(lambda _: lines, EXAMPLE).replace("listen 80;", f"listen 127.0.0.1:{port};")
    for old, new in changes.items():
        assert old in example
        example = example.replace(old, new)
    folder.chmod(0o755)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\n{example} }}\n"
    )
    subprocess.run(["nginx", "-t", "-q", "-p", folder, "-c", main], check=True)
    process = subprocess.Popen(["nginx", "-p", folder, "-c", main])
    try:
        wait_for(lambda: is_open(port), 10)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
