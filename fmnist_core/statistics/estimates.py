"""What a few numbers, one a seed, tell of their true mean: a mean, its error, and intervals around it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

CONFIDENCE = 0.95
OWN_CONFIDENCE = 0.90  # see `contrast`
ROUNDING = 1e-9  # a deviation of less than this share of a difference is what floats leave over
MANY = 1e9  # degrees of freedom with which Student's distribution is the normal one


@dataclass(frozen=True)
class Range:
    """The numbers between `low` and `high`."""

    low: float = -math.inf
    high: float = math.inf


ABOVE_ZERO, BELOW_ZERO, ANY = Range(low=0.0), Range(high=0.0), Range()


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard `error`, which is known with so many `degrees` of freedom.

    `standard_deviation` is that of one seed's number. `luck` is the part of the error that more seeds do not
    make smaller. No interval leaves the numbers that are `possible`.

    A seed whose number is infinite (a run that diverged) leaves nothing to be known, unless all of them are.
    """

    mean: float
    standard_deviation: float
    error: float
    degrees: float
    seeds: int
    luck: float = 0.0
    possible: Range = ANY

    def interval(self, confidence: float = CONFIDENCE) -> Range:
        """Where the true mean lies, in a share `confidence` of all such trials."""
        if math.isinf(self.error):
            return self.possible
        reach = students_t(self.degrees, confidence) * self.error
        low, high = self.possible.low, self.possible.high
        return Range(max(self.mean - reach, low), min(self.mean + reach, high))

    @property
    def low(self) -> float:
        return self.interval().low

    @property
    def high(self) -> float:
        return self.interval().high

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2 if math.isfinite(self.high - self.low) else math.inf

    def chance_under(self, border: float) -> float:
        """How often luck would give so high a mean or a higher one, if the true mean were at the border."""
        from scipy.special import stdtr  # 27 MB, which a server that shows no verdict need not hold

        if math.isinf(self.error) or self.mean == border:
            return 1.0
        if not self.error or math.isinf(self.mean):
            return 0.0 if self.mean > border else 1.0
        return float(stdtr(self.degrees, (border - self.mean) / self.error))

    def chance_over(self, border: float) -> float:
        """How often luck would give so low a mean or a lower one, if the true mean were at the border."""
        return replace(self, mean=-self.mean).chance_under(-border)

    def with_seeds(self, seeds: int) -> Estimate:
        """What more seeds, or fewer, would tell if their mean and standard deviation were the same."""
        of_each = self.degrees_of_spread / (self.seeds - 1)
        return _known(
            self.mean, self.standard_deviation, seeds, of_each * (seeds - 1), self.luck, self.possible
        )

    @property
    def degrees_of_spread(self) -> float:
        """Those of the standard deviation alone, without the luck that seeds do not change."""
        from_seeds = self.standard_deviation / math.sqrt(self.seeds)
        return self.degrees * (from_seeds / self.error) ** 4 if self.luck and self.error else self.degrees


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def standard_deviation(values: Sequence[float]) -> float:
    """The standard deviation, as estimated from a few values of many (divided by n - 1)."""
    return float(np.std(values, ddof=1))


def differences(one: Mapping[int, float], other: Mapping[int, float]) -> dict[int, float]:
    """`one` minus `other`, seed by seed, for the seeds that both have."""
    return {seed: one[seed] - other[seed] for seed in sorted(one.keys() & other.keys())}


def estimate(
    values: Sequence[float], *, least: float = 0.0, luck: float = 0.0, possible: Range = ANY
) -> Estimate:
    """From two values or more.

    Their standard deviation is taken to be `least` or more: whole numbers that agree are not known exactly.
    `luck` is an error that all values share, such as that of the test images. Both errors together have the
    degrees of freedom of F. E. Satterthwaite, An approximate distribution of estimates of variance
    components, Biometrics Bulletin 2 (1946), 110–114.
    """
    seeds = len(values)
    if not np.all(np.isfinite(values)):
        alike = len(set(values)) == 1
        middle, around = (values[0], 0.0) if alike else (math.nan, math.inf)
        return Estimate(middle, around, around, seeds - 1, seeds)
    around = max(standard_deviation(values), least)
    return _known(mean(values), around, seeds, seeds - 1, luck, possible)


