"""Points of repeated runs: a mark for each setting and seed, joined seed by seed, and each setting's mean.

Colours come from the theme, as in `chart`; every seed has a dash and a marker of its own besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import altair
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.widgets import chart
from pages.parts.widgets.chart import DASHES, MARKERS, NAMES, Spec
from pages.parts.widgets.legends import entries_of, line_legend

FORMATS = {  # by a quantity's unit
    "loss": ".4~f",
    "loss_difference": ".4~f",
    "share": ".1~%",
    "part": ".1~%",
    "epochs": ",.1~f",
    "seconds": ",.2~f",
}
LONGEST_UPRIGHT = 27  # letters of a title beside the y axis
GREY = "#7F8A96"


@dataclass(frozen=True)
class SeedPoint:
    """`x` is a number where all points of a chart have one; then it gives the place, else the name does."""

    name: str
    seed: int
    x: float | None
    y: float


def seed_points(
    points: Sequence[SeedPoint],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    unit: str,
    log: bool = False,
    borders: Sequence[float] = (),
    reference: Mapping[str, float] | None = None,
) -> None:
    """A mark for each seed, joined to that seed's others, and a tick at the mean; `borders` are lines across.

    `reference` has a figure to compare with for each name, drawn as a dashed line of diamonds.

    What is not finite is left out; say so in words.
    """
    drawn = [point for point in points if np.isfinite(point.y)]
    names = tuple(dict.fromkeys(point.name for point in drawn))
    numeric = bool(drawn) and all(point.x is not None for point in drawn)
    seeds = [_("seed {n}").format(n=point.seed) for point in drawn]
    means = [[point.y for point in drawn if point.name == name] for name in names]
    places = {point.name: point.x for point in drawn}
    rows = [(p.name, p.x, p.y, seed, "seed") for p, seed in zip(drawn, seeds, strict=True)]
    rows += [(n, places[n], float(np.mean(m)), None, "mean") for n, m in zip(names, means, strict=True)]
    rows += [(n, places[n], y, None, "reference") for n, y in (reference or {}).items() if n in places]
    rows += [(None, None, border, None, "border") for border in borders]
    columns = zip(*rows, strict=True) if rows else [()] * 5
    types = {
        "name": pa.string(),
        "x": pa.float64(),
        "y": pa.float64(),
        "seed": pa.string(),
        "kind": pa.string(),
    }
    table = pa.table(
        {name: pa.array(column, types[name]) for name, column in zip(types, columns, strict=True)}
    )
    order = [names.index(row[0]) if row[0] is not None else None for row in rows]
    table = table.append_column("order", pa.array(order, pa.int64()))
    values = tuple(sorted(set(places.values()))) if numeric else ()
    all_seeds = tuple(dict.fromkeys(seeds))
    line_legend(entries_of(all_seeds, st.get_option("theme.chartCategoricalColors"), DASHES, MARKERS))
    spec = _spec(names, all_seeds, values, x, y, FORMATS[unit], log)
    chart.draw(table, spec, key, alt)


@lru_cache(maxsize=32)
def _spec(
    names: tuple[str, ...],
    seeds: tuple[str, ...],
    values: tuple[float, ...],
    x: str,
    y: str,
    y_format: str,
    log: bool,
) -> Spec:
    lines = 1 + max((name.count(", ") for name in names), default=0)
    figure = altair.Y if values else altair.X
    title = None if values and len(y) > LONGEST_UPRIGHT else y  # cut off otherwise; the page names it too
    measured = figure("y:Q").title(title).scale(zero=False, padding=14).axis(tickCount=5, format=y_format)
    along = {"y" if values else "x": measured}
    place = {"x": _numbers(values, x, log)} if values else {"y": _names(names, lines)}
    colour = altair.Color("seed:N").scale(domain=list(seeds)).legend(None)
    dash = chart.styled(altair.StrokeDash("seed:N"), seeds, DASHES).legend(None)
    shape = chart.styled(altair.Shape("seed:N"), seeds, MARKERS).legend(None)
    name, seed = altair.Tooltip("name:N").title(" "), altair.Tooltip("seed:N").title(" ")
    shown = altair.Tooltip("y:Q").title(y).format(y_format)
    borders, of_seeds, means, references = (
        chart.of_rows().transform_filter(f"datum.kind === '{kind}'").encode(**along)
        for kind in ("border", "seed", "mean", "reference")
    )
    of_seeds, means, references = (points.encode(**place) for points in (of_seeds, means, references))
    tick = {"thickness": 3, "size": 30, "orient": "horizontal" if values else "vertical"}
    in_order = altair.Order("order:Q")
    drawn = altair.layer(
        borders.mark_rule(color=GREY, strokeDash=[5, 3], strokeWidth=1.5, aria=False),
        of_seeds.mark_line(strokeWidth=1.3, opacity=0.55, aria=False).encode(
            color=colour, strokeDash=dash, order=in_order
        ),
        means.mark_tick(**tick, color=GREY, aria=False),
        references.mark_line(color=GREY, strokeDash=[6, 4], strokeWidth=1.5, aria=False).encode(
            order=in_order
        ),
        references.mark_point(
            filled=True, shape="diamond", size=80, color=GREY, opacity=1, aria=False
        ).encode(tooltip=[name, shown]),
        of_seeds.mark_point(filled=True, size=80, opacity=0.95).encode(
            color=colour, shape=shape, tooltip=[name, seed, shown]
        ),
    )
    step = max(46, 16 + 16 * lines)
    return chart.spec(drawn.properties(height=290 if values else max(200, 80 + step * len(names))))


def _numbers(values: tuple[float, ...], title: str, log: bool) -> altair.X:
    """The places of settings that are numbers, each with its label."""
    scale = {"type": "log", "nice": False} if log else {"zero": False}
    place = altair.X("x:Q").title(title).scale(**scale, padding=24)
    return place.axis(values=list(values), format=",.7~f", grid=False, labelOverlap=False)


def _names(names: tuple[str, ...], lines: int) -> altair.Y:
    """The places of settings that have names; one of several parts stands in as many lines."""
    place = altair.Y("name:N").title(None).sort(list(names))
    in_lines = {"labelExpr": "split(datum.label, ', ')", "labelOffset": -7 * (lines - 1)}
    return place.axis(**NAMES, **in_lines, labelLimit=190, grid=False)
