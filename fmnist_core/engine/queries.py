"""Asks workers queries while they train: one at a time for each worker, which leaves it a thread to train.

Lives on the dispatcher's loop, which tells it which workers there are. Knows nothing of runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any
from zlib import crc32

from fmnist_core.compute import remote
from fmnist_core.compute.client import Connection, TurnedAway, WorkerLost, on_worker
from fmnist_core.messages import Answer

PATIENCE = 120.0  # with a worker that sends no answer; the slowest batch takes some seconds


class Queries:
    """Whoever asks before there is a worker waits for one."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._locks: dict[str, asyncio.Lock] = {}  # by worker
        self._ready = asyncio.Event()

    def connect(self, connection: Connection, workers: Collection[str]) -> None:
        """These workers are there now, and no others."""
        self._connection = connection
        self._locks = {worker: self._locks.get(worker) or asyncio.Lock() for worker in workers}
        if self._locks:
            self._ready.set()
        else:
            self._ready.clear()

    def disconnect(self) -> None:
        """The workers are gone with their scheduler."""
        self._connection = None
        self._locks.clear()
        self._ready.clear()

    async def ask(
        self,
        query: str,
        arguments: Mapping[str, Any],
        timeout: float,
        *,
        preferred: Callable[[], str | None],
        busy: Collection[str],
    ) -> Answer:
        """The answer of the `preferred` worker, or of one that is asked nothing and, at best, is not `busy`.

        Queries about one thing, which their arguments `name` or give as a `run_id`, go to one worker while
        the workers stay the same: it may have come some of the way already.

        Raises `WorkerLost`, `TurnedAway` or `TimeoutError`.
        """
        about = arguments.get("run_id") or arguments.get("name") or arguments.get("model")
        while True:
            while not self._locks:  # a worker may be here and gone again before who waited for it runs
                await self._ready.wait()
            worker = preferred()
            if worker not in self._locks and about is not None:
                worker = sorted(self._locks)[crc32(str(about).encode()) % len(self._locks)]
            elif worker not in self._locks:
                worker = min(self._locks, key=lambda w: (self._locks[w].locked(), w in busy))
            async with self._locks[worker]:
                # While the query waited, the worker may have gone, or all of them with their scheduler.
                if self._connection is not None and worker in self._locks:
                    return await on_worker(self._connection, worker, timeout, remote.answer, query, arguments)

    async def mention(self, worker: str, query: str, arguments: Mapping[str, Any]) -> Answer | None:
        """A query that makes things quicker, or is good to know, and does no harm if no answer comes."""
        if self._connection is None:
            return None
        try:
            return await on_worker(self._connection, worker, PATIENCE, remote.answer, query, arguments)
        except (WorkerLost, TurnedAway):
            return None
        except Exception:
            logging.getLogger(__name__).exception("a worker could not be told to %s", query)
            return None
