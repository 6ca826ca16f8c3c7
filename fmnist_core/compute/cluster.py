"""The embedded cluster: a Dask scheduler and its workers on this machine, in a child process of their own.

`launch` starts `python -m fmnist_core.compute.cluster`, which lives until its standard input closes, so never
longer than the process that started it. Only who holds the certificate of this one cluster can talk to it. It
knows nothing of runs.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing.forkserver
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, BinaryIO

from fmnist_core.data.folders import home

PROJECT = Path(__file__).resolve().parents[2]
HANDOVER = "cluster.json"
LOG_BYTES = 1 << 20
CLOSING_SECONDS = 3.0
LOOK_SECONDS = 1.0  # how often to see whether each worker has its nanny
WORKER_NICENESS = 5  # above the web process's
SESSION_NICENESS = 5  # of the cluster as a whole: beside another busy session it keeps a quarter of each core

# glibc never gives memory back, and so a training step does not fault its pages in anew. Threads that wait at
# a barrier spin for some 50 µs before they sleep: asleep at once, two threads train a small network at less
# than half the speed of one; spinning for long, they take the cores from the pages. NumPy's own threads would
# only be in the way, and must not exist when workers are forked.
ENVIRONMENT = {
    "GLIBC_TUNABLES": "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=4294967295"
    ":glibc.malloc.arena_max=1:glibc.malloc.top_pad=268435456:glibc.malloc.hugetlb=1",
    "GOMP_SPINCOUNT": "20000",
    "OPENBLAS_NUM_THREADS": "1",
}
SETTINGS: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": 0,  # a slice whose worker died is for the engine to repeat
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.deploy.lost-worker-timeout": "1h",  # or a nanny that starts its worker slowly is closed
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.memory.monitor-interval": "250ms",
    "distributed.scheduler.http.routes": [],  # its pages know no certificate
    "distributed.worker.http.routes": [],
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "1h",
}


@dataclass(frozen=True)
class Cluster:
    """A child process that is a cluster, or is about to be; `folder` is private to it and its client."""

    process: subprocess.Popen[bytes]
    folder: Path


@dataclass(frozen=True)
class Handover:
    """What a client needs: an address, and the certificate and key that open it (PEM texts)."""

    address: str
    certificate: str
    key: str


def launch(workers: int) -> Cluster:
    """Starts a cluster and returns at once; `handover` says when it is up."""
    folder = Path(tempfile.mkdtemp(prefix="fmnist-lab-"))
    path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    try:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "fmnist_core.compute.cluster",
                "--workers",
                str(workers),
                "--folder",
                str(folder),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for the web process, whose end is the cluster's
        )
    except BaseException:
        shutil.rmtree(folder)
        raise
    threading.Thread(
        target=_drain, args=(process.stderr, log_file()), name="cluster log", daemon=True
    ).start()
    return Cluster(process, folder)


def handover(cluster: Cluster) -> Handover | None:
    """`None` while the cluster is still coming up, and for ever if its process has ended before."""
    try:
        return Handover(**json.loads((cluster.folder / HANDOVER).read_text()))
    except FileNotFoundError:
        return None


def close(cluster: Cluster) -> None:
    """Ends the cluster, by force after `CLOSING_SECONDS`."""
    assert cluster.process.stdin is not None, "it was started with a pipe, whose end it waits for"
    cluster.process.stdin.close()
    try:
        cluster.process.wait(CLOSING_SECONDS + 1)
    except subprocess.TimeoutExpired:
        cluster.process.kill()
        cluster.process.wait()
    shutil.rmtree(cluster.folder, ignore_errors=True)


def connection(given: Handover) -> Any:
    """The `Security` with which a Dask client opens the cluster."""
    from distributed import Security

    return Security(
        require_encryption=True,
        tls_ca_file=given.certificate,
        tls_client_cert=given.certificate,
        tls_client_key=given.key,
    )


def log_file() -> Path:
    """What the cluster and its workers say of themselves."""
    return home() / "logs" / "cluster.log"


def cores() -> int:
    """The cores that this process may use; a container's share counts."""
    from dask.system import CPU_COUNT

    return CPU_COUNT


def dask_setup(worker: Any) -> None:
    """Called by Dask in each worker: what it answers gives way to the pages, and what it trains to both."""
    if sys.platform != "win32":
        os.nice(WORKER_NICENESS)
    _hush_at_the_end(worker)


