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
        the workers stay the same: it may have come some of the way already. One whose worker dies in its
        middle is put to another, once: it may be what the worker died of.

        Raises `WorkerLost`, or `TimeoutError` after `timeout` seconds.
        """
        about = arguments.get("run_id") or arguments.get("name") or arguments.get("model")
        deaths = 0
        async with asyncio.timeout(timeout):
            while True:
                while not self._workers:  # one may be here and gone again before who waited for it runs
                    await self._ready.wait()
                worker = self._choose(preferred(), about, busy)
                place = self._workers[worker]
                async with place.lock:
                    try:
                        if answer := await self._on(place, worker, query, arguments):
                            return answer
                    except TurnedAway:
                        pass
                    except WorkerLost:
                        deaths += 1
                        if deaths > 1:
                            raise
                await place.gone.wait()

    def _choose(self, preferred: str | None, about: object, busy: Collection[str]) -> str:
        """One of the workers, of which there are some; see `ask`."""
        if preferred in self._workers:
            return preferred
        if about is not None:
            return sorted(self._workers)[crc32(str(about).encode()) % len(self._workers)]
        return min(self._workers, key=lambda w: (self._workers[w].lock.locked(), w in busy))

    async def _on(self, place: Place, worker: str, query: str, arguments: Mapping[str, Any]) -> Answer | None:
        """`None` if the worker is gone, or goes: Dask would wait on. Raises `WorkerLost` or `TurnedAway`."""
        if self._connection is None or place.gone.is_set():
            return None
        asked = asyncio.ensure_future(
            on_worker(self._connection, worker, PATIENCE, remote.answer, query, arguments)
        )
        gone = asyncio.ensure_future(place.gone.wait())
        try:
            await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else None
        finally:
            asked.cancel()
            gone.cancel()
            await asyncio.gather(asked, gone, return_exceptions=True)

    async def mention(self, worker: str, query: str, arguments: Mapping[str, Any]) -> Answer | None:
        """A query that makes things quicker, or is good to know, and does no harm if no answer comes."""
        if worker not in self._workers:
            return None
        try:
            return await self._on(self._workers[worker], worker, query, arguments)
        except (WorkerLost, TurnedAway):
            return None
        except Exception:
            logging.getLogger(__name__).exception("a worker could not be told to %s", query)
            return None
