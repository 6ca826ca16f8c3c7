"""Names that were put in order, lowest first, against the values that came: pairs, the lowest, the highest.

What reads alike on the page is a tie: its order counts neither way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from fmnist_core.lessons.quantities import Quantity
from fmnist_core.sentences import Sentence


@dataclass(frozen=True)
class OrderJudgement:
    """Of `pairs` pairs that do not tie, `right` were put in their order.

    `lowest` and `highest` are the names that have that value, and what was said to have it. `ties` are groups
    of names of one value.
    """

    right: int
    pairs: int
    lowest: tuple[str, ...]
    highest: tuple[str, ...]
    lowest_said: str
    highest_said: str
    ties: tuple[tuple[str, ...], ...]


def judge_order(order: Sequence[str], values: Mapping[str, float]) -> OrderJudgement | None:
    """`values` as they read; names without one are left out. `None` where there are not two to compare."""
    ranked = [name for name in order if name in values]
    if len(ranked) < 2:
        return None
    pairs = [(before, after) for before, after in combinations(ranked, 2) if values[before] != values[after]]
    groups: dict[float, list[str]] = {}
    for name in ranked:
        groups.setdefault(values[name], []).append(name)
    return OrderJudgement(
        right=sum(values[before] < values[after] for before, after in pairs),
        pairs=len(pairs),
        lowest=tuple(groups[min(groups)]),
        highest=tuple(groups[max(groups)]),
        lowest_said=ranked[0],
        highest_said=ranked[-1],
        ties=tuple(tuple(group) for group in groups.values() if len(group) > 1),
    )


def order_sentences(
    judgement: OrderJudgement | None,
    values: Mapping[str, float],
    names: Mapping[str, str],
    quantity: Quantity,
) -> tuple[Sentence, ...]:
    """What was right and what was not; `names` are what is ranked, as the page calls it."""
    if judgement is None:
        return (Sentence("There are no two values to compare."),)
    if judgement.pairs == 0:
        return (Sentence("All read alike, so no order is right or wrong."),)
    return (
        _of_pairs(judgement),
        _of_lowest(judgement, values, names, quantity),
        _of_highest(judgement, values, names, quantity),
        *(
            Sentence(
                "{names} read alike, so their order counts neither way.",
                names=_quoted([names[name] for name in group]),
            )
            for group in judgement.ties
        ),
    )


def _of_lowest(
    judgement: OrderJudgement, values: Mapping[str, float], names: Mapping[str, str], quantity: Quantity
) -> Sentence:
    said, value = judgement.lowest_said, quantity.text(values[judgement.lowest[0]])
    if said in judgement.lowest:
        return Sentence("Right: the lowest is “{name}” ({value}).", name=names[said], value=value)
    return Sentence(
        "Not so: the lowest is “{name}” ({value}); you put “{said}” there.",
        name=names[judgement.lowest[0]],
        value=value,
        said=names[said],
    )


def _of_highest(
    judgement: OrderJudgement, values: Mapping[str, float], names: Mapping[str, str], quantity: Quantity
) -> Sentence:
    said, value = judgement.highest_said, quantity.text(values[judgement.highest[0]])
    if said in judgement.highest:
        return Sentence("Right: the highest is “{name}” ({value}).", name=names[said], value=value)
    return Sentence(
        "Not so: the highest is “{name}” ({value}); you put “{said}” there.",
        name=names[judgement.highest[0]],
        value=value,
        said=names[said],
    )


def _quoted(names: Sequence[str]) -> Sentence:
    """“A”, “B”, in the quotation marks of the reader's language."""
    quoted = Sentence("“{name}”", name=names[-1])
    for name in reversed(names[:-1]):
        quoted = Sentence("“{name}”, {others}", name=name, others=quoted)
    return quoted


def _of_pairs(judgement: OrderJudgement) -> Sentence:
    if judgement.right == judgement.pairs:
        return Sentence("Your order is right.")
    if judgement.right == 0:
        return Sentence("Your order is the reverse of what came.")
    return Sentence(
        "{right} of {pairs} pairs are in the right order.", right=judgement.right, pairs=judgement.pairs
    )
