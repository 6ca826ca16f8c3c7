"""Connects to workers, in an embedded cluster or by a Dask scheduler's address, and runs functions on them.

Live runs and runs for the evidence are sent from here. It knows nothing of what a run is.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from fmnist_core.compute import cluster
from fmnist_core.compute.machines import Machines
from fmnist_core.sentences import LabError, Sentence

Result = TypeVar("Result")
LAUNCH_SECONDS = 60.0
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 2.0
FLUSH_SECONDS = 0.05
RESTART_SECONDS = 30.0
LOOK_SECONDS = 10.0
THIS_MACHINE = "this machine"
SLICE_PATIENCE = (
    120.0  # beyond a time slice's own seconds; the slowest batch takes some, importing torch more
)

NO_SCHEDULER = Sentence(
    "The Dask scheduler does not answer. Start it, or correct its address, which "
    "FMNIST_SCHEDULER or --scheduler gives; without one, this machine does the training."
)
NO_WORKERS = Sentence(
    "The Dask scheduler has no workers yet, so nothing trains for now. Whoever runs the lab: "
    "start some with dask worker and the scheduler's address. Training then goes on by itself."
)
BROKEN = Sentence(
    "The workers that train met an error that is no fault of yours. The server's log has the details; "
    "training is tried again by itself."
)
SILENT = Sentence(
    "The workers do not answer, so nothing trains for now. Training goes on by itself when they do, from the "
    "last state that was saved."
)


class ConnectionFailed(LabError):
    """There are no workers to be had, for now."""


class WorkerLost(Exception):
    """The worker died, or fell silent, before it had done what it was asked."""


class TurnedAway(Exception):
    """The scheduler gave up the work; it is no fault of the worker's, nor of the work's."""


@dataclass(frozen=True)
class Connection:
    """`launched` is the embedded cluster, if the client is of one."""

    client: Any
    launched: cluster.Cluster | None


@asynccontextmanager
async def connect(address: str | None, workers: int | None) -> AsyncIterator[Connection]:
    """A connection to the scheduler at `address`; without one, to a cluster that lives as long as the block.

    That has as many `workers` as asked for, else one a core. Raises `ConnectionFailed`.
    """
    if address is not None:
        try:
            client = await _client(address)
        except (OSError, ValueError, ImportError) as error:
            logging.getLogger(__name__).warning("no Dask scheduler answers at %s: %s", address, error)
            raise ConnectionFailed(NO_SCHEDULER) from error
        try:
            yield Connection(client, None)
        finally:
            await _close(client)
        return
    launched = cluster.launch(workers or cluster.cores())
    try:
        given = await _handover(launched)
        client = await _client(given.address, cluster.connection(given))
        try:
            yield Connection(client, launched)
        finally:
            await _close(client)
    finally:
        cluster.close(launched)


def why_lost(error: Exception, address: str | None) -> Sentence:
    """What ended a connection to the scheduler at `address`, or to a cluster of our own."""
    if isinstance(error, TimeoutError):
        return SILENT
    return NO_SCHEDULER if address is not None and isinstance(error, OSError) else BROKEN


def alive(connection: Connection) -> bool:
    if connection.launched is not None and connection.launched.process.poll() is not None:
        return False
    return bool(connection.client.status == "running")


async def machines(connection: Connection) -> Machines:
    """Embedded workers share this machine's cores. A worker elsewhere trains on as many threads as it has.

    Raises `OSError` or `TimeoutError` if the scheduler does not answer.
    """
    async with asyncio.timeout(LOOK_SECONDS):
        identity = await connection.client.scheduler.identity(n_workers=-1)
    workers = identity["workers"]
    if connection.launched is not None:
        return Machines(dict.fromkeys(workers, THIS_MACHINE), {THIS_MACHINE: cluster.cores()})
    return Machines({a: a for a in workers}, {a: worker["nthreads"] for a, worker in workers.items()})


async def on_worker(
    connection: Connection, worker: str, seconds: float, function: Callable[..., Result], *arguments: object
) -> Result:
    """What the function, known by its name in a module, returns on that worker, if it does within `seconds`.

    Raises `WorkerLost`, `TurnedAway`, or what the function does.
    """
    from distributed import KilledWorker

    future = connection.client.submit(function, *arguments, workers=[worker], pure=False)
    try:
        async with asyncio.timeout(seconds):
            result: Result = await future.result()
        return result
    except (KilledWorker, TimeoutError) as error:
        raise WorkerLost(worker) from error
    except (CancelledError, OSError) as error:
        raise TurnedAway(worker) from error


async def advance(
    connection: Connection, worker: str, seconds: float, function: Callable[..., Result], *arguments: object
) -> Result:
    """`on_worker` for a time slice of `seconds` of training."""
    return await on_worker(connection, worker, seconds + SLICE_PATIENCE, function, *arguments)


async def end_if_silent(connection: Connection, worker: str) -> None:
    """Ends a worker that was lost and is still there; its nanny, if it has one, starts another."""
    if worker in (await machines(connection)).workers:
        client = connection.client
        await client.restart_workers([worker], timeout=RESTART_SECONDS, raise_for_error=False)


async def _client(address: str, security: Any = None) -> Any:
    from distributed import Client

    # That a connection is closed is no news where the server ends; this logger tells it with a traceback.
    logging.getLogger("distributed.batched").setLevel(logging.WARNING)
    client = Client(
        address,
        security=security,
        asynchronous=True,
        set_as_default=False,
        timeout=CONNECT_SECONDS,
        name="FMNIST Lab",
    )
    try:
        return await client
    except asyncio.CancelledError:
        await _close(client)
        raise


async def _close(client: Any) -> None:
    """A scheduler that is gone cannot say goodbye, and is not waited for long."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.close()
    except TimeoutError:
        logging.getLogger(__name__).info("the scheduler said no goodbye")
    await asyncio.sleep(FLUSH_SECONDS)  # the client's sender wakes once more, and needs a loop that runs


async def _handover(launched: cluster.Cluster) -> cluster.Handover:
    patience = time.monotonic() + LAUNCH_SECONDS
    while (given := cluster.handover(launched)) is None:
        if launched.process.poll() is not None or time.monotonic() > patience:
            raise ConnectionFailed(
                Sentence(
                    "The workers that train did not start; cluster.log, in the lab's logs, says why. "
                    "What is stored can be looked at meanwhile."
                )
            )
        await asyncio.sleep(0.02)
    return given
