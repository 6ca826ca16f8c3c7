"""The loop that gives workers their turns, hears what came of them, and asks them questions in between.

It has a thread of its own in the web process and owns the connection to the workers, whose loss costs runs
some seconds and never more. What is wanted of the runs is the roster's affair, and who is next the
schedule's.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from fmnist_core import data, orders
from fmnist_core.connection import (
    Connection,
    Machines,
    TurnedAway,
    WorkerLost,
    alive,
    connect,
    machines,
    on_worker,
    restart,
)
from fmnist_core.feeder import Feeder
from fmnist_core.orders import Answer, SliceOrder
from fmnist_core.pace import Paces
from fmnist_core.roster import Roster
from fmnist_core.schedule import NEVER, Entrant, Turn, plan
from fmnist_core.sentences import LabError, Sentence

LOOK_SECONDS = 0.25  # how often to see which workers there are
LOOK_PATIENCE = 10.0
RETRY_SECONDS = 3.0
PATIENCE = 120.0  # with a worker that does not report; the slowest batch takes some seconds
MEASURING = "forecast"  # takes turns as a run does
MOST_TO_MEASURE = 8

BROKEN = Sentence(
    "The workers that train met an error that is no fault of yours. The server's log has the details; "
    "try again in a while."
)


@dataclass
class UnderWay:
    turn: Turn
    name: str
    task: asyncio.Task
    may_be_cut: bool
    worker_is_gone: bool = False


class Dispatcher:
    """`state` and `problem` say how the connection is; `machines` which workers there are.

    `paces` says how long training takes here; `way` on what the newest worker trains and in which numbers.
    """

    def __init__(self, roster: Roster, feeder: Feeder, scheduler: str | None, workers: int | None) -> None:
        self._roster = roster
        self._feeder = feeder
        self._scheduler = scheduler
        self._worker_count = workers
        self.state: Literal["starting", "ready", "failed"] = "starting"
        self.problem: Sentence | None = None
        self.machines = Machines({}, {})
        self.paces = Paces()
        self.way: tuple[str, str] | None = None
        self._to_measure: dict[str, str] = {}
        self._under_way: dict[str, UnderWay] = {}  # by worker
        self._asking: dict[
            str, asyncio.Lock
        ] = {}  # by worker: one question at a time leaves a thread to train
        self._background_tasks: set[asyncio.Task] = set()
        self._connection: Connection | None = None
        self._ready = asyncio.Event()
        self._wake = asyncio.Event()
        self._looked = 0.0
        self._measured_at = NEVER
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._main())
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Leaves turns under way where they are; their runs go on from the store when a lab starts again."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
        if self._thread.ident is None:  # never started
            self._run()
        else:
            self._thread.join(15)

    def nudge(self) -> None:
        """Something has changed that the loop should see at once."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def ask(self, question: str, arguments: Mapping[str, Any], run_id: str | None, timeout: float) -> Any:
        """The answer of the worker that has the run's state, or of any.

        Raises `LabError`, `WorkerLost`, `TurnedAway` or `TimeoutError`.
        """
        asked = asyncio.run_coroutine_threadsafe(
            self._answer(question, arguments, run_id, timeout), self._loop
        )
        try:
            return asked.result(timeout)
        finally:
            asked.cancel()

    def measure(self, shape: str, spec: str) -> None:
        """Has a network's pace measured, in a turn of its own; of many wishes the latest come first."""
        self._to_measure.pop(shape, None)
        self._to_measure[shape] = spec
        if len(self._to_measure) > MOST_TO_MEASURE:
            self._to_measure.pop(next(iter(self._to_measure)))
        self.nudge()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            with suppress(asyncio.CancelledError):  # which is how it is closed
                self._loop.run_until_complete(self._task)
        finally:
            self._loop.close()

    async def _main(self) -> None:
        while True:
            try:
                self._roster.open()
                self._feeder.open()
                async with connect(self._scheduler, self._worker_count) as connection:
                    await self._serve(connection)
                self.state = "starting"
                continue
            except LabError as error:
                self.state, self.problem = "failed", error.sentences[0]
            except Exception:
                logging.getLogger(__name__).exception("the dispatcher has lost its workers")
                self.state, self.problem = "failed", BROKEN
            await self._nap(RETRY_SECONDS)

    async def _serve(self, connection: Connection) -> None:
        """Until the connection is lost."""
        try:
            while alive(connection):
                if time.monotonic() - self._looked > LOOK_SECONDS:
                    await self._look(connection)
                self._deal(connection)
                await self._nap(LOOK_SECONDS)
        finally:
            self._ready.clear()
            self._connection, self.machines, self._looked = None, Machines({}, {}), 0.0
            tasks = [*self._background_tasks, *(under_way.task for under_way in self._under_way.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._under_way.clear()
            self._asking.clear()
            self._roster.unbind(())

    async def _look(self, connection: Connection) -> None:
        """Which workers are there, and which are gone with what they held."""
        seen = await asyncio.wait_for(machines(connection), LOOK_PATIENCE)
        for worker in seen.workers.keys() - self.machines.workers.keys():
            self._asking[worker] = asyncio.Lock()
            self._background(self._warm_up(connection, worker))
        for worker in self.machines.workers.keys() - seen.workers.keys():
            del self._asking[worker]
            if worker in self._under_way:  # its task waits for a worker of this address, and none will come
                self._under_way[worker].worker_is_gone = True
                self._under_way[worker].task.cancel()
        self._roster.unbind(seen.workers)
        self.machines, self._connection, self._looked = seen, connection, time.monotonic()
        if seen.workers:
            self.state, self.problem = "ready", None
            self._ready.set()
        elif self._scheduler is not None:
            self.problem = Sentence(
                "The Dask scheduler at {address} has no workers yet. Start some: dask worker {address}",
                address=self._scheduler,
            )

    def _deal(self, connection: Connection) -> None:
        """Begins the turns that are due, and ends early those that stand in the way of others."""
        self._feeder.feed()
        entrants = self._roster.entrants()
        if self._to_measure:
            entrants.append(Entrant(MEASURING, MEASURING))
        turns = [under_way.turn for under_way in self._under_way.values()]
        served = {**self._roster.served(), MEASURING: self._measured_at}
        planned = plan(entrants, self.machines.workers, self.machines.cores, turns, served)
        for turn in planned.turns:
            if turn.run_id == MEASURING:
                self._measured_at = max(served.values()) + 1
                self._begin(turn, MEASURING, False, self._measure(connection, turn))
            elif order := self._roster.begin(turn, data.load().is_full):
                self._begin(turn, order.turn, order.seconds > 0, self._train(connection, turn, order))
        self._roster.balance(self.machines.workers)
        resting = self._roster.resting([turn.run_id for turn in turns])
        for turn in turns:
            under_way = self._under_way[turn.worker]
            if turn.run_id in (*planned.hurry, *resting) and under_way.may_be_cut:
                under_way.may_be_cut = False
                self._background(self._cut_short(connection, under_way))

    def _begin(self, turn: Turn, name: str, may_be_cut: bool, work: Coroutine[Any, Any, None]) -> None:
        self._under_way[turn.worker] = UnderWay(turn, name, self._loop.create_task(work), may_be_cut)

    async def _train(self, connection: Connection, turn: Turn, order: SliceOrder) -> None:
        try:
            patience = order.seconds + PATIENCE
            report = await on_worker(connection, turn.worker, patience, orders.advance, order)
            if learnt := self._roster.heard(order, report):
                self.paces.learn(learnt[0], turn.threads, learnt[1])
        except WorkerLost:
            self._roster.killed(order)
            await self._see_off(connection, turn.worker)
        except TurnedAway:
            self._looked = 0.0
        except asyncio.CancelledError:
            if not self._under_way[turn.worker].worker_is_gone:
                raise
            self._roster.killed(order)
        except Exception:
            logging.getLogger(__name__).exception("run %s could not be trained", order.run_id)
            self._roster.failed(order.run_id, BROKEN)
        finally:
            self._under_way.pop(turn.worker)
            self._wake.set()

    async def _see_off(self, connection: Connection, worker: str) -> None:
        """A worker that is no more is not given other turns; one that is only silent is ended first."""
        seen = await machines(connection)
        if worker in seen.workers:
            await restart(connection, worker)
        self._looked = 0.0

    async def _measure(self, connection: Connection, turn: Turn) -> None:
        shape, spec = self._to_measure.popitem()
        arguments = {"spec": spec, "threads": turn.threads}
        self.paces.measured(shape, turn.threads, None)
        try:
            answer = await on_worker(connection, turn.worker, PATIENCE, orders.answer, "forecast", arguments)
            self.paces.measured(shape, turn.threads, answer.value)
        except (WorkerLost, TurnedAway):
            self._looked = 0.0
        except Exception:
            logging.getLogger(__name__).exception("a forecast failed")
        finally:
            self._under_way.pop(turn.worker)
            self._wake.set()

    async def _answer(
        self, question: str, arguments: Mapping[str, Any], run_id: str | None, timeout: float
    ) -> Any:
        await self._ready.wait()
        worker = self._roster.worker_of(run_id) if run_id else None
        if worker not in self._asking:
            worker = min(self._asking, key=lambda w: (self._asking[w].locked(), w in self._under_way))
        async with self._asking[worker]:
            answer = await on_worker(self._connection, worker, timeout, orders.answer, question, arguments)
        if answer.refusal:
            raise LabError(*answer.refusal)
        return answer.value

    async def _warm_up(self, connection: Connection, worker: str) -> None:
        await self._mention(connection, worker, "warm_up", {})
        answer = await self._mention(connection, worker, "way", {})
        self.way = answer.value if answer else None

    async def _cut_short(self, connection: Connection, under_way: UnderWay) -> None:
        await self._mention(connection, under_way.turn.worker, "cut_short", {"turn": under_way.name})

    async def _mention(
        self, connection: Connection, worker: str, question: str, arguments: Mapping[str, Any]
    ) -> Answer | None:
        """Something that makes things quicker, or is good to know, and does no harm if it is not heard."""
        try:
            return await on_worker(connection, worker, PATIENCE, orders.answer, question, arguments)
        except (WorkerLost, TurnedAway):
            self._looked = 0.0
        except Exception:
            logging.getLogger(__name__).exception("a worker could not be told to %s", question)
        return None

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._background_tasks.add(task)
        task.add_done_callback(self._background_tasks.discard)

    async def _nap(self, seconds: float) -> None:
        """Until something happens, but not longer."""
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        self._wake.clear()
