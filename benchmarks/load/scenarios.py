"""The four load tests: many learners, many watchers, a soak, faults. Each takes a running server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.load.faults import EVERY, Fault, Lab, plan
from benchmarks.load.figures import Figures, Memory, seconds_behind, unfairness
from benchmarks.load.learners import Learner, arrive_one_by_one
from benchmarks.load.progress import ENDED, Progress
from benchmarks.load.session import Dropped, NoButton, Session
from fmnist_core.store.runs import Run, Store
from tests.browser.driver import Server

MOST_LOST = 5.0  # seconds of training that one fault may cost a run
SECONDS_TO_END = 400.0  # for all runs to be tested, which on a machine that others share takes its time


@dataclass
class Result:
    """What a test has measured, and its report, a figure a line."""

    figures: Figures
    lines: list[str]


async def ready(server: Server) -> None:
    """Opens Home until nothing on it runs by itself, as the notice does that workers are starting."""
    async with await Session.connect(server.url, "V" * 22) as tab:
        await tab.open("")
        while tab.fragments:
            await asyncio.sleep(0.5)
            await tab.open("")


async def learners(server: Server, count: int, seconds: float) -> Result:
    """Each with a run of its own, and a look a second; how fairly the lab has shared its workers."""
    figures = Figures()
    everybody = [Learner(server.url, figures, seed) for seed in range(count)]
    await arrive_one_by_one([learner.train_and_watch(seconds) for learner in everybody], within=count / 4)
    store = Store(server.store_url)
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
    store = Store(server.store_url)
    while not training.done() and (owner.run_id is None or store.run(owner.run_id).step == 0):
        await asyncio.sleep(0.05)
    everybody = [Learner(server.url, figures, seed) for seed in range(1, count + 1)]
    begun: list[float] = []  # when each epoch began

    def look() -> None:
        under_way = store.run(str(owner.run_id)).epoch + 1
        begun.extend([time.monotonic()] * (under_way - len(begun)))

    visits = [learner.watch(str(owner.run_id), seconds) for learner in everybody]
    await during(arrive_one_by_one(visits, within=count / 10), look, 0.05)
    await training
    store.close()
    for learner in everybody:
        figures.behind += seconds_behind(begun, learner.shown)
    return Result(figures, figures.lines(seconds))


async def soak(server: Server, seconds: float, count: int = 10, sample_every: float = 5.0) -> Result:
    """Learners come and go; what the web process and each worker hold."""
    figures, memory = Figures(), Memory(server.pid)
    everybody = [Learner(server.url, figures, seed) for seed in range(count)]
    visits = arrive_one_by_one([learner.come_and_go(seconds) for learner in everybody], within=count / 2)
    await during(visits, memory.sample, sample_every)
    memory.sample()
    return Result(figures, figures.lines(seconds) + memory.lines())


async def faults(
    lab: Lab, seed: int, seconds: float, count: int = 30, every: tuple[float, float] = EVERY
) -> Result:
    """Faults in the middle of the load; afterwards every run ends, and every page says so.

    Of three learners one comes and goes, so that there is much that has ended and must not be lost. A session
    that a fault drops comes again by itself, as a browser would, and is counted.
    """
    figures, store = Figures(), Store(lab.server.store_url)
    progress, befalling = Progress(store), plan(seed, seconds, lab.faults, every)
    everybody = [Learner(lab.server.url, figures, number) for number in range(count)]
    visits = [
        learner.come_and_go(seconds) if number % 3 == 2 else learner.train_and_watch(seconds, comes_back=True)
        for number, learner in enumerate(everybody)
    ]
    await during(asyncio.gather(*visits, befall(lab, befalling)), progress.look, 0.5)
    await ready(lab.server)
    for end in (stop_runs, read_pages):
        await during(
            asyncio.gather(*(end(learner, store, figures) for learner in everybody)), progress.look, 0.5
        )
    lines = figures.lines(seconds)
    lines += [f"{fault.second:6.0f} s: {fault.kind}" for fault in befalling]
    lines.append(f"{'most training lost at once':34} {progress.most_lost:8.1f} s")
    lines.append(f"{'runs that ended':34} {progress.ended:8d}")
    if progress.most_lost > MOST_LOST:
        figures.wrong.append(f"a fault cost {progress.most_lost:.1f} s of training")
    figures.wrong += progress.losses()
    figures.wrong += [f"a run has failed: {run.reason}" for run in store.runs() if run.status == "failed"]
    store.close()
    return Result(figures, lines)


async def befall(lab: Lab, faults: list[Fault]) -> None:
    began = time.monotonic()
    for fault in faults:
        await asyncio.sleep(max(0.0, began + fault.second - time.monotonic()))
        await lab.faults[fault.kind](lab)


async def stop_runs(learner: Learner, store: Store, figures: Figures) -> None:
    """Press Stop on the page of every run of the learner's that is open, also of one whose tab was lost."""
    for run in store.runs(learner=learner.id):
        if run.status in ENDED:
            continue
        try:
            await learner.stop_run(run.id)
        except (Dropped, NoButton) as error:
            figures.wrong.append(f"a run cannot be stopped: {error}")


async def read_pages(learner: Learner, store: Store, figures: Figures) -> None:
    """Every run of the learner's must come to its end, and its page must say so."""
    for run in store.runs(learner=learner.id):
        run = await ended(store, run.id)
        if run.status not in ENDED:
            figures.wrong.append(f"a run is {run.status} after {SECONDS_TO_END:g} s: {run.reason}")
            continue
        try:
            text = await learner.read_page(run.id)
        except Dropped as error:
            figures.wrong.append(f"no page at the end: {error}")
            continue
        if run.status.capitalize() not in text or "Something went wrong" in text:
            figures.wrong.append(f"the page of a {run.status} run says: {text[:200]}")


async def ended(store: Store, run_id: str) -> Run:
    """The run once it has ended, or as it is after some minutes."""
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
