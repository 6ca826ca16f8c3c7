"""Records a training step as a CUDA graph and replays it: one launch instead of a hundred.

A replay works on the very memory that was recorded, so what changes from step to step lies in tensors that
are filled beforehand. On a CPU the step itself is called. Knows nothing of runs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from fmnist_core.nets.training.device import is_full
from fmnist_core.sentences import Sentence

Step = Callable[[Tensor], Tensor]
WARM_UPS = 3  # as PyTorch's notes on CUDA graphs have it: libraries settle on their ways in the first calls
AHEAD, MOST_AHEAD = 0.02, 1000  # seconds and steps that may wait in a GPU's queue

NOT_RECORDED = Sentence(
    "This GPU cannot replay a recorded training step, so it gets every step in pieces: slower, same results."
)


@dataclass
class LaunchLimit:
    """Keeps the process about `AHEAD` seconds ahead of a device that works off launches on its own.

    `wait` returns when all that was launched has been carried out.
    """

    wait: Callable[[], object]
    most: int = 1
    launched: int = 0
    began: float = 0.0

    def before_launch(self) -> None:
        if self.launched >= self.most:
            self.wait()
            seconds = time.perf_counter() - self.began
            self.most = max(1, min(MOST_AHEAD, int(self.launched * AHEAD / seconds)))
            self.launched = 0
        if self.launched == 0:
            self.began = time.perf_counter()
        self.launched += 1


@dataclass
class StepGraph:
    """A step of always as many images. `refusal` says why it is not replayed but done anew every time."""

    indices: Tensor
    replay: Callable[[], Tensor]
    launches: LaunchLimit
    refusal: Sentence | None = None

    def __call__(self, indices: Tensor) -> Tensor:
        """Trains on these images and returns the loss, a scalar."""
        self.launches.before_launch()
        self.indices.copy_(indices)
        return self.replay()


def record(
    step: Step, indices: Tensor, touched: Sequence[Tensor], generators: Sequence[torch.Generator]
) -> StepGraph:
    """The graph of `step`, for indices like these, int64 (count,) on the device.

    The step changes the tensors `touched` and draws from `generators`; recording it leaves both as they were.
    Raises what `step` does if memory is full.
    """
    fixed, device = indices.clone(), indices.device

    def once() -> Tensor:
        return step(fixed)

    if device.type != "cuda":
        _warm_up(once, touched, generators)
        return StepGraph(fixed, once, LaunchLimit(lambda: None))
    launches = LaunchLimit(lambda: torch.cuda.current_stream(device).synchronize())
    try:
        return StepGraph(fixed, _captured(once, device, touched, generators), launches)
    except RuntimeError as error:
        if is_full(error):
            raise
        logging.getLogger(__name__).warning("the training step was not recorded", exc_info=True)
        return StepGraph(fixed, once, launches, NOT_RECORDED)


@contextmanager
def left_as_it_was(touched: Sequence[Tensor], generators: Sequence[torch.Generator]) -> Iterator[None]:
    values = [tensor.detach().clone() for tensor in touched]
    places = [generator.get_state() for generator in generators]
    try:
        yield
    finally:
        with torch.no_grad():
            for tensor, value in zip(touched, values, strict=True):
                tensor.copy_(value)
        for generator, place in zip(generators, places, strict=True):
            generator.set_state(place)


def _warm_up(
    once: Callable[[], Tensor], touched: Sequence[Tensor], generators: Sequence[torch.Generator]
) -> None:
    with left_as_it_was(touched, generators):
        for _ in range(WARM_UPS):
            once()


@contextmanager
def _drawing_again(generators: Sequence[torch.Generator]) -> Iterator[None]:
    """A capture that fails leaves generators waiting for its end, which refuse to draw: they begin anew."""
    spare = [generator.clone_state() for generator in generators]
    try:
        yield
    except BaseException:
        for generator, fresh in zip(generators, spare, strict=True):
            generator.graphsafe_set_state(fresh)
        raise


def _captured(
    once: Callable[[], Tensor],
    device: torch.device,
    touched: Sequence[Tensor],
    generators: Sequence[torch.Generator],
) -> Callable[[], Tensor]:
    graph = torch.cuda.CUDAGraph()
    side = torch.cuda.Stream(device)
    for generator in generators:  # so that every replay draws what comes next
        graph.register_generator_state(generator)
    side.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(side):  # a capture that fails does not find its way back to our stream by itself
        _warm_up(once, touched, generators)
        ordinary = torch.cuda.default_generators[side.device_index]
        # Only this thread may not do what cannot be recorded: others answer questions meanwhile.
        capture = torch.cuda.graph(graph, stream=side, capture_error_mode="thread_local")
        with _drawing_again([*generators, ordinary]), capture:
            loss = once()
    torch.cuda.current_stream(device).wait_stream(side)

    def replay() -> Tensor:
        graph.replay()
        return loss.clone()

    return replay
