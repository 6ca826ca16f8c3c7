"""Keeps the leases of this server alive, and takes over what a server that is gone has held.

In a thread of its own, so that nothing else that takes long can make this server look dead. Every second it
renews, makes the changes that learners asked at other servers, and looks for runs that nobody trains.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from fmnist_core.engine.active_runs import ActiveRuns
from fmnist_core.engine.sweep_queue import SweepQueue
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec
from fmnist_core.store.leases import HandedOn, Server, is_dead
from fmnist_core.store.runs import RunNotFound, StaleLease, StoreError

LOOK_SECONDS = 1.0
# So long a server whose lease has ended may yet be heard of: where the database stood still, all are late.
GRACE_SECONDS = 2.5


class LeaseKeeper:
    """`nudge` is called when there is something new to train, or to stop training."""

    def __init__(self, active_runs: ActiveRuns, sweep_queue: SweepQueue, nudge: Callable[[], None]) -> None:
        self._active_runs = active_runs
        self._leases = active_runs.leases
        self._sweep_queue = sweep_queue
        self._nudge = nudge
        self._late: dict[Server, float] = {}  # since when, on this process's clock
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Gives up the leases: what this server held is free."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()
        try:
            self._leases.release()
        except LabError as error:  # then they end by themselves
            logging.getLogger(__name__).warning("leases could not be given up: %s", error)

    def look(self) -> None:
        """Once. Raises `StoreError`s."""
        self._leases.renew()
        self._strike_off_the_dead()
        settled = self._make_changes(self._leases.handed_on())
        if settled:
            self._leases.settled(settled)
        self._sweep_queue.open()
        if self._active_runs.open() or settled:
            self._nudge()

    def _make_changes(self, changes: Sequence[HandedOn]) -> list[HandedOn]:
        """Those that are made, or never can be. What the store refuses for now stays, and all behind it."""
        settled: list[HandedOn] = []
        refused: set[str] = set()
        for change in changes:
            if change.run_id in refused:
                continue
            try:
                _make(change, self._active_runs)
            except (RunNotFound, StaleLease) as error:
                logging.getLogger(__name__).info("run %s: %s", change.run_id, error)
            except StoreError as error:
                logging.getLogger(__name__).warning(
                    "run %s, %s waits: %s", change.run_id, change.change, error
                )
                refused.add(change.run_id)
                continue
            except LabError as error:
                logging.getLogger(__name__).info("run %s: %s", change.run_id, error)
            except ValueError:  # of another version of the lab, or damaged
                logging.getLogger(__name__).exception("run %s cannot be changed as asked", change.run_id)
            settled.append(change)
        return settled

    def _strike_off_the_dead(self) -> None:
        now, late = time.monotonic(), {}
        for server in self._leases.others():
            if server.is_late:
                late[server] = self._late.get(server, now)
            if is_dead(server.holder) or now - late.get(server, now) >= GRACE_SECONDS:
                logging.getLogger(__name__).warning("server %s is gone; its runs go on here", server.holder)
                self._leases.strike_off(server)
        self._late = late

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self.look()
            except LabError as error:
                logging.getLogger(__name__).warning("the leases could not be renewed: %s", error)
            except Exception:
                logging.getLogger(__name__).exception("the leases could not be renewed")
            self._closing.wait(LOOK_SECONDS)


def _make(change: HandedOn, active_runs: ActiveRuns) -> None:
    """What a learner asked of a run at another server. Raises `LabError`s."""
    match change.change, change.argument:
        case "train", _:
            active_runs.train(change.run_id)
        case ("batch" | "epoch") as stride, _:
            active_runs.train(change.run_id, stride)
        case "rest", _:
            active_runs.rest(change.run_id)
        case "stop", _:
            active_runs.stop(change.run_id)
        case "extend", str(spec):
            active_runs.extend(change.run_id, RunSpec.model_validate_json(spec))
        case "learning_rate", str(rate):
            active_runs.set_learning_rate(change.run_id, float(rate))
        case unknown:
            raise ValueError(f"no change of a run: {unknown}")
