"""The workers that a run has lost: when it is tried again, and whether it needs more memory than there is.

A worker may end for any reason. Only the word of the kernel, or of its own limit, says that memory ran out.
"""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.compute import memory
from fmnist_core.compute.client import Connection, end_if_silent

DEADLY = 3  # workers whose memory ran out while they trained a run, in a row
DEADLY_SECONDS = 10.0  # of training without a loss, after which losses count anew
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


@dataclass
class LostWorkers:
    """`count` in a row, the latest at `seconds` of training; memory ended `out_of_memory` of them."""

    count: int = 0
    out_of_memory: int = 0
    seconds: float = 0.0

    def add(self, seconds: float, out_of_memory: bool) -> None:
        """One more, when the run had trained so long."""
        if seconds >= self.seconds + DEADLY_SECONDS:
            self.count = self.out_of_memory = 0
        self.count, self.seconds = self.count + 1, seconds
        self.out_of_memory += out_of_memory

    @property
    def prove_too_much_memory(self) -> bool:
        return self.out_of_memory >= DEADLY

    @property
    def pause(self) -> float:
        """Seconds before the run is tried again: after the first loss at once, then ever more."""
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.count - 2, 10)) if self.count > 1 else 0.0


async def ended_by_memory(connection: Connection, worker: str, kills_before: int) -> bool:
    """Whether memory ended a worker that was lost. If it is still there, and silent, it is ended now.

    `kills_before` is the kernel's count (`memory.kernel_kills`) when its work began. Raises `OSError`
    or `TimeoutError` if the scheduler does not answer.
    """
    ran_out = await memory.ran_out(connection, worker, kills_before)
    await end_if_silent(connection, worker)
    return ran_out
