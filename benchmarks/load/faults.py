"""Faults that befall a running lab, in an order and at times that a seed decides."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.load.figures import workers
from benchmarks.load.session import Session
from tests.browser.driver import Server

EVERY = (8.0, 20.0)  # seconds between two faults
FLOOD = 2000  # reruns of one socket


@dataclass(frozen=True)
class Fault:
    """What happens so many seconds after the beginning."""

    second: float
    kind: str


def plan(seed: int, seconds: float) -> list[Fault]:
    """The faults of a test of this length; the same seed gives the same plan. Every kind comes up in turn."""
    chance, faults, kinds = random.Random(seed), [], []
    second = chance.uniform(*EVERY)
    while second < seconds:
        kinds = kinds or chance.sample(sorted(KINDS), len(KINDS))
        faults.append(Fault(second, kinds.pop()))
        second += chance.uniform(*EVERY)
    return faults


async def kill_a_worker(server: Server) -> None:
    for process in workers(server.pid)[:1]:
        process.send_signal(signal.SIGKILL)


async def kill_all_workers(server: Server) -> None:
    for process in workers(server.pid):
        process.send_signal(signal.SIGKILL)


async def halt_a_worker(server: Server) -> None:
    """As a machine that swaps, or a laptop that sleeps, would."""
    for process in workers(server.pid)[:1]:
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(3)  # the fault itself
        process.send_signal(signal.SIGCONT)


async def kill_the_cluster(server: Server) -> None:
    for process in psutil.Process(server.pid).children(recursive=True):
        if "fmnist_core.compute.cluster" in process.cmdline():
            process.send_signal(signal.SIGKILL)


async def lock_the_database(server: Server) -> None:
    """As a backup or a database viewer would hold it."""
    await asyncio.to_thread(_hold, server.log.parent / "lab.db", 6.0)


def _hold(database: Path, seconds: float) -> None:
    connection = sqlite3.connect(database, timeout=30, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)  # the fault itself
    connection.execute("ROLLBACK")
    connection.close()


async def refuse_writes(server: Server) -> None:
    """As a full disk does, or one that was mounted anew for reading only."""
    try:
        _limit_files(server, 1)
        await asyncio.sleep(6)
    finally:
        _limit_files(server, psutil.RLIM_INFINITY)  # also for those that were forked meanwhile


def _limit_files(server: Server, most: int) -> None:
    web = psutil.Process(server.pid)
    for process in [web, *web.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.rlimit(psutil.RLIMIT_FSIZE, (most, psutil.RLIM_INFINITY))


async def flood(server: Server) -> None:
    """More reruns at once on one socket than any browser sends, and the message that clears caches."""
    tab = await Session.connect(server.url, "F" * 22)
    await tab.open("")
    rerun = BackMsg()
    rerun.rerun_script.query_string = ""
    await tab.send(BackMsg(clear_cache=True))
    for _ in range(FLOOD):
        await tab.send(rerun)
    await tab.close()


KINDS: dict[str, Callable[[Server], Awaitable[None]]] = {
    "a worker is killed": kill_a_worker,
    "all workers are killed": kill_all_workers,
    "a worker stands still for 3 s": halt_a_worker,
    "the cluster is killed": kill_the_cluster,
    "the database is locked for 6 s": lock_the_database,
    "the disk takes nothing for 6 s": refuse_writes,
    "a browser floods the server": flood,
}
