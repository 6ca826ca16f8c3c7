"""Who trains next, where, and on how many threads: round robin by learner, then by that learner's runs.

Pure functions of what waits and who works. Whoever was served least recently comes first, so that nobody
waits while another learner has two turns. They know nothing of Dask, nor of what a turn does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

NEVER = 0


@dataclass(frozen=True)
class Entrant:
    """A run that wants turns. `served` is the number of its latest turn, counted over the whole lab.

    `worker` holds its state, `since` that turn; with `None`, any may take it. An errand wants no training but
    a word with that worker (a checkpoint, say): it goes first, and needs no core.
    """

    run_id: str
    learner: str
    worker: str | None = None
    since: int = NEVER
    served: int = NEVER
    errand: bool = False


@dataclass(frozen=True)
class Turn:
    run_id: str
    worker: str
    threads: int


@dataclass(frozen=True)
class Plan:
    """`hurry` names turns under way that hold cores which others wait for."""

    turns: tuple[Turn, ...]
    hurry: tuple[str, ...] = ()


def plan(
    entrants: Sequence[Entrant],
    workers: Mapping[str, str],
    cores: Mapping[str, int],
    under_way: Collection[Turn],
    learners_served: Mapping[str, int],
) -> Plan:
    """The turns to begin now.

    `workers` says on which machine each worker is and `cores` how many each machine has. `entrants` may name
    runs that are `under_way`. With one run alone its turn takes every core of the machine, with several their
    fair part; never more threads than cores, which would make them all crawl.
    """
    running = {turn.run_id for turn in under_way}
    busy = {turn.worker: turn.threads for turn in under_way}
    free = dict(cores)
    for worker, threads in busy.items():
        if worker in workers:
            free[workers[worker]] -= threads
    share = _shares(entrants, workers, cores)
    load = loads(entrants, workers)
    served = dict(learners_served)
    waiting = [
        entrant
        for entrant in entrants
        if entrant.run_id not in running and (entrant.worker is None or entrant.worker in workers)
    ]
    overdue = _overdue(entrants, max(served.values(), default=NEVER))
    turns: list[Turn] = []
    starved: set[str] = set()
    while waiting:
        chosen = min(
            waiting,
            key=lambda e: (not e.errand, e.run_id not in overdue, served.get(e.learner, NEVER), e.served),
        )
        waiting.remove(chosen)
        idle = [worker for worker in workers if worker not in busy and chosen.worker in (None, worker)]
        ready = [worker for worker in idle if chosen.errand or free[workers[worker]] > 0]
        if not ready:
            starved |= {workers[worker] for worker in idle}
            continue
        worker = min(ready, key=load.__getitem__)
        machine = workers[worker]
        threads = 1 if chosen.errand else min(share[machine], free[machine])
        if not chosen.errand:
            free[machine] -= threads
            served[chosen.learner] = max(served.values(), default=NEVER) + 1
        busy[worker] = threads
        load[worker] += 1
        turns.append(Turn(chosen.run_id, worker, threads))
    hurry = tuple(
        turn.run_id
        for turn in under_way
        if workers.get(turn.worker) in starved and turn.threads > share[workers[turn.worker]]
    )
    return Plan(tuple(turns), hurry)


def loads(entrants: Sequence[Entrant], workers: Collection[str]) -> dict[str, float]:
    """What each worker carries, in learners: a learner's runs share a weight of one."""
    weights = _weights(entrants)
    load = dict.fromkeys(workers, 0.0)
    for entrant in entrants:
        if entrant.worker in load:
            load[entrant.worker] += weights[entrant.run_id]
    return load


def move(
    entrants: Sequence[Entrant], workers: Collection[str], rotate: bool = False
) -> tuple[str, str] | None:
    """A run and the worker that it should move to, if that makes the loads more even.

    Where they cannot be even (three runs on two workers), `rotate` lets a move exchange the parts, so that in
    the long run everybody has as much.
    """
    load = loads(entrants, workers)
    if len(load) < 2:
        return None
    # Of workers that carry alike, the one where things have stayed the longest: so everybody's part comes
    # round.
    stayed = {w: min((e.since for e in entrants if e.worker == w), default=NEVER) for w in load}
    heavy = min(load, key=lambda w: (-round(load[w], 6), stayed[w]))
    light = min(load, key=lambda w: (round(load[w], 6), stayed[w]))
    gap = load[heavy] - load[light]
    weights = _weights(entrants)
    there = [entrant for entrant in entrants if entrant.worker == heavy and not entrant.errand]
    slack = 1e-6 if rotate and len(there) > 1 else -1e-6
    movable = [entrant for entrant in there if weights[entrant.run_id] < gap + slack]
    if not movable:
        return None
    best = min(movable, key=lambda e: (round(abs(weights[e.run_id] - gap / 2), 6), e.since))
    return best.run_id, light


def _overdue(entrants: Sequence[Entrant], now: int) -> set[str]:
    """Runs that have waited twice as long as rounds take.

    It happens where a learner is served so often on one worker that on another everybody else comes first.
    """
    runs = Counter(entrant.learner for entrant in entrants)
    return {
        e.run_id
        for e in entrants
        if e.worker is not None and now - max(e.served, e.since) > 2 * len(runs) * runs[e.learner]
    }


def _weights(entrants: Sequence[Entrant]) -> dict[str, float]:
    runs = Counter(entrant.learner for entrant in entrants if not entrant.errand)
    return {e.run_id: 0.0 if e.errand else 1 / runs[e.learner] for e in entrants}


def _shares(
    entrants: Sequence[Entrant], workers: Mapping[str, str], cores: Mapping[str, int]
) -> dict[str, int]:
    """Threads of a turn on each machine, if every worker that can have a turn gets one."""
    training = sum(not entrant.errand for entrant in entrants)
    there = Counter(workers.values())
    return {
        machine: max(1, count // max(1, min(there[machine], training))) for machine, count in cores.items()
    }
