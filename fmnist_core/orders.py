"""What the engine and its workers say to each other: orders for slices of training, reports, questions.

The functions at the end are what Dask is given to run. They load the networks only where they run, on a
worker, so that the process that gives the orders never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from fmnist_core.sentences import Sentence


@dataclass(frozen=True)
class SliceOrder:
    """One turn of a run on a worker, which opens the store at `store_url` and writes there what comes of it.

    `turn` names the order, so that it can be cut short. `seconds` of training, on `threads`, end earlier at
    batch `until_step`, its evaluation included. `epochs` in all, `learning_rate` (if given) and `stopping`
    say how things should be, not how they should change, so an order that comes twice does no harm; with
    `again`, training that was over goes on. `checkpoint` saves the state whatever its age, and `release`
    makes the worker forget it then. `full_data`: the full data is in use, not the sample.
    """

    turn: str
    store_url: str
    run_id: str
    lease: int
    threads: int
    seconds: float
    epochs: int
    full_data: bool
    until_step: int | None = None
    learning_rate: float | None = None
    again: bool = False
    stopping: bool = False
    checkpoint: bool = False
    release: bool = False


@dataclass(frozen=True)
class SliceReport:
    """How a turn ended, and where the run stands.

    "advanced": all is well. "ended": training is over, and what came of it is in the store. "lost": another
    worker has the run now, or it was deleted. "full": the disk is; what could not be written is kept.
    "failed": `reason` says why. `reached` the order's `until_step`; `saved`: the store holds this very state.
    `seconds` of training, all told.
    """

    outcome: Literal["advanced", "ended", "lost", "full", "failed"]
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    reached: bool = False
    saved: bool = False
    end_reason: str | None = None
    reason: Sentence | None = None


@dataclass(frozen=True)
class Answer:
    """`value`, or in `refusal` why there is none."""

    value: Any = None
    refusal: tuple[Sentence, ...] = ()


def advance(order: SliceOrder) -> SliceReport:
    return import_module("fmnist_core.nets.worker").advance_slice(order)


def answer(question: str, arguments: Mapping[str, Any]) -> Answer:
    return import_module("fmnist_core.nets.worker").ask(question, arguments)
