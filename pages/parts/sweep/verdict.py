"""What a sweep has shown: figures by value and seed, and which lead exceeds what seeds alone make.

Values are compared on validation images, on the seeds that they have in common, every pair of them at once
(`statistics.apart`): where all values are alike, a lead is named in no more than 5 of 100 sweeps. The test
figure is for the best of them alone. Only runs that came to their end, with the settings they were begun
with, count; and while planned ones are to come no lead is named, since to stop at the first lead is to err
more often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fmnist_core.statistics import FEWEST_SEEDS, apart
from fmnist_core.store.runs import Run
from pages.parts.base.formatting import listed, number, percent
from pages.parts.base.i18n import _
from pages.parts.sweep.progress import Progress
from pages.parts.sweep.values import Values

Lead = Literal["beyond", "within", "missing"]  # seed noise; or too few seeds to tell


@dataclass(frozen=True)
class Verdict:
    """`best` is the value whose mean over the common `seeds` is; `against` says what its leads are."""

    best: Any
    against: Mapping[Any, Lead]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Seeds:
    """How many a value were `planned` when the sweep began, and whether runs are still `to_come`.

    A value is `unstable` if a run of it diverged: its other seeds are no fair sample, so it is not compared.
    """

    planned: int
    to_come: bool = False
    unstable: frozenset[Any] = frozenset()


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


def seeds_of(progress: Progress, values: Values) -> Seeds:
    planned = len({member.spec.seed for member in progress.sweep.members})
    failed = progress.as_planned("failed")
    unstable = frozenset(values.of(member.spec) for member, run in failed if run.end_reason == "diverged")
    return Seeds(planned, bool(progress.to_come), unstable)


def stable(by_value: Mapping[Any, Mapping[int, float]], seeds: Seeds) -> dict[Any, Mapping[int, float]]:
    """The figures of values of which no run diverged."""
    return {value: by_seed for value, by_seed in by_value.items() if value not in seeds.unstable}


def resolution(progress: Progress) -> float:
    """The least by which two validation figures can differ: one image of an accuracy; of a loss, nothing."""
    spec = progress.sweep.members[0].spec
    return 1 / spec.validation_size if spec.task == "classifier" and spec.validation_size else 0.0


def verdict(
    by_value: Mapping[Any, Mapping[int, float]], lower_is_better: bool, resolution: float = 0.0
) -> Verdict | None:
    """`None` until two values have figures of the same seed.

    A value with fewer than three seeds is left out where two others have as many, and is never the best.
    """
    known = {value: by_seed for value, by_seed in by_value.items() if by_seed}
    enough = {value: by_seed for value, by_seed in known.items() if len(by_seed) >= FEWEST_SEEDS}
    compared = enough if len(enough) > 1 else known
    common = tuple(sorted(set.intersection(*map(set, compared.values())))) if compared else ()
    if len(compared) < 2 or not common:
        return None
    table = np.array([[by_seed[seed] for seed in common] for by_seed in compared.values()])
    means = table.mean(1)
    place = int(np.argmin(means) if lower_is_better else np.argmax(means))
    values = list(compared)
    against: dict[Any, Lead] = {value: "missing" for value in known if value != values[place]}
    if len(common) >= FEWEST_SEEDS:
        beyond = apart(table, resolution)[place]
        leads = zip(values, beyond, strict=True)
        against |= {value: "beyond" if lead else "within" for value, lead in leads if value in against}
    return Verdict(values[place], against, common)


def in_words(
    validated: Mapping[Any, Mapping[int, float]],
    tested: Mapping[Any, Mapping[int, float]],
    words: Mapping[Any, str],
    lower: bool,
    seeds: Seeds,
    resolution: float = 0.0,
) -> str:
    """A few sentences, with the values in `words`; lower figures are better where they are losses.

    Figures `tested` are not spoken of while they are closed, or not all there.
    """
    judged = verdict(stable(validated, seeds), lower, resolution)
    diverged = ""
    if seeds.unstable:
        diverged = _("Not compared, since a run diverged: {values}.").format(
            values=_listed([words[value] for value in validated if value in seeds.unstable])
        )
    if judged is None and diverged:
        return diverged
    if judged is None:
        return _("Values are compared here once two or more have figures, all of them of a seed they share.")
    validation = _mean_in_words([validated[judged.best][seed] for seed in judged.seeds], lower)
    best = (
        _("**{value}** does best, with a mean validation loss of {figure}.")
        if lower
        else _("**{value}** does best, with a mean validation accuracy of {figure}.")
    ).format(value=words[judged.best], figure=validation)
    if not set(judged.seeds) <= tested[judged.best].keys():
        return f"{best} {_lead(judged, words, seeds)} {diverged}".rstrip()
    test = _mean_in_words([tested[judged.best][seed] for seed in judged.seeds], lower)
    checked = (
        _("On the test images, which had no say in the choice, its mean loss is {figure}: a fair score.")
        if lower
        else _(
            "On the test images, which had no say in the choice, its mean accuracy is {figure}: a fair score."
        )
    ).format(figure=test)
    return f"{best} {_lead(judged, words, seeds)} {checked} {diverged}".rstrip()


def without_validation() -> str:
    """Where there is nothing to choose by."""
    return _(
        "Without validation images no value is named best: test images are for judging a choice, and chosen "
        "by them, the best would look better than it is. Give the sweep validation images to have one named."
    )


def _mean_in_words(of_seeds: Sequence[float], lower: bool) -> str:
    mean = float(np.mean(of_seeds))
    return number(mean) if lower else percent(mean)


def _lead(judged: Verdict, words: Mapping[Any, str], seeds: Seeds) -> str:
    if seeds.to_come:
        return _("Whether that is luck is said once all planned runs have ended.")
    beyond = _listed([words[value] for value, lead in judged.against.items() if lead == "beyond"])
    within = _listed([words[value] for value, lead in judged.against.items() if lead == "within"])
    unknown = [words[value] for value, lead in judged.against.items() if lead == "missing"]
    if len(unknown) == len(judged.against):
        return _("Whether that is luck cannot be said: it takes {n} seeds in common, or more.").format(
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
    if len(judged.seeds) < seeds.planned:
        sentence += " " + _(
            "Seeds planned: {planned}, compared: {n}. A sweep that is stopped when a lead shows is wrong "
            "more often than 5 times in 100."
        ).format(n=len(judged.seeds), planned=seeds.planned)
    return sentence


def _listed(values: Sequence[str]) -> str:
    return listed([f"**{value}**" for value in values])
