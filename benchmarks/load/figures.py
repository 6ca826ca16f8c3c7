"""What a load test measures, and how it says so."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import psutil

from fmnist_core.compute.cluster import WORKER_NICENESS
from fmnist_core.statistics import students_t


@dataclass
class Figures:
    """Seconds that pages and looks took, and what went wrong, of all sessions together."""

    pages: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)  # from one answered look of a session to the next
    behind: list[float] = field(default_factory=list)  # for how long a look's tab had shown what was over
    dropped: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what a page or a run should not say at the end

    def lines(self, seconds: float) -> list[str]:
        lines = [timing("pages", self.pages), timing("looks", self.looks)]
        lines.append(f"{'looks a second':34} {len(self.looks) / seconds:8.1f}")
        lines.append(timing("pauses between two looks", self.pauses))
        if self.behind:
            lines.append(timing("tabs behind the run", self.behind))
        lines.append(f"{'dropped sessions':34} {len(self.dropped):8d}   {'; '.join(self.dropped[:3])}")
        return lines


def timing(what: str, seconds: list[float]) -> str:
    """Median, 95th percentile and the worst."""
    if len(seconds) < 2:
        return f"{what:34} {len(seconds):8d} measured"
    p50, p95 = np.percentile(seconds, [50, 95])
    return f"{what:34} {p50:8.3f} s   p95 {p95:.3f} s   worst {max(seconds):.3f} s   of {len(seconds):,}"


def seconds_behind(begun: Sequence[float], shown: Sequence[tuple[float, int]]) -> list[float]:
    """For how long, at each look of a tab, it had shown an epoch that was over.

    `begun` are the times at which the run's epochs 1, 2, … began, as the store says; `shown` are the times
    of the tab's looks, each with the epoch that it showed from then on.
    """
    seconds = []
    for (_before, epoch), (now, _epoch) in pairwise(shown):
        over_at = begun[epoch] if epoch < len(begun) else now
        seconds.append(max(0.0, now - over_at))
    return seconds


def unfairness(shares: list[float]) -> float:
    """How far the share that is farthest from the mean lies from it, as a part of the mean."""
    mean = sum(shares) / len(shares)
    return max(abs(share / mean - 1) for share in shares) if mean else float("inf")


@dataclass
class Memory:
    """Resident MB of the web process and of each of its workers, over time."""

    server: int  # process id
    samples: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def sample(self) -> None:
        """One look at every process; a worker is known by its process id, since others may follow it."""
        web = psutil.Process(self.server)
        processes = {"web process": web}
        processes |= {f"worker {process.pid}": process for process in workers(self.server)}
        for name, process in processes.items():
            try:
                megabytes = process.memory_info().rss / 1e6
            except psutil.NoSuchProcess:
                continue
            self.samples.setdefault(name, []).append((time.monotonic(), megabytes))

    def lines(self) -> list[str]:
        lines = []
        for name, points in self.samples.items():
            first, last = points[0][1], points[-1][1]
            line = f"{f'memory of the {name}':34} {first:8.0f} MB → {last:.0f} MB"
            if (slope := self.slope(name)) is not None:
                line += f"   slope {slope[0]:+.1f} ± {slope[1]:.1f} MB an hour"
            lines.append(line)
        return lines

    def slope(self, name: str) -> tuple[float, float] | None:
        """MB an hour, by least squares over the second half, and half of its 95 % interval, which takes the
        samples for independent; `None` from fewer than ten of them.
        """
        points = np.array(self.samples[name][len(self.samples[name]) // 2 :])
        if len(points) < 10:
            return None
        hours = (points[:, 0] - points[0, 0]) / 3600
        (slope, _start), covariance = np.polyfit(hours, points[:, 1], 1, cov=True)
        return float(slope), students_t(len(points) - 2) * float(np.sqrt(covariance[0, 0]))


def workers(server: int) -> list[psutil.Process]:
    """The lab's workers: they give way to the pages by some steps of niceness, as nothing else does."""
    web = psutil.Process(server)
    processes = []
    for process in web.children(recursive=True):
        try:
            if process.nice() == min(19, web.nice() + WORKER_NICENESS):
                processes.append(process)
        except psutil.NoSuchProcess:
            continue
    return processes
