"""Runs short enough for a test, and what they told."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Batches, Epoch, Event, Finished, Snapshot
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.loop import Budget, TrainState
from fmnist_core.spec import RunSpec, read_spec

SHORT = {"train_size": 145, "validation_size": 90, "batch_size": 40, "epochs": 3, "dropout": 0.2, "seed": 4}
FAMILIES = [
    {"architecture": "ff_autoencoder", "optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    {"architecture": "conv_autoencoder"},
    {"architecture": "ff_classifier", "hidden_sizes": [32, 16], "scaling": "standard"},
    {"architecture": "conv_classifier", "hidden_sizes": [32], "loss": "mse", "scaling": "symmetric"},
    {"architecture": "encoder_classifier"},
]


def short(**settings: Any) -> RunSpec:
    return read_spec({**SHORT, **settings})


# Convolutions take seconds, so the quick tests go without them.
each_family = pytest.mark.parametrize(
    "settings",
    [
        pytest.param(
            settings,
            id=settings["architecture"],
            marks=[pytest.mark.slow] if short(**settings).convolves else [],
        )
        for settings in FAMILIES
    ],
)


def run(spec: RunSpec, dataset: Dataset, **more: Any) -> tuple[TrainState, list[Event]]:
    state = loop.start(spec, dataset, **more)
    return state, list(loop.advance(state))


def run_in_slices(
    state: TrainState, budget: Budget, between: Callable[[TrainState], TrainState] = lambda state: state
) -> tuple[TrainState, list[Event]]:
    events: list[Event] = []
    while not state.finished:
        events += loop.advance(state, budget)
        state = between(state)
    return state, events


def weights(state: TrainState) -> dict[str, np.ndarray]:
    return {name: weight.cpu().numpy().copy() for name, weight in state.model.state_dict().items()}


def same_weights(one: TrainState, other: TrainState) -> bool:
    """Bit for bit."""
    mine, theirs = weights(one), weights(other)
    return list(mine) == list(theirs) and all(np.array_equal(mine[name], theirs[name]) for name in mine)


def of_type(kind: type, events: Iterable[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def losses(events: Iterable[Event]) -> np.ndarray:
    """All batch losses in order; none missing, none twice."""
    pieces = of_type(Batches, events)
    all_losses = np.concatenate([batches.losses for batches in pieces])
    expected = 1
    for batches in pieces:
        assert batches.first_step == expected
        expected += len(batches.losses)
    return all_losses


def story(events: Iterable[Event]) -> list[tuple]:
    """Everything but clocks and the way in which batches are bundled, comparable with ==."""
    events = list(events)
    lines: list[tuple] = [("losses", losses(events).tobytes())]
    for event in events:
        if isinstance(event, Snapshot):
            lines.append((event.step, event.epoch, event.outputs.tobytes()))
        elif isinstance(event, Epoch | Finished):
            values = [getattr(event, f.name) for f in fields(event) if f.name != "seconds"]
            lines.append(tuple(v.tobytes() if isinstance(v, np.ndarray) else v for v in values))
        elif not isinstance(event, Batches):
            lines.append((event.step, event.kind, str(event.sentence)))
    return lines
