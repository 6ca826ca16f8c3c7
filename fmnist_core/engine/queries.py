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


class Place:
    """At a worker: one query at a time holds the lock; `gone` is set once the worker is."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.gone = asyncio.Event()


class Queries:
    """Whoever asks before there is a worker waits for one."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._workers: dict[str, Place] = {}  # by address
        self._ready = asyncio.Event()

    def connect(self, connection: Connection, workers: Collection[str]) -> None:
        """These workers are there now, and no others."""
        self._connection = connection
        self._leave(self._workers.keys() - set(workers))
        self._workers = {worker: self._workers.get(worker) or Place() for worker in workers}
        if self._workers:
            self._ready.set()
        else:
            self._ready.clear()

    def disconnect(self) -> None:
        """The workers are gone with their scheduler."""
        self._connection = None
        self._leave(set(self._workers))
        self._workers.clear()
        self._ready.clear()

    def _leave(self, workers: Collection[str]) -> None:
        for worker in workers:
            self._workers[worker].gone.set()

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
        the workers stay the same: it may have come some of the way already. One whose worker dies is put to
        another, once: it may be what its worker died of.

        Raises `WorkerLost`, `TurnedAway` or `TimeoutError`.
        """
        about = arguments.get("run_id") or arguments.get("name") or arguments.get("model")
        lost = False
        while True:
            while not self._workers:  # a worker may be here and gone again before who waited for it runs
                await self._ready.wait()
            worker = preferred()
            if worker not in self._workers and about is not None:
                worker = sorted(self._workers)[crc32(str(about).encode()) % len(self._workers)]
            elif worker not in self._workers:
                worker = min(self._workers, key=lambda w: (self._workers[w].lock.locked(), w in busy))
            place = self._workers[worker]
            async with place.lock:
                # While the query waited, the worker may have gone, or all of them with their scheduler.
                if self._connection is None or place.gone.is_set():
                    continue
                try:
                    return await self._on(place, worker, timeout, query, arguments)
                except WorkerLost:
                    if lost:
                        raise
            lost = True
            await place.gone.wait()

    async def _on(
        self, place: Place, worker: str, timeout: float, query: str, arguments: Mapping[str, Any]
    ) -> Answer:
        """Raises `WorkerLost` also where the worker is gone before the query came: Dask waits for it then."""
        assert self._connection is not None, "who calls this has looked"
        asked = asyncio.ensure_future(
            on_worker(self._connection, worker, timeout, remote.answer, query, arguments)
        )
        gone = asyncio.ensure_future(place.gone.wait())
        try:
            await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise WorkerLost(worker)
            return asked.result()
        finally:
            asked.cancel()
            gone.cancel()

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
