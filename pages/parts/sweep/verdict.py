"""What a sweep has shown: figures by value and seed, and which lead exceeds what seeds alone make.

Compared seed by seed, by the rule of `statistics`. Only runs that came to their end, with the
settings they were begun with, count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.statistics import (
    ABOVE_ZERO,
    BELOW_ZERO,
    FEWEST_SEEDS,
    Decision,
    decide,
    differences,
)
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _
from pages.parts.sweep.progress import Progress
from pages.parts.sweep.values import Values


@dataclass(frozen=True)
class Verdict:
    """`best` is the value whose mean is; `against` says of each other one whether its lead is no luck.

    `seeds` is how many seeds the best has, at most.
    """

    best: Any
    against: Mapping[Any, Decision]
    seeds: int


def figures(now: Progress, values: Values) -> dict[Any, dict[int, float]]:
    """The test figure of every run that has come to its end, by value and seed."""
    found: dict[Any, dict[int, float]] = {value: {} for value in values.words}
    for member, run in now.as_planned("finished"):
        figure = run.test_loss if values.task == "autoencoder" else run.test_accuracy
        if figure is not None:
            found[values.of(member.spec)][member.spec.seed] = figure
    return found


def verdict(found: Mapping[Any, Mapping[int, float]], lower_is_better: bool) -> Verdict | None:
    """`None` until two values have figures."""
    known = {value: by_seed for value, by_seed in found.items() if by_seed}
    if len(known) < 2:
        return None
    sign = 1 if lower_is_better else -1
    best = min(known, key=lambda value: sign * float(np.mean(list(known[value].values()))))
    within = BELOW_ZERO if lower_is_better else ABOVE_ZERO
    against = {
        value: decide(list(differences(known[best], by_seed).values()), within)
        for value, by_seed in known.items()
        if value != best
    }
    return Verdict(best, against, len(known[best]))


def in_words(found: Mapping[Any, Mapping[int, float]], words: Mapping[Any, str], lower: bool) -> str:
    """One or two sentences, with the values in `words`; lower figures are better where they are losses."""
    made = verdict(found, lower)
    if made is None:
        return _("The first values are compared here once two of them have ended.")
    mean = float(np.mean(list(found[made.best].values())))
    told = (
        _("**{value}** does best, with a mean test loss of {figure}.")
        if lower
        else _("**{value}** does best, with a mean test accuracy of {figure}.")
    ).format(value=words[made.best], figure=number(mean) if lower else percent(mean))
    return f"{told} {_lead(made, words)}"


def _lead(made: Verdict, words: Mapping[Any, str]) -> str:
    beyond = _listed([words[value] for value, seen in made.against.items() if seen == "confirmed"])
    within = _listed([words[value] for value, seen in made.against.items() if seen in ("noise", "refuted")])
    unknown = [words[value] for value, seen in made.against.items() if seen == "missing"]
    if len(unknown) == len(made.against):
        return _("Whether that is luck cannot be said yet: it takes {n} seeds a value, or more.").format(
            n=FEWEST_SEEDS
        )
    if beyond and within:
        told = _("Its lead over {beyond} exceeds seed noise; its lead over {within} does not.").format(
            beyond=beyond, within=within
        )
    elif beyond:
        told = _("Its lead over {beyond} exceeds seed noise.").format(beyond=beyond)
    else:
        told = _("Its lead over {within} does not exceed seed noise: other seeds may turn it round.").format(
            within=within
        )
    if unknown:
        told += " " + _("Of {values} too few seeds have ended.").format(values=_listed(unknown))
    return told


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"**{value}**" for value in values)
