"""Seeds' numbers as the tests of statistics draw them: any at all, and such as scatter in a known way."""

import math

import numpy as np
from hypothesis import strategies as st

values = st.floats(-1e3, 1e3).map(lambda value: round(value, 6))
samples = st.lists(values, min_size=3, max_size=8)

TRIALS = 700
SPREADS = {
    "normal": lambda draw, shape: draw.normal(0.8, 0.02, shape),
    "skewed": lambda draw, shape: np.exp(draw.normal(0, 1, shape)),
    "ties": lambda draw, shape: draw.normal(0.8, 0.01, shape).round(2),
    "unequal": lambda draw, shape: draw.normal(0, np.geomspace(1, 10, shape[0])[:, None], shape),
}


def at_most(share: float, trials: int = TRIALS) -> float:
    """So many of the trials may turn out so, if a share of all does: three standard errors more."""
    return share * trials + 3 * math.sqrt(share * (1 - share) * trials)
