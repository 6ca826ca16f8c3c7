"""Faults that befall a running lab, in an order and at times that a seed decides."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import make_url
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.load.figures import workers
from benchmarks.load.session import Dropped, Session
from tests.browser.driver import Server
from tests.databases import Postgres

EVERY = (8.0, 20.0)  # seconds between two faults
FLOOD = 2000  # reruns of one socket
DOWN = 1.5  # seconds that a restart takes


@dataclass(frozen=True)
class Lab:
    """What faults befall: a server, and its Postgres if its store is not a file of SQLite."""

    server: Server
    postgres: Postgres | None = None

    @property
    def faults(self) -> dict[str, Callable[[Lab], Awaitable[None]]]:
        return ANYWHERE | (ON_POSTGRES if self.postgres else ON_SQLITE)


@dataclass(frozen=True)
class Fault:
    """What happens so many seconds after the beginning."""

    second: float
    kind: str


def plan(seed: int, seconds: float, kinds: Iterable[str], every: tuple[float, float] = EVERY) -> list[Fault]:
    """The faults of a test of this length; the same seed gives the same plan. Every kind comes up in turn."""
    chance, faults, left = random.Random(seed), [], []
    second = chance.uniform(*every)
    kinds = sorted(kinds)
    while second < seconds:
        left = left or chance.sample(kinds, len(kinds))
        faults.append(Fault(second, left.pop()))
        second += chance.uniform(*every)
    return faults


async def kill_a_worker(lab: Lab) -> None:
    for process in workers(lab.server.pid)[:1]:
        process.send_signal(signal.SIGKILL)


async def kill_all_workers(lab: Lab) -> None:
    for process in workers(lab.server.pid):
        process.send_signal(signal.SIGKILL)


async def halt_a_worker(lab: Lab) -> None:
    """As a machine that swaps, or a laptop that sleeps, would."""
    for process in workers(lab.server.pid)[:1]:
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(3)  # the fault itself
        process.send_signal(signal.SIGCONT)


async def kill_the_cluster(lab: Lab) -> None:
    for process in psutil.Process(lab.server.pid).children(recursive=True):
        if "fmnist_core.compute.cluster" in process.cmdline():
            process.send_signal(signal.SIGKILL)


async def kill_the_web_process(lab: Lab) -> None:
    """And with it all that it has started; it is started again as a service is."""
    await asyncio.to_thread(lab.server.restart, DOWN)


async def lock_the_database(lab: Lab) -> None:
    """As a backup or a database viewer would hold it."""
    await asyncio.to_thread(_hold, Path(make_url(lab.server.store_url).database), 6.0)


def _hold(database: Path, seconds: float) -> None:
    connection = sqlite3.connect(database, timeout=30, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)  # the fault itself
    connection.execute("ROLLBACK")
    connection.close()


async def refuse_writes(lab: Lab) -> None:
    """As a full disk does, or one that was mounted anew for reading only."""
    try:
        _limit_files(lab.server, 1)
        await asyncio.sleep(6)
    finally:
        _limit_files(lab.server, psutil.RLIM_INFINITY)  # also for those that were forked meanwhile


def _limit_files(server: Server, most: int) -> None:
    web = psutil.Process(server.pid)
    for process in [web, *web.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.rlimit(psutil.RLIMIT_FSIZE, (most, psutil.RLIM_INFINITY))


async def flood(lab: Lab) -> None:
    """More reruns at once on one socket than any browser sends, and the message that clears caches."""
    rerun = BackMsg()
    rerun.rerun_script.query_string = ""
    with suppress(Dropped):  # as whoever sends so much is, in the middle of it
        async with await Session.connect(lab.server.url, "F" * 22) as tab:
            await tab.open("")
            await tab.send(BackMsg(clear_cache=True))
            for _ in range(FLOOD):
                await tab.send(rerun)


async def restart_postgres(lab: Lab) -> None:
    await _restart(lab, signal.SIGINT)


async def crash_postgres(lab: Lab) -> None:
    await _restart(lab, signal.SIGQUIT)


async def _restart(lab: Lab, how: signal.Signals) -> None:
    assert lab.postgres is not None
    await asyncio.to_thread(lab.postgres.stop, how)
    await asyncio.sleep(DOWN)
    await asyncio.to_thread(lab.postgres.start)


ANYWHERE: dict[str, Callable[[Lab], Awaitable[None]]] = {
    "a worker is killed": kill_a_worker,
    "all workers are killed": kill_all_workers,
    "a worker stands still for 3 s": halt_a_worker,
    "the cluster is killed": kill_the_cluster,
    "the web process is killed": kill_the_web_process,
    "a browser floods the server": flood,
}
ON_SQLITE: dict[str, Callable[[Lab], Awaitable[None]]] = {
    "the database is locked for 6 s": lock_the_database,
    "the disk takes nothing for 6 s": refuse_writes,
}
ON_POSTGRES: dict[str, Callable[[Lab], Awaitable[None]]] = {
    "Postgres restarts": restart_postgres,
    "Postgres crashes": crash_postgres,
}