def _hush_at_the_end(worker: Any) -> None:
    """What breaks off as a worker closes, such as a heartbeat under way, is no news; Dask warns of it."""
    from distributed import Status

    ends = (Status.closing_gracefully, Status.closing, Status.closed)
    for name in ("distributed.worker", "distributed.worker.state_machine"):
        logging.getLogger(name).addFilter(lambda _record: worker.status not in ends)


def _drain(stream: BinaryIO, path: Path) -> None:
    """Keeps what the cluster says of itself, up to twice `LOG_BYTES`, and never lets its pipe fill."""
    handler: logging.Handler = logging.NullHandler()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError as error:
        logging.getLogger(__name__).warning("the cluster's log cannot be kept: %s", error)
    with stream:
        for line in stream:
            text = line.decode(errors="replace").rstrip("\n")
            handler.handle(logging.makeLogRecord({"msg": "%s", "args": (text,)}))
    handler.close()


def _memory_for(workers: int) -> int:
    """Bytes. One run may take more than its worker's share of the machine while the others are small."""
    from distributed.system import MEMORY_LIMIT

    return int(max(0.9 * MEMORY_LIMIT / workers, min(0.5 * MEMORY_LIMIT, 4e9)))


def _give_way_as_a_session() -> None:
    """Linux may share the cores among sessions first, where a process's own niceness counts for nothing.

    See sched(7), *The autogroup feature*. Nothing happens where it is off, or on another system.
    """
    for _attempt in range(5):
        try:
            Path("/proc/self/autogroup").write_text(str(SESSION_NICENESS))
            return
        except BlockingIOError:  # somebody else on this machine did so within the last tenth of a second
            time.sleep(0.15)
        except OSError:
            return


def _hand_over(given: Handover, folder: Path) -> None:
    """All at once, and for the user's eyes only."""
    unfinished = folder / "unfinished"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        json.dump(vars(given), file)
    unfinished.rename(folder / HANDOVER)


def _start_fork_server() -> str:
    """Workers are forked from a process that has imported everything, while this one goes on importing.

    So a worker that died is back at once, and the workers share the memory of those imports.
    """
    if sys.platform == "win32":
        return "spawn"
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["distributed", "fmnist_core.nets.worker.preload"])
    multiprocessing.forkserver.ensure_running()
    return "forkserver"


async def _replace_nannies_that_gave_up(local_cluster: Any) -> None:
    """A nanny restarts a worker that died; where that fails it closes itself, and Dask puts in no other.

    That happens where its fork server is killed in the middle of a fork. One that fails here is tried again
    at the next look.
    """
    from distributed import Status

    for name, nanny in list(local_cluster.workers.items()):
        if nanny.status in (Status.closed, Status.failed):
            del local_cluster.workers[name]
    local_cluster.scale(len(local_cluster.worker_spec))  # nothing, where each has its nanny


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fmnist_core.compute.cluster", description=__doc__)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="private; removed at the end")
    options = parser.parse_args()
    closing = threading.Event()
    up = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(options.folder, closing, up), daemon=True).start()
    _give_way_as_a_session()
    method = _start_fork_server()

    import dask

    dask.config.set({**SETTINGS, "distributed.worker.multiprocessing-method": method})
    from distributed import LocalCluster, Security

    security = Security.temporary()
    with LocalCluster(
        n_workers=options.workers,
        threads_per_worker=2,  # one for training, one for questions
        processes=True,
        protocol="tls",
        security=security,
        host="127.0.0.1",
        dashboard_address=None,
        memory_limit=_memory_for(options.workers),
        preload="fmnist_core.compute.cluster",
    ) as cluster:
        given = Handover(cluster.scheduler_address, security.tls_client_cert, security.tls_client_key)
        _hand_over(given, options.folder)
        up.set()
        while not closing.wait(LOOK_SECONDS):
            cluster.sync(_replace_nannies_that_gave_up, cluster)


def _wait_for_the_end(folder: Path, closing: threading.Event, up: threading.Event) -> None:
    """Sees to it that this process ends soon after its standard input does, whatever it is doing then.

    Workers in the middle of something end with it, and their runs' data is safe at any moment.
    """
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    closing.set()
    if up.is_set():
        time.sleep(CLOSING_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
