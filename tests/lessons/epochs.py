"""Epochs of a run that never was, and runs that ended with a value."""

from fmnist_core.events import Epoch
from fmnist_core.lessons.results import RunResult, State


def epoch(
    n: int, validation_loss: float | None, accuracy: float | None = None, seconds: float = 2.0
) -> Epoch:
    return Epoch(n, 10 * n, 0.05, 0.05, validation_loss, None, accuracy, None, 1e-3, seconds)


def run(*losses: float | None, state: State = "finished", accuracy: float | None = None) -> RunResult:
    """With these validation losses, one an epoch."""
    return RunResult(state, tuple(epoch(n, loss, accuracy) for n, loss in enumerate(losses, 1)))


def falling_to(loss: float, epochs: int = 10) -> RunResult:
    """Each epoch comes half as near to this loss as the one before."""
    return run(*(loss * (1 + 0.5**n) for n in range(epochs - 1)), loss)
