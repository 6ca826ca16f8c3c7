"""A sweep: runs that differ only in seed, dropout and learning rate, trained as one network.

Each keeps its own order of images, stream of dropout masks, learning rate, early stopping and end, and comes
out as if trained alone, to float rounding. A run that ends, or whose numbers overflow, leaves the others be.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Epoch, Event
from fmnist_core.nets.batched.step import Team, assemble, descend, set_learning_rates
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.checkpoint import move_to_cpu
from fmnist_core.nets.training.cuda_graph import StepGraph, record
from fmnist_core.nets.training.device import is_full
from fmnist_core.nets.training.loop import TO_THE_END, Budget
from fmnist_core.nets.training.reporting import evaluate, report, take_snapshot, tell_losses
from fmnist_core.nets.training.state import TrainState
from fmnist_core.nets.training.step import next_indices
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import LABELS, RunSpec

OWN = {"seed", "dropout", "learning_rate", "learning_rate_changes"}
Told = list[tuple[int, list[Event]]]


class SweepError(LabError):
    """Runs that cannot train as one network."""


@dataclass
class Sweep:
    """`runs` are whole training states: save one, look at its weights, or train it on alone."""

    runs: list[TrainState]
    team: Team | None = None
    step_graph: StepGraph | None = None

    @property
    def finished(self) -> bool:
        return all(run.finished for run in self.runs)


def start(
    specs: Sequence[RunSpec],
    dataset: Dataset | None = None,
    *,
    encoder: Mapping[str, Tensor] | None = None,
    branch: bytes | None = None,
    device: str | torch.device | None = None,
) -> Sweep:
    """Raises `SweepError` if the runs do not fit together, and what `training.start` does."""
    check(specs)
    begun = [loop.start(s, dataset, encoder=encoder, branch=branch, device=device) for s in specs]
    return Sweep(begun)


def check(specs: Sequence[RunSpec]) -> None:
    """Raises `SweepError`, which names the first setting that stands in the way."""
    if not specs:
        raise SweepError(Sentence("A sweep needs at least one run."))
    settings = [spec.model_dump(exclude=OWN) for spec in specs]
    for name, value in settings[0].items():
        if any(other[name] != value for other in settings):
            raise SweepError(
                Sentence(
                    "Runs that train as one may differ in seed, dropout and learning rate only. "
                    "Give them all the same value here: {setting}.",
                    setting=LABELS[name],
                )
            )


def advance(sweep: Sweep, budget: Budget = TO_THE_END) -> Iterator[tuple[int, Event]]:
    """`training.advance` for all runs at once: which run, and what happened to it.

    A budget of seconds is the clock's; of batches or epochs, each run's own.
    """
    began, first_steps = time.perf_counter(), [run.step for run in sweep.runs]
    epochs = [0] * len(sweep.runs)
    while live := [number for number, run in enumerate(sweep.runs) if not run.finished]:
        for number, events in work(sweep, live):
            epochs[number] += sum(isinstance(event, Epoch) for event in events)
            yield from ((number, event) for event in events)
        if _spent(budget.seconds, time.perf_counter() - began):
            break
        trained_enough = [
            run.finished or _spent(budget.batches, run.step - first) or _spent(budget.epochs, ended)
            for run, first, ended in zip(sweep.runs, first_steps, epochs, strict=True)
        ]
        if all(trained_enough) and all(run.evaluation is None for run in sweep.runs):
            break
    for number, run in enumerate(sweep.runs):
        yield from ((number, event) for event in tell_losses(run))


def work(sweep: Sweep, live: list[int]) -> Told:
    """The next piece: a batch for all, or what single runs have to evaluate or to film."""
    runs, began = sweep.runs, time.perf_counter()
    filming = [number for number in live if runs[number].position.snapshot_taken < 0]
    evaluating = [number for number in live if runs[number].evaluation is not None]
    slowest = min(runs[number].step for number in live)
    busy = filming or evaluating or [number for number in live if runs[number].step == slowest]
    try:
        if filming:
            told: Told = [(number, [take_snapshot(runs[number])]) for number in busy]
        elif evaluating:
            told = [(number, evaluate(runs[number])) for number in busy]
        else:
            told = train_batch(sweep, busy)
    except RuntimeError as error:
        if runs[live[0]].device.type == "cpu" or not is_full(error):
            raise
        sweep.team = sweep.step_graph = None
        told = [(number, [move_to_cpu(runs[number])]) for number in live]
    for number in busy:  # each its share
        runs[number].position.seconds += (time.perf_counter() - began) / len(busy)
    return told


def train_batch(sweep: Sweep, members: list[int]) -> Told:
    runs = [sweep.runs[number] for number in members]
    if sweep.team is None or list(map(id, sweep.team.runs)) != list(map(id, runs)):
        sweep.team, sweep.step_graph = assemble(runs), None
    set_learning_rates(sweep.team)
    losses = step(sweep, sweep.team, torch.stack([next_indices(run) for run in runs]))
    for run, loss in zip(runs, losses, strict=True):
        run.position.step += 1
        run.losses.append(loss)
    told: Told = []
    for number, run in zip(members, runs, strict=True):
        notices, run.notices = run.notices, []
        told.append((number, [*notices, *report(run)]))
    return told


def step(sweep: Sweep, team: Team, indices: Tensor) -> Tensor:
    """Losses (runs,) of a batch, indices (runs, count); full ones are replayed as in `descent.replay`."""
    if not team.runs[0].replays or indices.shape[1] < team.runs[0].spec.batch_size:
        return descend(team, indices)
    if sweep.step_graph is None:
        generators = [run.generator for run in team.runs]
        sweep.step_graph = record(partial(descend, team), indices, team.touched, generators)
        if sweep.step_graph.refusal is not None:
            for run in team.runs:
                run.tell("device", sweep.step_graph.refusal)
    return sweep.step_graph(indices)


def _spent(limit: float | None, used: float) -> bool:
    return limit is not None and used >= limit
