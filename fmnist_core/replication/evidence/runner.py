"""Runs trials on Dask workers, one a worker at a time, and writes down what comes of each as it ends.

A run lives in its worker's memory; every minute its state comes here and is saved. So a worker may be killed,
and this process stopped, at the price of a minute's work.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from fmnist_core.compute import memory, remote
from fmnist_core.compute.client import (
    Connection,
    ConnectionFailed,
    TurnedAway,
    WorkerLost,
    advance,
    alive,
    connect,
    machines,
)
from fmnist_core.compute.lost_workers import LostWorkers, ended_by_memory
from fmnist_core.compute.machines import Machines
from fmnist_core.data import fashion_mnist
from fmnist_core.messages import TrialRequest, TrialResult
from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.plan import Planned, Trial, cost_of
from fmnist_core.replication.evidence.records import REVISION, Reason, Record
from fmnist_core.replication.evidence.revision import code_revision
from fmnist_core.replication.evidence.work_folder import WorkFolder
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store.run_folder import DamagedError, RunFolder, as_json

SLICE_SECONDS = 4.0
SAVE_SECONDS = 60.0
POLL_SECONDS = 0.5
OVERTAXING = Sentence(
    "It has ended its worker three times, because it needs more memory than there is. "
    "Let fewer train at once: --workers says how many."
)
GONE = Sentence("The workers are gone. What is saved goes on with the same command.")
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
    """A trial on a worker. `before` are the seconds and the step at which this process took it over.

    `kills` is the kernel's count of what it has killed for want of memory, when the time slice began.
    """

    trial: Trial
    worker: str
    files: RunFolder | None = None
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    before: tuple[float, int] = (0.0, 0)
    saved_at: float = field(default_factory=time.monotonic)
    kills: int = 0
    stopping: bool = False


@dataclass
class RunnerState:
    """What is to do, under way, done and given up.

    A trial that has lost workers waits until `not_before`, in seconds of the monotonic clock. `spent` and
    `forecast` are the seconds that trained so far, and those that this was forecast to take.
    """

    work_folder: WorkFolder
    evidence: Path
    waiting: deque[Planned]
    recorded: set[Trial]
    tell: Callable[[Record], None]
    running: dict[str, Running] = field(default_factory=dict)
    done: int = 0
    failed: dict[Trial, Sentence] = field(default_factory=dict)
    lost_workers: defaultdict[Trial, LostWorkers] = field(default_factory=lambda: defaultdict(LostWorkers))
    not_before: dict[Trial, float] = field(default_factory=dict)
    stopping: bool = False
    workers: int = 1
    spent: float = 0.0
    forecast: float = 0.0

    def seconds_left(self) -> float:
        """To the end of all runs, at the speed of those under way; at most, since some end early."""
        experiments = self.work_folder.experiments
        left = sum(cost_of(planned.trial, experiments) for planned in self.waiting)
        spent, forecast = self.spent, self.forecast
        for run in self.running.values():
            spec = self.work_folder.spec(run.trial)
            whole = cost_of(run.trial, experiments)
            seconds, step = run.before
            left += whole * (1 - run.step / spec.total_steps)
            spent += run.seconds - seconds
            forecast += whole * (run.step - step) / spec.total_steps
        slowness = spent / forecast if forecast else 1.0
        return left * slowness / max(1, self.workers)

    def put_off(self) -> dict[Trial, float]:
        """The trials that wait after the loss of a worker, with the seconds until they are tried again."""
        now = time.monotonic()
        return {trial: until - now for trial, until in self.not_before.items() if until > now}


async def run_trials(
    state: RunnerState,
    *,
    address: str | None,
    workers: int | None,
    stop: Callable[[], bool],
    show: Callable[[RunnerState], None],
) -> None:
    """Runs all that waits, or as far as it gets until `stop` says so; then every state has been saved.

    A run fails only for what lies in itself; else it is tried again, from what is saved.

    Raises `ConnectionFailed` or, if something cannot be written, another `LabError`.
    """
    async with connect(address, workers) as connection:
        present = await _machines(connection)
        state.workers = max(1, len(present.workers))
        tasks: dict[asyncio.Task[None], Running] = {}
        try:
            while True:
                state.stopping = state.stopping or stop()
                for run in tasks.values():
                    run.stopping = state.stopping
                if not state.stopping:
                    await _assign(connection, state, tasks)
                if not tasks and (state.stopping or not state.waiting):
                    return
                show(state)
                if tasks:
                    await asyncio.wait(tasks, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.sleep(POLL_SECONDS)
                for task in [task for task in tasks if task.done()]:
                    await _settle(connection, state, tasks.pop(task), task)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _assign(
    connection: Connection, state: RunnerState, tasks: dict[asyncio.Task[None], Running]
) -> None:
    """Gives every idle worker the next run for which all is ready."""
    present = await _machines(connection)
    state.workers = max(1, len(present.workers))
    for worker in present.workers:
        planned = _next(state) if worker not in state.running else None
        if planned is None:
            continue
        state.waiting.remove(planned)
        run = Running(planned.trial, worker)
        state.running[worker] = run
        threads = present.threads(len(present.workers))[present.workers[worker]]
        tasks[asyncio.create_task(_train(connection, state, run, threads))] = run


def _next(state: RunnerState) -> Planned | None:
    """The first whose needs are ready. What needs a run that failed fails too."""
    put_off = state.put_off()
    for planned in list(state.waiting):
        experiment = state.work_folder.experiments[planned.trial.experiment]
        needs = [Trial(id, planned.trial.seed) for id in experiment.needs]
        broken = next((need for need in needs if need in state.failed), None)
        if broken is not None:
            state.waiting.remove(planned)
            state.failed[planned.trial] = Sentence("It needs {other}, which failed.", other=str(broken))
        elif planned.trial not in put_off and all(state.work_folder.ready(need) for need in needs):
            return planned
    return None


async def _settle(connection: Connection, state: RunnerState, run: Running, task: asyncio.Task[None]) -> None:
    """Takes note of how a run left its worker."""
    del state.running[run.worker]
    try:
        task.result()
    except (TrialFailed, DamagedError) as failed:
        state.failed[run.trial] = failed.sentences[0]
    except TurnedAway:
        state.waiting.appendleft(Planned(run.trial, None))
    except WorkerLost:
        await _machines(connection)
        try:
            out_of_memory = await ended_by_memory(connection, run.worker, run.kills)
        except OSError as error:
            raise ConnectionFailed(GONE) from error
        lost = state.lost_workers[run.trial]
        lost.add(lost.seconds if run.files is None else run.seconds, out_of_memory)
        if lost.prove_too_much_memory:
            state.failed[run.trial] = OVERTAXING
        else:
            state.not_before[run.trial] = time.monotonic() + lost.pause
            state.waiting.appendleft(Planned(run.trial, None))


async def _train(connection: Connection, state: RunnerState, run: Running, threads: int) -> None:
    """Time slice after time slice to the run's end, or until it should stop and has been saved."""
    work_folder, lease = state.work_folder, uuid.uuid4().hex
    start = work_folder.start(run.trial)
    encoder = work_folder.encoder(run.trial)
    # A state may be big: it goes to the worker by itself, not inside the request.
    given = await connection.client.scatter(start, workers=[run.worker], hash=False)
    while True:
        saving = run.stopping or time.monotonic() - run.saved_at > SAVE_SECONDS
        request = TrialRequest(
            lease=lease,
            threads=threads,
            seconds=0.0 if run.stopping else SLICE_SECONDS,
            full_data=fashion_mnist.load().is_full,
            save=saving,
            save_end=work_folder.is_continued(run.trial),
        )
        arguments = (request,) if given is None else (request, given)
        run.kills = memory.kernel_kills()
        result = await _on_worker(connection, run.worker, remote.advance_run, *arguments)
        given = None
        if result.outcome == "lost":
            raise WorkerLost(run.worker)
        if result.outcome == "failed":
            raise TrialFailed(result.reason)
        if run.files is None:
            run.files = work_folder.open(run.trial, result.first_step)
            run.before = result.seconds, result.first_step
        _take_over(work_folder, run, result)
        if result.finished is not None:
            await _record(connection, state, run, result, encoder)
            return
        if result.state is not None:
            run.files.save(work_folder.spec(run.trial), result.state)
            run.saved_at = time.monotonic()
            if run.stopping:
                return


