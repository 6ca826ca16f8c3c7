"""What a sweep has shown: figures by value and seed, and which lead exceeds what seeds alone make.

Values are compared on validation images, seed by seed, by the rule of `statistics`; the test figure is for
the best of them alone. Only runs that came to their end, with the settings they were begun with, count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from fmnist_core.store.runs import Run
from pages.parts.base.formatting import listed, number, percent
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


def figures(
    progress: Progress, values: Values, figure_of: Callable[[Run], float | None]
) -> dict[Any, dict[int, float]]:
    """A figure of every run that has come to its end, by value and seed."""
    by_value: dict[Any, dict[int, float]] = {value: {} for value in values.words}
    for member, run in progress.as_planned("finished"):
        if (figure := figure_of(run)) is not None:
            by_value[values.of(member.spec)][member.spec.seed] = figure
    return by_value


def tested_figure(run: Run) -> float | None:
    return run.test_loss if run.spec.task == "autoencoder" else run.test_accuracy


def validation_figure(curve: Sequence[float], best_epoch: int | None) -> float | None:
    """The figure of the epoch whose weights were tested: the best if those were kept, else the last."""
    place = (best_epoch or len(curve)) - 1
    return float(curve[place]) if 0 <= place < len(curve) and np.isfinite(curve[place]) else None


def verdict(by_value: Mapping[Any, Mapping[int, float]], lower_is_better: bool) -> Verdict | None:
    """`None` until two values have figures."""
    known = {value: by_seed for value, by_seed in by_value.items() if by_seed}
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


def in_words(
    validated: Mapping[Any, Mapping[int, float]],
    tested: Mapping[Any, Mapping[int, float]],
    words: Mapping[Any, str],
    lower: bool,
) -> str:
    """A few sentences, with the values in `words`; lower figures are better where they are losses."""
    judged = verdict(validated, lower)
    if judged is None:
        return _("The first values are compared here once two of them have ended.")
    validation, test = (_mean_in_words(figures[judged.best], lower) for figures in (validated, tested))
    best = (
        _("**{value}** does best, with a mean validation loss of {figure}.")
        if lower
        else _("**{value}** does best, with a mean validation accuracy of {figure}.")
    ).format(value=words[judged.best], figure=validation)
    checked = (
        _("On the test images, which had no say in the choice, its mean loss is {figure}: a fair score.")
        if lower
        else _(
            "On the test images, which had no say in the choice, its mean accuracy is {figure}: a fair score."
        )
    ).format(figure=test)
    return f"{best} {_lead(judged, words)} {checked}"


def without_validation() -> str:
    """Where there is nothing to choose by."""
    return _(
        "Without validation images no value is named best: test images are for judging a choice, and chosen "
        "by them, the best would look better than it is. Give the sweep validation images to have one named."
    )


def _mean_in_words(by_seed: Mapping[int, float], lower: bool) -> str:
    mean = float(np.mean(list(by_seed.values())))
    return number(mean) if lower else percent(mean)


def _lead(judged: Verdict, words: Mapping[Any, str]) -> str:
    beyond = _listed([words[value] for value, seen in judged.against.items() if seen == "confirmed"])
    within = _listed([words[value] for value, seen in judged.against.items() if seen in ("noise", "refuted")])
    unknown = [words[value] for value, seen in judged.against.items() if seen == "missing"]
    if len(unknown) == len(judged.against):
        return _("Whether that is luck cannot be said yet: it takes {n} seeds a value, or more.").format(
            n=FEWEST_SEEDS
        )
    if beyond and within:
        sentence = _("Its lead over {beyond} exceeds seed noise; its lead over {within} does not.").format(
            beyond=beyond, within=within
        )
    elif beyond:
        sentence = _("Its lead over {beyond} exceeds seed noise.").format(beyond=beyond)
    else:
        sentence = _(
            "Its lead over {within} does not exceed seed noise: other seeds may turn it round."
        ).format(within=within)
    if unknown:
        sentence += " " + _("Of {values} too few seeds have ended.").format(values=_listed(unknown))
    return sentence


def _listed(values: Sequence[str]) -> str:
    return listed([f"**{value}**" for value in values])
