"""Estimates, differences and verdicts from a few runs of the same setting with different seeds.

The rule, in words. Two settings are compared seed by seed: seed 0 of one with seed 0 of the other, since both
deal the images alike. That makes one difference a seed. Their mean says how large the effect is, and their
standard deviation s how much luck there is in it. The mean of n differences is known to within t · s / √n on
either side, where t is Student's: 4.30 for three seeds, 2.78 for five. Were all seeds drawn anew a hundred
times, about 95 of the hundred intervals made like this would hold the true difference. A claim says in which
range that lies, "above zero" for instance:

* confirmed: the whole interval lies inside the range;
* refuted: the whole interval lies outside it;
* within seed noise: it lies across the border, so that luck alone may have made what was seen;
* not enough evidence yet: under three seeds, which say next to nothing of their own deviation.

Two settings are alike, or one no better than the other, if their difference lies within a margin: each border
is tested by itself at 5 %, which is to ask whether the 90 % interval lies inside (two one-sided tests). Where
"no better" holds within the margin only, since the difference is clearly not zero, the verdict says so.

A claim of several parts is confirmed if every part is, and else within seed noise, unless a part is refuted.
With eight parts to try, luck would refute one in 18 of 100 claims: the parts' tests are corrected for one
another (Holm), so that a claim whose parts all hold is refuted in at most 2.5 of 100. Of a
margin each side can be refuted by luck, so that each is tested at half of that.

A published figure is one run, with luck of its own: ours differs only if the figure lies outside the wider
interval in which one more run of ours would lie, mean ± t · s · √(1 + 1 / n).

Settings that are compared are so on the same 10,000 test images, whose luck they share. An accuracy that is
held against a number alone has the luck of these images in its interval besides that of the seeds.
"""

from fmnist_core.statistics.decisions import (
    FEWEST_SEEDS,
    WRONGLY_REFUTED,
    Decision,
    Hypothesis,
    all_of,
    decide,
    decisions,
    false_confirmation,
)
from fmnist_core.statistics.estimates import (
    ABOVE_ZERO,
    ANY,
    BELOW_ZERO,
    CONFIDENCE,
    Estimate,
    Range,
    contrast,
    differences,
    estimate,
    hedges_g,
    mean,
    prediction,
    standard_deviation,
    students_t,
)
from fmnist_core.statistics.families import apart, holm, two_sided_p
from fmnist_core.statistics.power import MOST_SEEDS, POWER, seeds_to_decide

__all__ = [
    "ABOVE_ZERO",
    "ANY",
    "BELOW_ZERO",
    "CONFIDENCE",
    "FEWEST_SEEDS",
    "MOST_SEEDS",
    "POWER",
    "WRONGLY_REFUTED",
    "Decision",
    "Estimate",
    "Hypothesis",
    "Range",
    "all_of",
    "apart",
    "contrast",
    "decide",
    "decisions",
    "differences",
    "estimate",
    "false_confirmation",
    "hedges_g",
    "holm",
    "mean",
    "prediction",
    "seeds_to_decide",
    "standard_deviation",
    "students_t",
    "two_sided_p",
]
