"""Which workers there are, and how they share the cores of the machines that they are on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Machines:
    """On which machine each worker is, by address, and how many cores each machine has."""

    workers: Mapping[str, str]
    cores: Mapping[str, int]

    def threads(self, training: int) -> dict[str, int]:
        """By machine, the threads of a time slice, if as many runs train as `training` says.

        One run alone gets every core, several their fair part; there are never more threads than cores, which
        would make all of them crawl.
        """
        workers = Counter(self.workers.values())
        return {
            machine: max(1, count // max(1, min(workers[machine], training)))
            for machine, count in self.cores.items()
        }
