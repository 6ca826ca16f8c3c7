"""Chooses which run trains next on which worker, and on how many threads.

Round robin by learner, then by that learner's runs: whoever was served least recently comes first, so that
nobody waits while another learner has two time slices. Pure functions of what waits and who works; they know
nothing of Dask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from fmnist_core.compute.machines import Machines

NEVER = 0


@dataclass(frozen=True)
class Candidate:
    """A run that wants time slices. `served` numbers its latest one, counted over the whole lab.

    `worker` holds its state, `since` that time slice; with `None`, any may take it. A control request wants
    no training but something of that worker (a checkpoint, say): it goes first, and needs no core.
    """

    run_id: str
    learner: str
    worker: str | None = None
    since: int = NEVER
    served: int = NEVER
    control_request: bool = False


@dataclass(frozen=True)
class TimeSlice:
    run_id: str
    worker: str
    threads: int


@dataclass(frozen=True)
class Plan:
    """The time slices to begin. `preempt` names runs whose time slices hold cores that others wait for."""

    time_slices: tuple[TimeSlice, ...]
    preempt: tuple[str, ...] = ()


def plan(
    candidates: Sequence[Candidate],
    workers: Mapping[str, str],
    cores: Mapping[str, int],
    under_way: Collection[TimeSlice],
    learners_served: Mapping[str, int],
) -> Plan:
    """The time slices to begin now.

    `workers` says on which machine each worker is and `cores` how many each machine has. `candidates` may
    name runs that are `under_way`. `learners_served` numbers each learner's latest time slice.
    """
    running = {time_slice.run_id for time_slice in under_way}
    busy = {time_slice.worker: time_slice.threads for time_slice in under_way}
    free = dict(cores)
    for worker, threads in busy.items():
        if worker in workers:
            free[workers[worker]] -= threads
    training = sum(not candidate.control_request for candidate in candidates)
    share = Machines(workers, cores).threads(training)
    load = loads(candidates, workers)
    served = dict(learners_served)
    waiting = [
        candidate
        for candidate in candidates
        if candidate.run_id not in running and (candidate.worker is None or candidate.worker in workers)
    ]
    overdue = _overdue(candidates, max(served.values(), default=NEVER))
    time_slices: list[TimeSlice] = []
    starved: set[str] = set()
    while waiting:
        chosen = min(
            waiting,
            key=lambda e: (
                not e.control_request,
                e.run_id not in overdue,
                served.get(e.learner, NEVER),
                e.served,
            ),
        )
        waiting.remove(chosen)
        idle = [worker for worker in workers if worker not in busy and chosen.worker in (None, worker)]
        ready = [worker for worker in idle if chosen.control_request or free[workers[worker]] > 0]
        if not ready:
            starved |= {workers[worker] for worker in idle}
            continue
        worker = min(ready, key=load.__getitem__)
        machine = workers[worker]
        threads = 1 if chosen.control_request else min(share[machine], free[machine])
        if not chosen.control_request:
            free[machine] -= threads
            served[chosen.learner] = max(served.values(), default=NEVER) + 1
        busy[worker] = threads
        load[worker] += 1
        time_slices.append(TimeSlice(chosen.run_id, worker, threads))
    preempt = tuple(
        time_slice.run_id
        for time_slice in under_way
        if workers.get(time_slice.worker) in starved
        and time_slice.threads > share[workers[time_slice.worker]]
    )
    return Plan(tuple(time_slices), preempt)


def loads(candidates: Sequence[Candidate], workers: Collection[str]) -> dict[str, float]:
    """What each worker carries, in learners: a learner's runs share a weight of one."""
    weights = _weights(candidates)
    load = dict.fromkeys(workers, 0.0)
    for candidate in candidates:
        if candidate.worker in load:
            load[candidate.worker] += weights[candidate.run_id]
    return load


def move(
    candidates: Sequence[Candidate], workers: Collection[str], rotate: bool = False
) -> tuple[str, str] | None:
    """A run and the worker that it should move to, if that makes the loads more even.

    Where they cannot be even (three runs on two workers), `rotate` lets a move exchange the parts, so that in
    the long run everybody has as much.
    """
    load = loads(candidates, workers)
    if len(load) < 2:
        return None
    # Of workers that carry alike, the one where things have stayed the longest: so everybody's part comes
    # round.
    stayed = {w: min((e.since for e in candidates if e.worker == w), default=NEVER) for w in load}
    heavy = min(load, key=lambda w: (-round(load[w], 6), stayed[w]))
    light = min(load, key=lambda w: (round(load[w], 6), stayed[w]))
    gap = load[heavy] - load[light]
    weights = _weights(candidates)
    on_heavy = [
        candidate for candidate in candidates if candidate.worker == heavy and not candidate.control_request
    ]
    slack = 1e-6 if rotate and len(on_heavy) > 1 else -1e-6
    movable = [candidate for candidate in on_heavy if weights[candidate.run_id] < gap + slack]
    if not movable:
        return None
    best = min(movable, key=lambda e: (round(abs(weights[e.run_id] - gap / 2), 6), e.since))
    return best.run_id, light


def _overdue(candidates: Sequence[Candidate], now: int) -> set[str]:
    """Runs that have waited twice as long as rounds take.

    It happens where a learner is served so often on one worker that on another everybody else comes first.
    """
    runs = Counter(candidate.learner for candidate in candidates)
    return {
        e.run_id
        for e in candidates
        if e.worker is not None and now - max(e.served, e.since) > 2 * len(runs) * runs[e.learner]
    }


def _weights(candidates: Sequence[Candidate]) -> dict[str, float]:
    runs = Counter(candidate.learner for candidate in candidates if not candidate.control_request)
    return {e.run_id: 0.0 if e.control_request else 1 / runs[e.learner] for e in candidates}