def contrast(
    figures: ArrayLike, weights: Sequence[float], *, least: float = 0.0, possible: Range = ANY
) -> Estimate:
    """The weighted sum of several settings' means: a difference of two of them, or the slope through all.

    `figures` has the shape (settings, seeds), two or more of each, all finite. What remains of them once each
    setting's mean and each seed's is taken off is luck, and that of all settings is pooled: with four
    settings and three seeds it has 6 degrees of freedom, where a pair alone has 2 (the randomised block
    design of R. A. Fisher, The Design of Experiments, 1935). That takes settings that scatter alike, as
    losses roughly do once they are logarithms. Where the settings compared scatter more than the others, the
    interval would be too narrow: at 95 % it is never narrower than their own at 90 %. Simulated with three
    seeds, a pair then errs in 3 of 100 trials; in 6 if it scatters three times as much as the others, where
    it would err in 12.
    """
    table, factors = np.asarray(figures, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    settings, seeds = table.shape
    luck = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    degrees = (settings - 1) * (seeds - 1)
    around = max(math.sqrt(float(np.square(luck).sum()) / degrees), least)
    own = students_t(seeds - 1, OWN_CONFIDENCE) * standard_deviation((factors @ table).tolist())
    deviation = max(
        around * math.sqrt(float(np.square(factors).sum())), own / students_t(degrees, CONFIDENCE)
    )
    return _known(float(factors @ table.mean(1)), deviation, seeds, degrees, 0.0, possible)


def prediction(values: Sequence[float]) -> Estimate:
    """As `estimate`, but between `low` and `high` lies, most likely, the number of one more seed."""
    known = estimate(values)
    return replace(known, error=known.error * math.sqrt(len(values) + 1))


def hedges_g(one: Mapping[int, float], other: Mapping[int, float]) -> float | None:
    """How many standard deviations two settings' means lie apart: under 0.5 little, over 2 much.

    The deviation is that of the settings over seeds, both together. From a few seeds the ratio comes out too
    large, by a fifth for three, which is corrected: L. V. Hedges, Distribution theory for Glass's estimator
    of effect size, Journal of Educational Statistics 6 (1981), 107–128. `None` where there are fewer than two
    seeds in pairs, where nothing scatters, or where a run diverged.
    """
    seeds = sorted(one.keys() & other.keys())
    ours, theirs = [one[seed] for seed in seeds], [other[seed] for seed in seeds]
    if len(seeds) < 2 or not np.all(np.isfinite([*ours, *theirs])):
        return None
    deviation = math.hypot(standard_deviation(ours), standard_deviation(theirs)) / math.sqrt(2)
    difference = mean(ours) - mean(theirs)
    if deviation <= ROUNDING * abs(difference):
        return None
    correction = 1 - 3 / (4 * 2 * (len(seeds) - 1) - 1)
    return correction * difference / deviation


@cache
def students_t(degrees: float, confidence: float = CONFIDENCE) -> float:
    """How many standard errors to go to either side so that a share `confidence` lies between."""
    from scipy.special import stdtrit  # 27 MB, which a server that shows no verdict need not hold

    return float(stdtrit(min(degrees, MANY), (1 + confidence) / 2))


def _known(
    middle: float, around: float, seeds: int, degrees: float, luck: float, possible: Range
) -> Estimate:
    from_seeds = around / math.sqrt(seeds)
    error = math.hypot(from_seeds, luck)
    if luck:
        degrees = min(degrees * (error / from_seeds) ** 4, MANY) if from_seeds else MANY
    return Estimate(middle, around, error, degrees, seeds, luck, possible)
