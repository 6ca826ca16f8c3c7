"""`python -m fmnist_core verify --check`: verdicts and published figures, recomputed from the evidence file.

Nothing is trained, and evidence that is missing is no error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from fmnist_core.replication.claims import CLAIMS, Claim
from fmnist_core.replication.claims.judge import PartVerdict, Verdict, arranged, judge
from fmnist_core.replication.claims.published import AGREEMENT, FIGURES, Comparison, comparisons
from fmnist_core.replication.claims.wording import (
    DECISIONS,
    deciding,
    figures,
    part_sentence,
    verdict_sentence,
    verdict_word,
)
from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.records import Records
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.statistics import FEWEST_SEEDS, mean


def checked(file: Path, wanted: Collection[str], asked: Sequence[Claim] = ()) -> str:
    """Verdicts on the claims that `wanted` experiments decide, and published figures beside ours, as text.

    With claims `asked` for by name, those alone, and every part of them. Raises `EvidenceError` if the file
    is damaged or out of date.
    """
    known = arranged(records.read(file, EXPERIMENTS))
    claims = asked or [claim for claim in CLAIMS.values() if set(claim.experiments) <= set(wanted)]
    verdicts = [judge(claim, known) for claim in claims]
    lines = [_where_from(file, known)]
    if verdicts:
        lines += ["", *_claims(verdicts, bool(asked))]
    compared = [
        comparison
        for report in REPORTS.values()
        for comparison in comparisons(report, known)
        if comparison.experiment.id in wanted
    ]
    if compared:
        lines += ["", *_published(compared)]
    return "\n".join(lines)


def _where_from(file: Path, records: Records) -> str:
    runs = sum(len(seeds) for seeds in records.values())
    needed = FEWEST_SEEDS * len(EXPERIMENTS)
    if not runs:
        return f"There is no evidence in {file} yet. Gather it with: python -m fmnist_core verify"
    return f"{runs} runs in {file}; {needed} are {FEWEST_SEEDS} seeds of every experiment."


def _claims(verdicts: Sequence[Verdict], detailed: bool) -> list[str]:
    lines = []
    for verdict in verdicts:
        word = str(verdict_word(verdict))
        runs = f"{verdict.runs}/{verdict.needed} runs"
        lines.append(f"{verdict.claim.id:4} {word:30} {runs:12} {verdict.claim.sentence}")
        if detailed:
            lines.append(f"     {verdict.claim.criterion}")
            lines += [f"     {_part(verdict, part)}" for part in verdict.parts]
        elif verdict.decision != "missing" or verdict.mixed:
            lines.append(f"     {verdict_sentence(verdict)}")
    counted = Counter(verdict.decision for verdict in verdicts)
    counts = [f"{counted[decision]} {word}" for decision, word in DECISIONS.items()]
    return [*lines, "", f"{len(verdicts)} claims: {', '.join(counts)}."]


def _part(verdict: Verdict, part: PartVerdict) -> str:
    mark = "→" if part is deciding(verdict) else " "
    numbers = f": {figures(part)}" if part.estimate is not None else ""
    return f"{mark} {DECISIONS[part.decision]}: {part_sentence(verdict.claim, part.part)}{numbers}"


def _published(compared: Iterable[Comparison]) -> list[str]:
    lines = [f"{'experiment':20} {'figure':16} {'published':>11} {'ours':>18} {'seeds':>5}"]
    for comparison in compared:
        published = comparison.published
        quantity = FIGURES[published.figure]
        ours = [str(quantity.text(mean(list(comparison.values.values()))))] if comparison.values else ["–"]
        if comparison.estimate is not None:
            ours.append(str(quantity.text(comparison.estimate.standard_deviation)))
        relation = "" if published.relation == "=" else f"{published.relation} "
        value = f"{relation}{quantity.text(published.value, published.decimals)}"
        lines.append(
            f"{comparison.experiment.id:20} {published.figure:16} {value:>11} {' ± '.join(ours):>18} "
            f"{len(comparison.values):>5}  {AGREEMENT[comparison.decision]}{_off(comparison)}"
        )
        lines += [f"     {reason}" for reason in comparison.reasons]
    return [*lines, "ours: mean ± spread over seeds"]


def _off(comparison: Comparison) -> str:
    """By how much, where they differ."""
    if comparison.decision != "refuted" or comparison.estimate is None:
        return ""
    ours, theirs = comparison.estimate.mean, comparison.published.value
    if FIGURES[comparison.published.figure].unit == "share":
        return f" by {100 * (ours - theirs):+.1f} points"
    return f" by {100 * (ours / theirs - 1):+.1f} %"
