"""What learners can do with runs: train, pause, step, stop, extend, branch, and ask what a network sees.

Everything is checked here, in the web process, which never loads a network: training goes on elsewhere, in
time slices that the dispatcher sends to workers. What there is to see of a run is in the store.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError
from typing import Any, Literal

from fmnist_core.compute.client import TurnedAway, WorkerLost
from fmnist_core.data import fashion_mnist
from fmnist_core.engine.active_runs import ActiveRuns
from fmnist_core.engine.dispatcher import Dispatcher
from fmnist_core.engine.job import can_train
from fmnist_core.engine.lease_keeper import LeaseKeeper
from fmnist_core.engine.sweep_queue import SweepQueue
from fmnist_core.engine.throughput import Forecast, shape_of
from fmnist_core.messages import Replaying
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import BranchPoint, RunSpec, Surgery
from fmnist_core.store import past
from fmnist_core.store.runs import Run, Store
from fmnist_core.store.status import OPEN
from fmnist_core.store.usage import usage

MOST_OPEN = 4
MOST_IN_ALL = 200
HASTE = 1.0  # seconds to wait for a lock on the store


class EngineError(LabError):
    """What was asked cannot be done, now or ever; the sentences say which, and what to do instead."""


class Unanswered(EngineError):
    """No worker has answered in time; asked again, one may."""


class QueryRefused(EngineError):
    """A worker says why there is no answer; asked again, it would say the same."""


class Engine:
    """Trains the runs of one store, on an embedded cluster or on the Dask scheduler at an address.

    `sweep_queue` is for sweeps what the methods here are for a run.

    `scheduler` is by default FMNIST_SCHEDULER, and `workers` FMNIST_WORKERS, else one a core. Workers of a
    scheduler elsewhere need this package, the data, and the store: so a database server, whose URL (password
    included) travels with every request, or a disk that they share with this process. Methods raise
    `LabError`s, in sentences; those that change a run `NotYours` for anybody but its owner.
    """

    def __init__(
        self,
        store: Store,
        *,
        scheduler: str | None = None,
        workers: int | None = None,
        slice_seconds: float = 0.5,
    ) -> None:
        self._store = store
        # The dispatcher and those who look must not stand still while another process holds a lock.
        self._hasty_store = Store(store.url, patience=HASTE)
        self._active_runs = ActiveRuns(self._hasty_store, slice_seconds)
        self.sweep_queue = SweepQueue(store, self._active_runs, lambda: self._dispatcher.nudge(), MOST_IN_ALL)
        address = scheduler or os.environ.get("FMNIST_SCHEDULER") or None
        self._dispatcher = Dispatcher(self._active_runs, self.sweep_queue, address, workers or _workers())
        self._lease_keeper = LeaseKeeper(self._active_runs, self.sweep_queue, self._dispatcher.nudge)
        self._submitting = threading.Lock()  # so that limits hold for two clicks at once

    def start(self) -> None:
        """Returns at once; the cluster comes up meanwhile, and runs that nobody trains go on."""
        atexit.register(self.close)
        self._lease_keeper.start()
        self._dispatcher.start()

    def close(self) -> None:
        """Saves every run, and leaves it to the other servers, or to the next."""
        atexit.unregister(self.close)
        self._dispatcher.close()
        self._lease_keeper.close()
        self._hasty_store.close()

    @property
    def state(self) -> Literal["starting", "ready", "failed"]:
        return self._dispatcher.state

    @property
    def problem(self) -> Sentence | None:
        """Why training does not go on or a status is not written, or what of late has been mended."""
        trouble = self._dispatcher.problem or self._active_runs.trouble or self.sweep_queue.trouble
        return trouble or self._hasty_store.database.news or self._store.database.news

    def submit(self, spec: RunSpec, learner: str, name: str | None = None, *, paused: bool = False) -> str:
        """The new run's id. A paused one waits for its first step, or to be resumed."""
        fashion_mnist.check(spec, fashion_mnist.load())
        if spec.encoder is not None and spec.encoder.origin == "run":
            self._store.run(str(spec.encoder.id))
        return self._create(spec, learner, name, paused=paused)

    def branch(
        self,
        run_id: str,
        step: int,
        learner: str,
        name: str | None = None,
        surgery: Surgery | None = None,
        **changed: Any,
    ) -> str:
        """A new run that starts with the weights that `run_id` had after `step` batches, after the surgery.

        It goes on with the learning rate of that moment, unless `changed` settings say another.
        """
        parent = self._store.run(run_id)
        if parent.closed:
            raise EngineError(
                Sentence(
                    "The test figures of this run are closed, and a branch would show them. Open them with "
                    "the claim on its sweep, then branch."
                )
            )
        self.replay_from(run_id, step)
        rate = parent.spec.learning_rate_at(step)
        begins = BranchPoint(run=run_id, step=step, surgery=surgery)
        point = {"learning_rate_changes": (), "branch": begins.model_dump()}
        spec = parent.spec.changed(**{"learning_rate": rate, **changed, **point})
        if _network(spec) != _network(parent.spec):
            raise EngineError(
                Sentence(
                    "A branch goes on with the weights of its parent, so the network, its hidden sizes and "
                    "pooling must stay. Change other settings, or start a new run."
                )
            )
        fashion_mnist.check(spec, fashion_mnist.load())
        return self._create(spec, learner, name, parent=run_id, parent_step=step)

    def replay_from(self, run_id: str, step: int) -> int:
        """From which batch on the run is trained again for a branch after `step`; that itself if kept."""
        run = self._store.run(run_id)
        first = past.replay_from(self._store, run, step)
        if first is None:
            raise EngineError(_no_branch(run, step, past.kept_steps(self._store, run_id)))
        return first

    def pause(self, run_id: str, learner: str) -> None:
        run = self._own_run(run_id, learner)
        if run.status in OPEN:
            self._active_runs.rest(run_id)
            self._dispatcher.nudge()

    def resume(self, run_id: str, learner: str) -> None:
        self._go_on(run_id, learner, None)

    def step_batch(self, run_id: str, learner: str) -> None:
        """Trains one batch, then pauses."""
        self._go_on(run_id, learner, "batch")

    def step_epoch(self, run_id: str, learner: str) -> None:
        """Trains to the end of the epoch and evaluates it, then pauses."""
        self._go_on(run_id, learner, "epoch")

    def stop(self, run_id: str, learner: str) -> None:
        """Ends training where it is; the test figures follow."""
        run = self._own_run(run_id, learner)
        if run.status in (*OPEN, "paused"):
            self._active_runs.stop(run_id)
            self._dispatcher.nudge()

    def extend(self, run_id: str, learner: str, epochs: int = 10) -> None:
        """More epochs; a run that had ended goes on."""
        run = self._own_run(run_id, learner)
        if run.status == "failed":
            raise EngineError(
                Sentence(
                    "This run failed, so it cannot be given more epochs. Resume it, branch from an earlier "
                    "point, or start a new run."
                )
            )
        if run.status not in (*OPEN, "paused"):
            self._check_room(learner)
        so_far = (
            run.epoch if run.status == "stopped" or run.end_reason == "early_stopping" else run.spec.epochs
        )
        self._active_runs.extend(run_id, run.spec.changed(epochs=so_far + epochs))
        self._dispatcher.nudge()

    def change_learning_rate(self, run_id: str, learner: str, learning_rate: float) -> None:
        """From the next batch on."""
        run = self._own_run(run_id, learner)
        run.spec.changed(learning_rate=learning_rate)
        if run.status not in (*OPEN, "paused"):
            raise EngineError(Sentence("This run has ended. Give it more epochs, or branch from it."))
        self._active_runs.set_learning_rate(run_id, learning_rate)
        self._dispatcher.nudge()

    def rename(self, run_id: str, learner: str, name: str) -> None:
        self._store.own_run(run_id, learner)
        self._store.rename(run_id, name)

    def delete(self, run_id: str, learner: str) -> None:
        """Also a run whose row cannot be read."""
        self._store.check_owner(run_id, learner)
        self._active_runs.delete(run_id)
        self._dispatcher.forget(run_id)

    def ask(self, query: str, timeout: float = 5.0, **arguments: Any) -> Any:
        """What a worker answers, ahead of training. A query with a `run_id` gets the store's URL too."""
        if "run_id" in arguments:
            arguments["store_url"] = self._store.url
        try:
            return self._dispatcher.ask(query, arguments, arguments.get("run_id"), timeout)
        except LabError as refused:
            raise QueryRefused(*refused.sentences) from refused
        except (TimeoutError, WorkerLost, TurnedAway, CancelledError) as error:
            slow = Sentence("The workers did not answer in time. Try again in a moment.")
            raise Unanswered(self.problem or slow) from error

    def forecast(self, spec: RunSpec) -> Forecast | None:
        """`None` until the network's throughput has been measured here, which this call sets going."""
        learners = self._active_runs.learners()
        machines = self._dispatcher.machines
        workers = len(machines.workers)
        if not workers:
            return None
        threads = next(iter(machines.threads(len(learners) + 1).values()))
        throughputs = self._dispatcher.throughputs
        if not throughputs.known(shape_of(spec), threads):
            self._dispatcher.measure(shape_of(spec), spec.to_json())
        alone = throughputs.seconds_per_epoch(spec, threads)
        if alone is None:
            return None
        share = max(1.0, (len(learners) + 1) / workers)
        return Forecast(alone * share, spec.parameter_count, len(learners) if share > 1 else 0)

    def device_and_dtype(self, spec: RunSpec) -> tuple[str, str, int] | None:
        """On what a run trains: a GPU's name or none, in which numbers, and how many cores there are."""
        machines, trains_on = self._dispatcher.machines, self._dispatcher.device_and_dtype
        if trains_on is None or not machines.cores:
            return None
        gpu, numbers = trains_on
        if spec.is_small_step and not gpu:
            numbers = "float32"
        return gpu, numbers, max(machines.cores.values())

    def queue_place(self, learner: str) -> int:
        """0 if a run of the learner's would start at once, else how many others share the workers."""
        others = len(self._active_runs.learners() - {learner})
        return others if others >= max(1, len(self._dispatcher.machines.workers)) else 0

    def waiting(self, run_id: str) -> Sentence | None:
        """What keeps the run from training for now, if anything does that may pass by itself."""
        return self._active_runs.waiting(run_id)

    def is_stopping(self, run_id: str) -> bool:
        """Whether a run was told to stop, and only its test is still under way."""
        return self._active_runs.is_stopping(run_id)

    def replaying(self, run_id: str) -> Replaying | None:
        """How far the parent of a branch has been trained again, while that is under way here."""
        return self._active_runs.replaying(run_id)

    def speed(self, run_id: str) -> tuple[float, float] | None:
        """Images a second of late, and seconds to the end at that speed; `None` before that can be said."""
        return self._active_runs.speed(run_id)

    def _own_run(self, run_id: str, learner: str) -> Run:
        """The run as it stands, what waits to be written included. Raises `NotYours`."""
        self._store.check_owner(run_id, learner)
        return self._active_runs.run(run_id)

    def _go_on(self, run_id: str, learner: str, stride: Literal["batch", "epoch"] | None) -> None:
        run = self._own_run(run_id, learner)
        if not can_train(run):
            raise EngineError(Sentence("This run has ended. Give it more epochs, or branch from it."))
        if run.status not in OPEN:
            self._check_room(learner)
        if run.status not in OPEN or stride is not None:
            self._active_runs.train(run_id, stride)
            self._dispatcher.nudge()

    def _create(
        self, spec: RunSpec, learner: str, name: str | None, *, paused: bool = False, **origin: Any
    ) -> str:
        with self._submitting:
            self._check_room(learner)
            status = "paused" if paused else "queued"
            holder = self._active_runs.leases.holder
            run_id = self._store.create_run(spec, learner, name, status=status, holder=holder, **origin)
        if not paused:
            self._active_runs.train(run_id)
            self._dispatcher.nudge()
        return run_id

    def _check_room(self, learner: str) -> None:
        if (refusal := usage(self._store.database, learner).refusal) is not None:
            raise EngineError(refusal)
        open_runs: list[Run] = self._store.runs(statuses=OPEN)
        theirs = {run.id for run in open_runs if run.learner == learner}
        of_sweeps = self.sweep_queue.sweeps.run_ids(learner) if len(theirs) >= MOST_OPEN else set()
        # A sweep waits for those that are started by hand, never they for a sweep.
        if len(theirs - of_sweeps) >= MOST_OPEN or len(theirs) >= 2 * MOST_OPEN:
            raise EngineError(
                Sentence(
                    "You have {most} runs training already. Pause or stop one of them first.", most=MOST_OPEN
                )
            )
        if len(open_runs) >= MOST_IN_ALL:
            raise EngineError(
                Sentence("The lab is full: {most} runs are training. Try again later.", most=MOST_IN_ALL)
            )


def _no_branch(parent: Run, step: int, kept: Sequence[int]) -> Sentence:
    if not 0 <= step <= parent.step:
        return Sentence(
            "A branch begins between batch 0 and batch {last:,}, which this run has reached; {step:,} is not "
            "among them.",
            last=parent.step,
            step=step,
        )
    return Sentence(
        "The weights at batch {step:,} were not kept, and this run cannot be trained again to the same bits. "
        "It can branch at these batches: {kept}.",
        step=step,
        kept=", ".join(map(str, kept)) or "–",
    )


def _network(spec: RunSpec) -> tuple[Any, ...]:
    """What decides which weights there are."""
    encoder = spec.encoder.architecture if spec.encoder else None
    return spec.architecture, spec.hidden_sizes, spec.pooling, encoder


def _workers() -> int | None:
    given = os.environ.get("FMNIST_WORKERS")
    if not given:
        return None
    if not given.isdecimal() or int(given) < 1:
        raise EngineError(
            Sentence("FMNIST_WORKERS must be a whole number of at least 1; it is “{given}”.", given=given)
        )
    return int(given)
