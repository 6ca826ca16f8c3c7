"""`Trial`: an experiment with a seed. Which ones are missing, what they cost, and in which order to run them.

Nothing here trains, reads or writes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from fmnist_core.architecture.layers import Linear
from fmnist_core.architecture.networks import learning_layers, network_layers
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.spec import RunSpec

# What an image costs in training, in seconds, what a multiplication on its way forward adds, in a linear
# layer and in a convolution, and what each step costs whatever its batch: fitted to the quickest run of each
# experiment of the shipped evidence, on one thread of an AMD EPYC without matrix units. For half of the
# experiments they are within 20 %; R5's large convolutions take half as long. Only proportions matter for
# the order; forecasts follow the speed of the day.
PER_IMAGE = 2.4e-6
PER_MULTIPLICATION = {True: 13e-12, False: 82e-12}  # by whether the layer is linear
PER_STEP = 0.48e-3
EVALUATION = 1 / 3  # of what the same image costs in training; of what a layer does that learns nothing, too
EVALUATED = 10_000  # training images, at each epoch's end


@dataclass(frozen=True, order=True)
class Trial:
    """Named as on the command line and in the work folder: r1-n64/0."""

    experiment: str
    seed: int

    def __str__(self) -> str:
        return f"{self.experiment}/{self.seed}"


@dataclass(frozen=True)
class Planned:
    """`claim` is the one for whose sake the trial comes now; extra experiments have none."""

    trial: Trial
    claim: str | None


def cost(spec: RunSpec) -> float:
    """Seconds on one thread of the machine that was measured; the most, if the run may end early."""
    learning = {placed.name for placed in learning_layers(spec)}
    forward = {
        placed.name: PER_MULTIPLICATION[isinstance(placed.layer, Linear)] * placed.multiplications
        for placed in network_layers(spec)
    }
    trained = sum(seconds * (1 if name in learning else EVALUATION) for name, seconds in forward.items())
    evaluated = EVALUATED + (spec.validation_size or EVALUATED)
    return spec.epochs * (
        spec.train_size * (PER_IMAGE + trained)
        + EVALUATION * evaluated * (PER_IMAGE + sum(forward.values()))
        + spec.steps_per_epoch * PER_STEP
    )


def cost_of(trial: Trial, experiments: Mapping[str, Experiment]) -> float:
    """That of the epochs that the experiment which it continues has not trained."""
    experiment = experiments[trial.experiment]
    before = cost(experiments[experiment.continues].spec) if experiment.continues else 0.0
    return cost(experiment.spec) - before


def plan(
    experiments: Mapping[str, Experiment],
    claims: Mapping[str, Collection[str]],
    wanted: Collection[str],
    seeds: int,
    done: Collection[Trial],
    ready: Callable[[Trial], bool],
) -> list[Planned]:
    """The trials to run, what decides a claim soonest first, and each after what it needs.

    `claims` has the experiments that decide each claim. `wanted` are experiments by id; `done` trials have
    evidence; `ready` says whether those that others go on from have been kept. A trial that has evidence is
    run again where its weights are needed and gone.
    """
    planned: list[Planned] = []
    taken: set[Trial] = set()

    def missing(ids: Iterable[str]) -> list[Trial]:
        trials: list[Trial] = []
        for trial in (Trial(id, seed) for id in ids for seed in range(seeds)):
            if trial not in done:
                trials += [t for t in with_needs(trial, experiments, ready) if t not in trials]
        return [trial for trial in trials if trial not in taken]

    def take(trials: Iterable[Trial], claim: str | None) -> None:
        for trial in trials:
            taken.add(trial)
            planned.append(Planned(trial, claim))

    left = {claim: [id for id in ids if id in wanted] for claim, ids in claims.items()}
    while left:
        costs = {id: sum(cost_of(trial, experiments) for trial in missing(ids)) for id, ids in left.items()}
        cheapest = min(costs, key=costs.__getitem__)
        take(missing(left.pop(cheapest)), cheapest)
    take(missing(wanted), None)
    return planned


def with_needs(
    trial: Trial, experiments: Mapping[str, Experiment], ready: Callable[[Trial], bool]
) -> list[Trial]:
    """The trial, behind all that must be trained before it and is not there."""
    needed = [Trial(id, trial.seed) for id in experiments[trial.experiment].needs]
    before = [t for need in needed if not ready(need) for t in with_needs(need, experiments, ready)]
    return [*before, trial]
