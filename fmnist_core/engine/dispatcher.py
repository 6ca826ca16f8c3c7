"""Sends time slices of runs to the workers and takes over their results; asks workers queries in between.

It has a thread of its own in the web process and owns the connection to the workers, whose loss costs runs
some seconds and never more. What is wanted of each run is in `ActiveRuns`; which run trains next on which
worker is decided by `scheduling.plan`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from fmnist_core.compute import client, memory, remote
from fmnist_core.compute.client import (
    Connection,
    TurnedAway,
    WorkerLost,
    advance,
    alive,
    connect,
    machines,
    on_worker,
)
from fmnist_core.compute.lost_workers import ended_by_memory
from fmnist_core.compute.machines import Machines
from fmnist_core.data import fashion_mnist
from fmnist_core.engine.active_runs import ActiveRuns
from fmnist_core.engine.queries import PATIENCE, Queries
from fmnist_core.engine.scheduling import NEVER, Candidate, TimeSlice, plan
from fmnist_core.engine.sweep_queue import SweepQueue
from fmnist_core.engine.throughput import Throughputs
from fmnist_core.messages import SliceRequest
from fmnist_core.sentences import LabError, Sentence

SILENCE_SECONDS = 1.0  # of which learners are told
LOOK_SECONDS = 0.25  # how often to see which workers there are
RETRY_SECONDS = 3.0
SAVE_SECONDS = 8.0  # at the end, for all runs together
MEASURING = "forecast"  # gets time slices as a run does
MOST_TO_MEASURE = 8


@dataclass
class UnderWay:
    """A time slice that a worker has been sent. `name` is the one by which the worker can cut it short."""

    time_slice: TimeSlice
    name: str
    task: asyncio.Task[None]
    may_be_cut: bool
    worker_is_gone: bool = False


class Dispatcher:
    """`state` and `problem` say how the connection is; `machines` which workers there are.

    `throughputs` says how long training takes here; `device_and_dtype` on what the newest worker trains and
    in which numbers.
    """

    def __init__(
        self, active_runs: ActiveRuns, sweep_queue: SweepQueue, scheduler: str | None, workers: int | None
    ) -> None:
        self._active_runs = active_runs
        self._sweep_queue = sweep_queue
        self._scheduler = scheduler
        self._worker_count = workers
        self.state: Literal["starting", "ready", "failed"] = "starting"
        self.problem: Sentence | None = None
        self.machines = Machines({}, {})
        self.throughputs = Throughputs()
        self.device_and_dtype: tuple[str, str] | None = None
        self._to_measure: dict[str, str] = {}
        self._under_way: dict[str, UnderWay] = {}  # by worker
        self._queries = Queries()
        self._background_tasks: set[asyncio.Task[object]] = set()
        self._wake = asyncio.Event()
        self._closing = False
        self._looked = 0.0
        self._measured_at = NEVER
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._main())
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Has every run saved, if its worker does it within `SAVE_SECONDS`."""
        self._active_runs.park()
        if self._thread.ident is None:  # never started
            self._in_loop(self._task.cancel)
            self._run()
            return
        if self.machines.workers:
            self._closing = True
            self.nudge()
            self._thread.join(SAVE_SECONDS)
        self._in_loop(self._task.cancel)
        self._thread.join(15)

    def nudge(self) -> None:
        """Something has changed that the loop should see at once."""
        self._in_loop(self._wake.set)

    def ask(self, query: str, arguments: Mapping[str, Any], run_id: str | None, timeout: float) -> Any:
        """The answer of the worker that has the run's state, or of any.

        Raises `LabError`, `WorkerLost`, `TurnedAway` or `TimeoutError`.
        """
        answer = self._answer(query, arguments, run_id, timeout)
        try:
            asked = asyncio.run_coroutine_threadsafe(answer, self._loop)
        except RuntimeError as closed:  # the loop is, and will run nothing
            answer.close()
            raise TimeoutError from closed
        try:
            return asked.result(timeout)
        finally:
            asked.cancel()

    def measure(self, shape: str, spec: str) -> None:
        """Has a network's throughput measured, in a time slice; of many networks the latest come first."""

        def add() -> None:
            self._to_measure.pop(shape, None)
            self._to_measure[shape] = spec
            if len(self._to_measure) > MOST_TO_MEASURE:
                del self._to_measure[next(iter(self._to_measure))]
            self._wake.set()

        self._in_loop(add)

    def forget(self, run_id: str) -> None:
        """Has every worker drop the state of a run that was deleted."""

        def tell_all() -> None:
            for worker in self.machines.workers:
                self._background(self._queries.mention(worker, "forget", {"run_id": run_id}))
            self._wake.set()

        self._in_loop(tell_all)

    def _in_loop(self, change: Callable[[], object]) -> None:
        """Called by other threads; once the dispatcher is closed, nothing happens."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(change)

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
                self._active_runs.open()
                self._sweep_queue.open()
                async with connect(self._scheduler, self._worker_count) as connection:
                    await self._serve(connection)
                if self._closing:
                    return
                self.state = "starting"
                continue
            except LabError as error:
                self.state, self.problem = "failed", error.sentences[0]
            except Exception as error:
                logging.getLogger(__name__).exception("the dispatcher has lost its workers")
                self.state, self.problem = "failed", client.why_lost(error, self._scheduler)
            await self._nap(RETRY_SECONDS)

    async def _serve(self, connection: Connection) -> None:
        """Until the connection is lost."""
        try:
            while alive(connection) and (
                not self._closing or self._under_way or not self._active_runs.is_saved()
            ):
                if time.monotonic() - self._looked > LOOK_SECONDS:
                    await self._look(connection)
                self._deal(connection)
                await self._nap(LOOK_SECONDS)
            if self._scheduler is not None and not self._closing:  # said before goodbyes, which take seconds
                self.problem = client.NO_SCHEDULER
        except OSError as error:
            self.problem = client.why_lost(error, self._scheduler)  # before goodbyes as well
            raise
        finally:
            self._queries.disconnect()
            self.machines, self._looked = Machines({}, {}), 0.0
            tasks = [*self._background_tasks, *(under_way.task for under_way in self._under_way.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._under_way.clear()
            self._active_runs.unbind(())

    async def _look(self, connection: Connection) -> None:
        """Which workers are there, and which are gone with what they held."""
        silence = self._loop.call_later(SILENCE_SECONDS, self._fall_silent)
        try:
            seen = await machines(connection)
        finally:
            silence.cancel()
        for worker in seen.workers.keys() - self.machines.workers.keys():
            self._background(self._warm_up(worker))
        for worker in self.machines.workers.keys() - seen.workers.keys():
            if worker in self._under_way:  # its task waits for a worker of this address, and none will come
                self._under_way[worker].worker_is_gone = True
                self._under_way[worker].task.cancel()
        self._active_runs.unbind(seen.workers)
        self._queries.connect(connection, seen.workers)
        self.machines, self._looked = seen, time.monotonic()
        if seen.workers:
            self.state, self.problem = "ready", None
        elif self._scheduler is not None:
            self.problem = client.NO_WORKERS

    def _fall_silent(self) -> None:
        self.problem = client.SILENT

    def _deal(self, connection: Connection) -> None:
        """Begins the time slices that are due, and cuts short those that stand in the way of others."""
        self._sweep_queue.feed()
        candidates = self._active_runs.candidates()
        if self._to_measure:
            candidates.append(Candidate(MEASURING, MEASURING))
        time_slices = [under_way.time_slice for under_way in self._under_way.values()]
        served = {**self._active_runs.served(), MEASURING: self._measured_at}
        planned = plan(candidates, self.machines.workers, self.machines.cores, time_slices, served)
        for time_slice in planned.time_slices:
            if time_slice.run_id == MEASURING:
                self._measured_at = max(served.values()) + 1
                measured = self._to_measure.popitem()
                self._begin(time_slice, MEASURING, False, self._measure(connection, time_slice, *measured))
            elif request := self._active_runs.begin(time_slice, fashion_mnist.load().is_full):
                self._begin(
                    time_slice,
                    request.time_slice,
                    request.seconds > 0,
                    self._train(connection, time_slice, request),
                )
        self._active_runs.balance(self.machines.workers)
        resting = self._active_runs.resting([time_slice.run_id for time_slice in time_slices])
        for time_slice in time_slices:
            under_way = self._under_way[time_slice.worker]
            if time_slice.run_id in (*planned.preempt, *resting) and under_way.may_be_cut:
                under_way.may_be_cut = False
                self._background(self._cut_short(under_way))

    def _begin(
        self, time_slice: TimeSlice, name: str, may_be_cut: bool, work: Coroutine[Any, Any, None]
    ) -> None:
        self._under_way[time_slice.worker] = UnderWay(
            time_slice, name, self._loop.create_task(work), may_be_cut
        )

    async def _train(self, connection: Connection, time_slice: TimeSlice, request: SliceRequest) -> None:
        kills = memory.kernel_kills()
        try:
            result = await advance(connection, time_slice.worker, request.seconds, remote.advance, request)
            if measured := self._active_runs.on_result(request, result):
                self.throughputs.learn(measured[0], time_slice.threads, measured[1])
        except WorkerLost:
            await self._worker_lost(connection, time_slice.worker, request, kills)
        except TurnedAway:
            self._looked = 0.0
        except asyncio.CancelledError:
            if not self._under_way[time_slice.worker].worker_is_gone:
                raise
            await self._worker_lost(connection, time_slice.worker, request, kills)
        except Exception:
            logging.getLogger(__name__).exception("run %s could not be trained", request.run_id)
            self._active_runs.put_off(request.run_id, client.BROKEN)
        finally:
            self._under_way.pop(time_slice.worker)
            self._wake.set()

    async def _worker_lost(
        self, connection: Connection, worker: str, request: SliceRequest, kills_before: int
    ) -> None:
        """The worker gets no more time slices, and is ended if it is there and silent."""
        self._looked, out_of_memory = 0.0, False
        try:
            out_of_memory = await ended_by_memory(connection, worker, kills_before)
        except (OSError, TimeoutError):
            logging.getLogger(__name__).info("worker %s is lost, and with it the scheduler", worker)
        self._active_runs.killed(request, out_of_memory)

    async def _measure(self, connection: Connection, time_slice: TimeSlice, shape: str, spec: str) -> None:
        arguments = {"spec": spec, "threads": time_slice.threads}
        self.throughputs.measured(shape, time_slice.threads, None)
        try:
            answer = await on_worker(
                connection, time_slice.worker, PATIENCE, remote.answer, "forecast", arguments
            )
            self.throughputs.measured(shape, time_slice.threads, answer.value)
        except (WorkerLost, TurnedAway, asyncio.CancelledError) as lost:
            self.throughputs.not_measured(shape, time_slice.threads)
            self._looked = 0.0
            if isinstance(lost, asyncio.CancelledError):
                raise
        except Exception:
            logging.getLogger(__name__).exception("a forecast failed")
        finally:
            self._under_way.pop(time_slice.worker)
            self._wake.set()

    async def _answer(
        self, query: str, arguments: Mapping[str, Any], run_id: str | None, timeout: float
    ) -> Any:
        answer = await self._queries.ask(
            query,
            arguments,
            timeout,
            preferred=lambda: self._active_runs.worker_of(run_id) if run_id else None,
            busy=self._under_way,
        )
        if answer.refusal:
            raise LabError(*answer.refusal)
        return answer.value

    async def _warm_up(self, worker: str) -> None:
        await self._queries.mention(worker, "warm_up", {})
        if answer := await self._queries.mention(worker, "device_and_dtype", {}):
            self.device_and_dtype = answer.value

    async def _cut_short(self, under_way: UnderWay) -> None:
        await self._queries.mention(under_way.time_slice.worker, "cut_short", {"time_slice": under_way.name})

    def _background(self, work: Coroutine[Any, Any, object]) -> None:
        task = self._loop.create_task(work)
        self._background_tasks.add(task)
        task.add_done_callback(self._background_tasks.discard)

    async def _nap(self, seconds: float) -> None:
        """Until something has changed, or as many seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
            self._wake.clear()
