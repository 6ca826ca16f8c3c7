"""The axis of a curve to draw: its gridlines, and values written in the quantity's unit."""

from __future__ import annotations

import math

from fmnist_core.lessons.quantities import Unit
from pages.parts.base.formatting import in_full

MOST_INTERVALS = 5
NICE = (1, 2, 5, 10)
DIGITS = 12  # after the point: what calculating leaves behind them is none of a tick
FACTORS: dict[Unit, int] = {"share": 100}  # what is shown of 1; one where nothing stands here
SUFFIXES: dict[Unit, str] = {"share": "\N{NO-BREAK SPACE}%", "seconds": "\N{NO-BREAK SPACE}s"}


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Two to six multiples of a round number between the ends."""
    least = (high - low) / MOST_INTERVALS
    magnitude = 10 ** math.floor(math.log10(least))
    step = next(n * magnitude for n in NICE if n * magnitude >= least * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(n * step, DIGITS) for n in range(first, last + 1))


def tick_text(value: float, unit: Unit) -> str:
    return in_full(round(value * FACTORS.get(unit, 1), DIGITS)) + SUFFIXES.get(unit, "")
