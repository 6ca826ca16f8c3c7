"""Runs trials on Dask workers, one a worker at a time, and writes down what comes of each as it ends.

A run lives in its worker's memory; every minute its state comes here and is saved. So a worker may be killed,
and this process stopped, at the price of a minute's work.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fmnist_core import data, evidence, orders
from fmnist_core.connection import (
    THIS_MACHINE,
    Connection,
    ConnectionFailed,
    Machines,
    TurnedAway,
    WorkerLost,
    alive,
    connect,
    machines,
    on_worker,
    restart,
)
from fmnist_core.evidence import Record
from fmnist_core.folder import DamagedError, RunFolder, plain
from fmnist_core.orders import RunOrder, RunReport
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.trials import Planned, Trial, cost_of
from fmnist_core.workbench import Workbench

SLICE_SECONDS = 4.0
SAVE_SECONDS = 60.0
PATIENCE = 180.0  # for a slice, the import of torch and a big state on a slow network included
POLL_SECONDS = 0.5
DEADLY = 3  # workers lost to a run, one after the other without a saved step between, before it is given up
COLUMNS = (
    "train_loss",
    "train_loss_eval",
    "validation_loss",
    "test_loss",
    "train_accuracy",
    "validation_accuracy",
)


class TrialFailed(LabError):
    """A run that cannot be trained; the others go on."""


@dataclass
class Running:
    """A trial on a worker. `before` are the seconds and the step at which this process took it over."""

    trial: Trial
    worker: str
    files: RunFolder | None = None
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    before: tuple[float, int] = (0.0, 0)
    saved_at: float = field(default_factory=time.monotonic)
    stopping: bool = False


@dataclass
class Gathering:
    """What is to do, under way, done and given up. `pace` is seconds of training against those forecast."""

    bench: Workbench
    evidence: Path
    waiting: deque[Planned]
    recorded: set[Trial]
    tell: Callable[[Record], None]
    running: dict[str, Running] = field(default_factory=dict)
    done: int = 0
    failed: dict[Trial, Sentence] = field(default_factory=dict)
    deaths: dict[Trial, int] = field(default_factory=dict)
    stopping: bool = False
    workers: int = 1
    spent: float = 0.0
    forecast: float = 0.0

    def seconds_left(self) -> float:
        """To the end of all runs, at the pace of those under way; at most, since some end early."""
        experiments = self.bench.experiments
        left = sum(cost_of(planned.trial, experiments) for planned in self.waiting)
        spent, forecast = self.spent, self.forecast
        for run in self.running.values():
            spec = self.bench.spec(run.trial)
            whole = cost_of(run.trial, experiments)
            seconds, step = run.before
            left += whole * (1 - run.step / spec.total_steps)
            spent += run.seconds - seconds
            forecast += whole * (run.step - step) / spec.total_steps
        pace = spent / forecast if forecast else 1.0
        return left * pace / max(1, self.workers)


async def gather(
    gathering: Gathering,
    *,
    address: str | None,
    workers: int | None,
    stop: Callable[[], bool],
    show: Callable[[Gathering], None],
) -> None:
    """Runs all that waits, or as far as it gets until `stop` says so; then every state has been saved.

    Raises `ConnectionFailed` or, if something cannot be written, another `LabError`.
    """
    async with connect(address, workers) as connection:
        there = await _machines(connection)
        gathering.workers = max(1, len(there.workers))
        tasks: dict[asyncio.Task[None], Running] = {}
        try:
            while True:
                gathering.stopping = gathering.stopping or stop()
                for run in tasks.values():
                    run.stopping = gathering.stopping
                if not gathering.stopping:
                    await _assign(connection, gathering, tasks)
                if not tasks and (gathering.stopping or not gathering.waiting):
                    return
                show(gathering)
                if tasks:
                    await asyncio.wait(tasks, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.sleep(POLL_SECONDS)
                for task in [task for task in tasks if task.done()]:
                    await _settle(connection, gathering, tasks.pop(task), task)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _assign(
    connection: Connection, gathering: Gathering, tasks: dict[asyncio.Task[None], Running]
) -> None:
    """Gives every idle worker the next run for which all is ready."""
    there = await _machines(connection)
    gathering.workers = max(1, len(there.workers))
    for worker in there.workers:
        planned = _next(gathering) if worker not in gathering.running else None
        if planned is None:
            continue
        gathering.waiting.remove(planned)
        run = Running(planned.trial, worker)
        gathering.running[worker] = run
        on_it = there.workers[worker]
        sharing = sum(machine == on_it for machine in there.workers.values())
        threads = max(1, there.cores[on_it] // sharing) if on_it == THIS_MACHINE else there.cores[on_it]
        tasks[asyncio.create_task(_train(connection, gathering, run, threads))] = run


def _next(gathering: Gathering) -> Planned | None:
    """The first whose needs are ready. What needs a run that failed fails too."""
    for planned in list(gathering.waiting):
        experiment = gathering.bench.experiments[planned.trial.experiment]
        needs = [Trial(id, planned.trial.seed) for id in experiment.needs]
        broken = next((need for need in needs if need in gathering.failed), None)
        if broken is not None:
            gathering.waiting.remove(planned)
            gathering.failed[planned.trial] = Sentence("It needs {other}, which failed.", other=str(broken))
        elif all(gathering.bench.ready(need) for need in needs):
            return planned
    return None


async def _settle(
    connection: Connection, gathering: Gathering, run: Running, task: asyncio.Task[None]
) -> None:
    """Takes note of how a run left its worker."""
    del gathering.running[run.worker]
    try:
        task.result()
    except (TrialFailed, DamagedError) as failed:
        gathering.failed[run.trial] = failed.sentences[0]
    except TurnedAway:
        gathering.waiting.appendleft(Planned(run.trial, None))
    except WorkerLost:
        deaths = gathering.deaths.get(run.trial, 0) + 1
        gathering.deaths[run.trial] = deaths
        if deaths >= DEADLY:
            gathering.failed[run.trial] = Sentence("Its workers died, again and again: too little memory?")
        else:
            gathering.waiting.appendleft(Planned(run.trial, None))
        if run.worker in (await _machines(connection)).workers:  # it is there, and silent
            await restart(connection, run.worker)


async def _train(connection: Connection, gathering: Gathering, run: Running, threads: int) -> None:
    """Turn after turn to the run's end, or until it should stop and has been saved."""
    bench, lease = gathering.bench, uuid.uuid4().hex
    start = bench.start(run.trial)
    encoder = bench.encoder(run.trial)
    # A state may be big: it goes to the worker by itself, not inside the order.
    given = await connection.client.scatter(start, workers=[run.worker], hash=False)
    while True:
        saving = run.stopping or time.monotonic() - run.saved_at > SAVE_SECONDS
        order = RunOrder(
            lease=lease,
            threads=threads,
            seconds=0.0 if run.stopping else SLICE_SECONDS,
            full_data=data.load().is_full,
            save=saving,
            save_end=bench.is_continued(run.trial),
        )
        arguments = (order,) if given is None else (order, given)
        report = await _on_worker(connection, run.worker, orders.advance_run, *arguments)
        given = None
        if report.outcome == "lost":
            raise WorkerLost(run.worker)
        if report.outcome == "failed":
            raise TrialFailed(report.reason)
        if run.files is None:
            run.files = bench.open(run.trial, report.first_step)
            run.before = report.seconds, report.first_step
        _take_over(bench, run, report)
        if report.finished is not None:
            await _record(connection, gathering, run, report, encoder)
            return
        if report.state is not None:
            run.files.save(bench.spec(run.trial), report.state)
            run.saved_at = time.monotonic()
            gathering.deaths.pop(run.trial, None)
            if run.stopping:
                return


