"""How long training takes on this machine: measured for each shape of network, corrected by what runs take.

It knows nothing of workers, nor of who measures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from fmnist_core.spec import TRAIN_EVAL_SIZE, RunSpec

NO_MATTER_FOR_SPEED = {
    "seed",
    "epochs",
    "patience",
    "learning_rate",
    "learning_rate_changes",
    "train_size",
    "validation_size",
    "branch",
}
WEIGHT = 0.1  # of a slice of half a second, so that the last five seconds count most
MOST: Final = 3.0


@dataclass(frozen=True)
class Forecast:
    """What a run would take if it began now: seconds an epoch, evaluation and the share of others included.

    `queue_place` is 0 if it starts at once, else with how many learners it would share the workers.
    """

    seconds_per_epoch: float
    parameters: int
    queue_place: int


class Throughputs:
    """Seconds a batch and an image, by shape and number of threads; `None` while they are being measured.

    A measurement is a short burst. What else the machine does meanwhile (pages, browsers, neighbours) slows
    training by about the same share whatever the network, so what slices take beyond their bursts is learnt
    from every run and counted in every forecast.
    """

    def __init__(self) -> None:
        self._measured: dict[tuple[str, int], tuple[float, float] | None] = {}
        self._slowdown = 1.0

    def known(self, shape: str, threads: int) -> bool:
        return (shape, threads) in self._measured

    def measured(self, shape: str, threads: int, throughput: tuple[float, float] | None) -> None:
        self._measured[shape, threads] = throughput

    def not_measured(self, shape: str, threads: int) -> None:
        """The measurement was broken off, and can be asked for again."""
        self._measured.pop((shape, threads), None)

    def learn(self, spec: RunSpec, threads: int, batch_seconds: float) -> None:
        """A time slice took so long for each batch."""
        throughput = self._measured.get((shape_of(spec), threads))
        if throughput is not None and batch_seconds > 0:
            slower = min(MOST, max(1 / MOST, batch_seconds / throughput[0]))
            self._slowdown = self._slowdown ** (1 - WEIGHT) * slower**WEIGHT

    def seconds_per_epoch(self, spec: RunSpec, threads: int) -> float | None:
        """Evaluation included; `None` until the shape has been measured."""
        throughput = self._measured.get((shape_of(spec), threads))
        if throughput is None:
            return None
        return epoch_seconds(spec, *throughput) * self._slowdown


def epoch_seconds(spec: RunSpec, batch: float, image: float) -> float:
    """Evaluation included, where a batch and an evaluated image take so many seconds."""
    evaluated = min(TRAIN_EVAL_SIZE, spec.train_size) + spec.validation_size
    return spec.steps_per_epoch * batch + evaluated * image


def shape_of(spec: RunSpec) -> str:
    """What decides how long a batch takes."""
    return json.dumps(spec.model_dump(exclude=NO_MATTER_FOR_SPEED), sort_keys=True)
