"""A sum of products as a table: the largest, all others as one number, and the total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pages.parts.base.formatting import count
from pages.parts.base.i18n import _, ngettext
from pages.parts.training_step.numbers import words
from pages.parts.widgets.pinning.small_table import small_table


def products(
    name: str,
    found: Mapping[str, np.ndarray],
    places: Sequence[str],
    factors: tuple[str, str],
    ends: Sequence[tuple[str, float]] = (),
) -> None:
    """What a worker answers of a sum under its `name`, each product at one of `places`.

    `factors` are what the two are called; `ends` stand below, instead of the total.
    """
    errors, weights = found[f"{name}.errors"].tolist(), found[f"{name}.factors"].tolist()
    rows = [
        (place, words(error), words(weight), words(error * weight))
        for place, error, weight in zip(places, errors, weights, strict=True)
    ]
    others = int(found[f"{name}.count"]) - len(rows)
    if others:
        label = ngettext("{n} other", "{n} others", others).format(n=count(others))
        rows.append((label, "", "", words(float(found[f"{name}.rest"]))))
    for label, number in ends or ((_("Sum"), float(found[f"{name}.total"])),):
        rows.append((label, "", "", words(number)))
    heads = (_("Where"), factors[0], f"× {factors[1]}", _("= Product"))
    small_table(_("The largest products"), heads, rows, f"step_products_{name}")