async def _machines(connection: Connection) -> Machines:
    try:
        if alive(connection):
            return await machines(connection)
    except OSError:
        pass
    raise ConnectionFailed(Sentence("The workers are gone. What is saved goes on with the same command."))


async def _on_worker(
    connection: Connection, worker: str, function: Callable[..., Any], *arguments: Any
) -> Any:
    """What goes wrong with a run is in its report, so any other error is the worker's own."""
    try:
        return await on_worker(connection, worker, PATIENCE, function, *arguments)
    except (WorkerLost, TurnedAway):
        raise
    except Exception as error:
        raise ConnectionFailed(
            Sentence(
                "A worker cannot do its part ({reason}). It needs this very copy of the lab and its "
                "requirements. What is saved goes on with the same command.",
                reason=f"{type(error).__name__}: {error}",
            )
        ) from error


def _take_over(bench: Workbench, run: Running, report: RunReport) -> None:
    bench.add(run.files, report)
    run.step, run.epoch, run.seconds = report.step, report.epoch, report.seconds


async def _record(
    connection: Connection, gathering: Gathering, run: Running, report: RunReport, encoder: bytes | None
) -> None:
    """Evidence first: were the run's files the first, a kill between the two would cost the whole run."""
    bench, trial = gathering.bench, run.trial
    if trial not in gathering.recorded:
        source = None
        if encoder is not None:
            source = await _on_worker(connection, run.worker, orders.fingerprint, encoder)
        record = record_of(trial, bench, run.files, report, source)
        evidence.append(gathering.evidence, record)
        gathering.recorded.add(trial)
        gathering.tell(record)
    bench.finish(trial, run.files, report)
    gathering.done += 1
    seconds, step = run.before
    gathering.spent += report.seconds - seconds
    share = 1 - step / bench.spec(trial).total_steps
    gathering.forecast += cost_of(trial, bench.experiments) * share


def record_of(
    trial: Trial, bench: Workbench, files: RunFolder, report: RunReport, encoder: str | None
) -> Record:
    """What the evidence keeps of a run that has ended."""
    finished, history = report.finished, files.history
    columns = {name: [epoch.get(name) for epoch in history] for name in COLUMNS}
    return Record(
        experiment=trial.experiment,
        seed=trial.seed,
        spec=bench.spec(trial),
        epochs=len(history),
        reason=finished.reason,
        best_epoch=finished.best_epoch,
        history={
            name: evidence.column(values)
            for name, values in columns.items()
            if any(value is not None for value in values)
        },
        test_loss=plain(finished.test_loss),
        test_accuracy=plain(finished.test_accuracy),
        confusion=_rows(finished.test_confusion),
        seconds=round(report.seconds, 3),
        hardware=report.hardware,
        versions=dict(report.versions),
        weights=report.fingerprint,
        encoder=encoder,
    )


def _rows(confusion: object) -> Sequence[Sequence[int]] | None:
    return None if confusion is None else tuple(tuple(row) for row in plain(confusion))
