"""The four load tests: many learners, many watchers, a soak, faults. Each takes a running server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.load.faults import KINDS, plan
from benchmarks.load.figures import Figures, Memory, unfairness
from benchmarks.load.learners import Learner, arrive_one_by_one
from benchmarks.load.session import Dropped, Session
from fmnist_core.store.runs import Run, Store
from tests.browser.driver import Server

MOST_LOST = 5.0  # seconds of training that one fault may cost a run
SECONDS_TO_END = 120.0
ENDED = ("finished", "stopped", "failed")


@dataclass
class Result:
    """What a test has measured, and its report, a figure a line."""

    figures: Figures
    lines: list[str]


async def ready(server: Server) -> None:
    """Opens Home until nothing on it runs by itself, as the notice does that workers are starting."""
    tab = await Session.connect(server.url, "V" * 22)
    await tab.open("")
    while tab.fragments:
        await asyncio.sleep(0.5)
        await tab.open("")
    await tab.close()


async def learners(server: Server, count: int, seconds: float) -> Result:
    """Each with a run of its own, and a look a second; how fairly the lab has shared its workers."""
    figures = Figures()
    everybody = [Learner(server.url, figures, seed) for seed in range(count)]
    await arrive_one_by_one([learner.train_and_watch(seconds) for learner in everybody], within=count / 4)
    store = store_of(server)
    shares = [store.run(learner.run_id).seconds for learner in everybody if learner.run_id]
    store.close()
    lines = figures.lines(seconds)
    if shares:
        lines.append(f"{'share farthest from fair':34} {100 * unfairness(shares):8.0f} %")
    return Result(figures, lines)


async def watchers(server: Server, count: int, seconds: float) -> Result:
    """Of one run, by its link."""
    figures = Figures()
    owner = Learner(server.url, Figures(), seed=0)
    training = asyncio.create_task(owner.train_and_watch(seconds + count / 8))
    store = store_of(server)
    while not training.done() and (owner.run_id is None or store.run(owner.run_id).step == 0):
        await asyncio.sleep(0.05)
    store.close()
    everybody = [Learner(server.url, figures, seed) for seed in range(1, count + 1)]
    await arrive_one_by_one(
        [learner.watch(str(owner.run_id), seconds) for learner in everybody], within=count / 10
    )
    await training
    return Result(figures, figures.lines(seconds))


async def soak(server: Server, seconds: float, count: int = 10, sample_every: float = 5.0) -> Result:
    """Learners come and go; what the web process and each worker hold."""
    figures, memory = Figures(), Memory(server.pid)
    everybody = [Learner(server.url, figures, seed) for seed in range(count)]
    visits = arrive_one_by_one([learner.come_and_go(seconds) for learner in everybody], within=count / 2)
    await during(visits, memory.sample, sample_every)
    memory.sample()
    return Result(figures, figures.lines(seconds) + memory.lines())


async def faults(server: Server, seed: int, seconds: float, count: int = 10) -> Result:
    """Faults in the middle of the load; afterwards every run ends, and every page says so.

    A session that a fault drops comes again by itself, as a browser would, and is counted.
    """
    figures, store = Figures(), store_of(server)
    progress = Progress(store)
    everybody = [Learner(server.url, figures, seed) for seed in range(count)]
    visits = asyncio.gather(
        *(learner.train_and_watch(seconds, comes_back=True) for learner in everybody),
        befall(server, seed, seconds),
    )
    await during(visits, progress.look, 0.5)
    await asyncio.gather(*(end_run(learner, store, figures) for learner in everybody))
    lines = figures.lines(seconds)
    lines += [f"{fault.second:6.0f} s: {fault.kind}" for fault in plan(seed, seconds)]
    lines.append(f"{'most training lost at once':34} {progress.most_lost:8.1f} s")
    if progress.most_lost > MOST_LOST:
        figures.wrong.append(f"a fault cost {progress.most_lost:.1f} s of training")
    store.close()
    return Result(figures, lines)


class Progress:
    """How far every run has come, and how far one has ever been thrown back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seconds: dict[str, float] = {}
        self.most_lost = 0.0

    def look(self) -> None:
        for run in self._store.runs():
            self.most_lost = max(self.most_lost, self._seconds.get(run.id, 0.0) - run.seconds)
            self._seconds[run.id] = run.seconds


async def befall(server: Server, seed: int, seconds: float) -> None:
    began = time.monotonic()
    for fault in plan(seed, seconds):
        await asyncio.sleep(max(0.0, began + fault.second - time.monotonic()))
        await KINDS[fault.kind](server)


async def end_run(learner: Learner, store: Store, figures: Figures) -> None:
    """Stop the learner's run; it must come to its end, and its page must say so."""
    if learner.run_id is None:
        return
    try:
        await learner.stop_run()
        run = await ended(store, learner.run_id)
        text = await learner.read_page()
    except Dropped as error:
        figures.wrong.append(f"no page at the end: {error}")
        return
    if run.status not in ("finished", "stopped"):
        figures.wrong.append(f"a run is {run.status}: {run.reason}")
    elif run.status.capitalize() not in text or "Something went wrong" in text:
        figures.wrong.append(f"the page of a {run.status} run says: {text[:200]}")


async def ended(store: Store, run_id: str) -> Run:
    """The run once it has ended, or as it is after two minutes."""
    deadline = time.monotonic() + SECONDS_TO_END
    while (run := store.run(run_id)).status not in ENDED and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    return run


async def during(visits: Awaitable[object], look: Callable[[], None], every: float) -> None:
    """Call `look` again and again until the visits are over."""
    task = asyncio.ensure_future(visits)
    while not task.done():
        look()
        await asyncio.wait([task], timeout=every)
    await task


def store_of(server: Server) -> Store:
    return Store(f"sqlite:///{server.log.parent / 'lab.db'}")
