"""A batch-by-batch loss curve kept small: never more than `CAPACITY` points, however long the run.

Each point is the mean of `width` consecutive batches; when there are too many points, neighbours merge and
`width` doubles. So a page that polls reads a few kilobytes, and old points hold still while new ones come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CAPACITY = 1024


@dataclass(frozen=True)
class Curve:
    """`sums` float64 and `counts` int64, one entry a point; the first point begins at batch `origin`."""

    origin: int
    width: int
    sums: np.ndarray
    counts: np.ndarray

    def added(self, first_step: int, losses: np.ndarray) -> Curve:
        """With the losses of batches `first_step`, `first_step` + 1, …, none of them before `origin`."""
        if first_step < self.origin:
            raise ValueError(f"batch {first_step} lies before the curve's first, {self.origin}")
        steps = np.arange(first_step, first_step + len(losses))
        curve = self
        while len(losses) and (steps[-1] - curve.origin) // curve.width >= CAPACITY:
            curve = curve.merged(2)
        points = (steps - curve.origin) // curve.width
        length = max(len(curve.sums), int(points[-1]) + 1) if len(losses) else len(curve.sums)
        more = length - len(curve.sums)
        sums, counts = np.pad(curve.sums, (0, more)), np.pad(curve.counts, (0, more))
        np.add.at(sums, points, losses.astype(np.float64))
        np.add.at(counts, points, 1)
        return Curve(curve.origin, curve.width, sums, counts)

    def merged(self, group: int) -> Curve:
        """Every `group` neighbouring points made one."""
        starts = np.arange(0, len(self.sums), group)
        sums = np.add.reduceat(self.sums, starts) if len(starts) else self.sums
        counts = np.add.reduceat(self.counts, starts) if len(starts) else self.counts
        return Curve(self.origin, self.width * group, sums, counts)

    def condensed(self) -> Curve:
        """At most `CAPACITY` points, by as few doublings as that takes."""
        curve = self
        while len(curve.sums) > CAPACITY:
            curve = curve.merged(2)
        return curve

    def points(self, most: int) -> tuple[np.ndarray, np.ndarray]:
        """At most `most` points: steps (int64, the middle of the batches averaged), mean losses (float32)."""
        curve = self.merged(-(-len(self.sums) // most)) if len(self.sums) > most else self
        filled = np.flatnonzero(curve.counts)
        counts = curve.counts[filled]
        steps = curve.origin + filled * curve.width + (counts - 1) // 2
        return steps.astype(np.int64), (curve.sums[filled] / counts).astype(np.float32)


def empty(origin: int) -> Curve:
    return Curve(origin, 1, np.zeros(0), np.zeros(0, dtype=np.int64))
