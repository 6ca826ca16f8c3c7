"""A run as it was at any batch of its past: the nearest state that is kept, trained forward again.

The same batches on the same number of threads give the same weights bit for bit, and fingerprints that were
taken on the way show that they did. It takes time slices, as training does.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import torch

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Notice
from fmnist_core.messages import Replaying
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.checkpoint import fingerprint
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store import past
from fmnist_core.store.rows import Damaged
from fmnist_core.store.runs import RunNotFound, Store

ABANDONED_SECONDS = 60.0
FORGOTTEN = Sentence(
    "What the optimizer remembered of this run could not be had again on this machine. Training goes on from "
    "the run's own weights, with an optimizer that begins anew."
)


class StillReplaying(LabError):
    """The time was too short; the next call goes on from there."""

    def __init__(self, progress: Replaying) -> None:
        super().__init__(
            Sentence("It is trained again up to batch {step:,}, to go on from there.", step=progress.goal)
        )
        self.progress = progress


@dataclass
class Replay:
    """`threads` says from which batch on (the first is 1) the run was trained on how many."""

    first: int
    state: loop.TrainState
    threads: list[tuple[int, int]]
    fingerprints: dict[int, int]
    advanced_at: float = 0.0

    def advance(self, step: int, seconds: float) -> None:
        """Trains on to `step`, or for that long. Raises `CheckpointError` if weights come out otherwise."""
        end = time.perf_counter() + seconds
        begins = [first_step for first_step, _ in self.threads]
        while self.state.step < step:
            torch.set_num_threads(self.threads[max(0, bisect_right(begins, self.state.step + 1) - 1)][1])
            loop.train_batch(self.state)
            # Losses and evaluations have been reported already, and change no weight.
            self.state.evaluation = None
            self.state.unreported.clear()
            self.state.position.epoch_losses.clear()
            expected = self.fingerprints.get(self.state.step)
            if expected is not None and fingerprint(self.state) != expected:
                raise loop.CheckpointError(
                    Sentence(
                        "Trained again, the parent came out otherwise at batch {step}, as happens on another "
                        "processor or with another version of PyTorch or of the lab. Branch from its latest "
                        "batch instead.",
                        step=self.state.step,
                    )
                )
            if time.perf_counter() >= end:
                break
        self.state.give_back()
        self.advanced_at = time.monotonic()


_REPLAYS: dict[tuple[str, int], Replay] = {}  # by run and the step to reach


def state_at(
    store: Store,
    run_id: str,
    step: int,
    seconds: float,
    start: Callable[[], loop.TrainState],
    dataset: Dataset,
) -> bytes | None:
    """The saved training state after `step` batches, or `None` if it cannot be had any more.

    `start` makes the run before its first batch. Raises `StillReplaying` after `seconds` of training.
    """
    if (state := store.snapshot_state(run_id, step)) is not None:
        return state
    for key, other in list(_REPLAYS.items()):  # of branches that were paused or deleted meanwhile
        if time.monotonic() - other.advanced_at > ABANDONED_SECONDS:
            del _REPLAYS[key]
    replay = _REPLAYS.pop((run_id, step), None) or begun(store, run_id, step, start, dataset)
    if replay is None:
        return None
    replay.advance(step, seconds)
    if replay.state.step < step:
        _REPLAYS[run_id, step] = replay
        raise StillReplaying(Replaying(replay.first, replay.state.step, step))
    return loop.save(replay.state)


def with_memory(
    store: Store,
    run_id: str,
    state: loop.TrainState,
    seconds: float,
    start: Callable[[], loop.TrainState],
    dataset: Dataset,
) -> Notice | None:
    """Gives a run's own state the optimizer's memory that was left out of the store, by training it again.

    Where that comes to other weights, the memory is lost, which the notice says. Raises `StillReplaying`.
    """
    try:
        blob = state_at(store, run_id, state.step, seconds, start, dataset)
        if blob is not None and loop.recall(state, blob):
            return None
    except (loop.CheckpointError, loop.EncoderError, Damaged, RunNotFound):  # what it began from is gone
        pass
    return Notice(state.step, "memory", FORGOTTEN)


def begun(
    store: Store, run_id: str, step: int, start: Callable[[], loop.TrainState], dataset: Dataset
) -> Replay | None:
    """From the nearest state before `step`, or the start; `None` if the run cannot be had there any more."""
    try:
        run = store.run(run_id)
    except RunNotFound:
        return None
    nearest = past.nearest_state(store, run_id, step)
    state = loop.load(nearest, dataset) if nearest is not None else None
    if state is None or state.step != step:
        if not run.repeatable or not 0 <= step <= run.step:
            return None
        # A GPU would add up in another order than the processor that trained this run.
        state = loop.load(nearest, dataset, "cpu") if nearest is not None else start()
    state.spec, state.snapshot_steps = run.spec, frozenset()
    return Replay(state.step, state, past.threads(store, run_id), past.fingerprints(store, run_id))
