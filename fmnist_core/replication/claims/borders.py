"""At which borders a part's verdict would turn: thresholds are choices, and a verdict may hang on them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fmnist_core.replication.claims.judge import PartVerdict
from fmnist_core.statistics import CONFIDENCE, WRONGLY_REFUTED, Range


@dataclass(frozen=True)
class Borders:
    """Of all borders that could be `chosen`, those `confirmed` and those `refuted`; between them is noise.

    They are numbers of the part's, as `written` takes them. A `margin` is a border to either side of zero.
    `None` stands for none at all.
    """

    chosen: float
    margin: bool
    confirmed: Range
    refuted: Range | None


def borders(judged: PartVerdict) -> Borders | None:
    """Of a part by itself, not corrected for the others; `None` without evidence or with unequal borders."""
    known, part = judged.estimate, judged.part
    if known is None or judged.decision == "missing" or not math.isfinite(known.mean):
        return None
    low, high = part.within.low, part.within.high
    is_margin = math.isfinite(low) and math.isfinite(high)  # of which each side is refuted by itself
    sure = known.interval(part.confidence)
    beyond = known.interval(1 - WRONGLY_REFUTED if is_margin else CONFIDENCE)
    if math.isinf(high):
        refuted = Range(low=beyond.high) if beyond.high < known.possible.high else None
        return Borders(low, False, Range(high=sure.low), refuted)
    if math.isinf(low):
        refuted = Range(high=beyond.low) if beyond.low > known.possible.low else None
        return Borders(high, False, Range(low=sure.high), refuted)
    if low != -high:
        return None
    nearest = max(beyond.low, -beyond.high)
    refuted = Range(0.0, nearest) if nearest > 0 else None
    return Borders(high, True, Range(low=max(-sure.low, sure.high)), refuted)
