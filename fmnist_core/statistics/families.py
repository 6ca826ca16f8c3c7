"""Several tests at once: p-values corrected for one another, and which of several settings lie apart."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.statistics.estimates import CONFIDENCE


def two_sided_p(differences: ArrayLike, resolution: float = 0.0) -> NDArray[np.float64]:
    """How often luck alone would make a mean difference so far from zero or farther: Student's paired test.

    `differences` has the shape (..., seeds), two seeds or more. Figures that come in steps, as shares of 100
    images do, can agree by accident: their differences are taken to scatter by no less than the rounding of
    two figures to a `resolution` makes.
    """
    from scipy.special import stdtr

    values = np.asarray(differences, dtype=np.float64)
    seeds = values.shape[-1]
    error = np.maximum(values.std(-1, ddof=1), resolution / math.sqrt(6)) / math.sqrt(seeds)
    middle = np.abs(values.mean(-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        tails = 2 * stdtr(seeds - 1, -middle / error)
    return np.where(error == 0, np.where(middle == 0, 1.0, 0.0), tails)


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """p-values of a family of tests, made larger so that the whole family errs no more than one test alone.

    With those under 5 % taken as shown, one or more of the family is taken so by luck in at most 5 of 100
    trials, however the tests depend on one another. S. Holm, A simple sequentially rejective multiple test
    procedure, Scandinavian Journal of Statistics 6 (1979), 65–70.
    """
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    factors = len(raw) - np.arange(len(raw))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(raw[order] * factors))
    return adjusted


def apart(figures: ArrayLike, resolution: float = 0.0) -> NDArray[np.bool_]:
    """Which settings lie apart beyond luck, every pair of them tested, as a symmetric table (k, k).

    `figures` has the shape (settings, seeds), three seeds or more. Whichever setting is picked after looking,
    all its comparisons are among those tested, so that the picking costs nothing. Where two settings scatter
    by very different amounts, and in a skewed way, few seeds err more often than is said: the difference of
    one that scatters by ten times as much, and exponentially, is taken as shown in 11 of 100 trials.
    """
    table = np.asarray(figures, dtype=np.float64)
    one, other = np.triu_indices(len(table), 1)
    shown = holm(two_sided_p(table[one] - table[other], resolution)) < 1 - CONFIDENCE
    beyond = np.zeros((len(table), len(table)), dtype=np.bool_)
    beyond[one, other] = beyond[other, one] = shown
    return beyond
