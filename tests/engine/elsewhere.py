"""A Dask scheduler with a worker, as on another machine: it can go, fall silent and come back."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.driver import free_port


class Elsewhere:
    """A scheduler with one worker, each a process of its own, always at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        scheduler = ["scheduler", "--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard"]
        worker = ["worker", self.address, "--nthreads", "2", "--no-dashboard", "--no-nanny"]
        worker += ["--local-directory", str(self._folder)]
        for arguments in (scheduler, worker):
            command = [sys.executable, "-m", "dask", *arguments]
            self._processes.append(subprocess.Popen(command, **quiet))

    def signal(self, number: signal.Signals) -> None:
        self._processes[0].send_signal(number)

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes.clear()


@contextmanager
def scheduler_elsewhere(folder: Path) -> Iterator[Elsewhere]:
    """One that runs, until the context ends."""
    theirs = Elsewhere(folder)
    theirs.start()
    try:
        yield theirs
    finally:
        theirs.end()