async def _machines(connection: Connection) -> Machines:
    try:
        if alive(connection):
            return await machines(connection)
    except OSError:
        pass
    raise ConnectionFailed(GONE)


async def _on_worker(
    connection: Connection, worker: str, function: Callable[..., Any], *arguments: Any
) -> Any:
    """What goes wrong with a run is in its result, so any other error is the worker's own."""
    try:
        return await advance(connection, worker, SLICE_SECONDS, function, *arguments)
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


def _folder(run: Running) -> RunFolder:
    assert run.files is not None, "it was opened before the run was first sent"
    return run.files


def _take_over(work_folder: WorkFolder, run: Running, result: TrialResult) -> None:
    work_folder.add(_folder(run), result)
    run.step, run.epoch, run.seconds = result.step, result.epoch, result.seconds


async def _record(
    connection: Connection, state: RunnerState, run: Running, result: TrialResult, encoder: bytes | None
) -> None:
    """Evidence first: were the run's files the first, a kill between the two would cost the whole run."""
    work_folder, trial = state.work_folder, run.trial
    if trial not in state.recorded:
        source = None
        if encoder is not None:
            source = await _on_worker(connection, run.worker, remote.fingerprint, encoder)
        record = record_of(trial, work_folder, _folder(run), result, source)
        records.append(state.evidence, record)
        state.recorded.add(trial)
        state.tell(record)
    work_folder.finish(trial, _folder(run), result)
    state.done, (seconds, step) = state.done + 1, run.before
    state.spent += result.seconds - seconds
    share = 1 - step / work_folder.spec(trial).total_steps
    state.forecast += cost_of(trial, work_folder.experiments) * share


def record_of(
    trial: Trial, work_folder: WorkFolder, files: RunFolder, result: TrialResult, encoder: str | None
) -> Record:
    """What the evidence keeps of a run that has ended."""
    finished, history = result.finished, files.history
    assert finished is not None, "the run has not ended"
    columns = {name: [epoch.get(name) for epoch in history] for name in COLUMNS}
    return Record(
        experiment=trial.experiment,
        seed=trial.seed,
        spec=work_folder.spec(trial),
        epochs=len(history),
        reason=cast(Reason, finished.reason),  # any other is refused by the record itself
        best_epoch=finished.best_epoch,
        history={
            name: records.column(values)
            for name, values in columns.items()
            if any(value is not None for value in values)
        },
        test_loss=as_json(finished.test_loss),
        test_accuracy=as_json(finished.test_accuracy),
        confusion=_rows(finished.test_confusion),
        seconds=round(result.seconds, 3),
        hardware=result.hardware,
        versions={**(result.versions or {}), REVISION: code_revision()},
        weights=result.fingerprint,
        encoder=encoder,
        dropout_on=as_json(list(result.dropout_on or ())) or None,
    )


def _rows(counts: object) -> tuple[tuple[int, ...], ...] | None:
    return None if counts is None else tuple(map(tuple, as_json(counts)))
