"""A figure over the values of a setting: a dot for every run, and a line through the means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import altair
import numpy as np
import pyarrow as pa

from pages.parts.widgets import chart
from pages.parts.widgets.chart import DASHES, GREY, MARKERS, Spec
from pages.parts.widgets.legends import Entry, entries_of, line_legend
from pages.parts.widgets.seed_bands import COLOURS

REFERENCE_DASH = [5, 4]
COLUMNS = {"x": pa.string(), "y": pa.float64(), "series": pa.string(), "kind": pa.string()}


@dataclass(frozen=True)
class ValueSeries:
    """One series of `seed_values`: its name, and a (value, figure) for each run."""

    name: str
    points: Sequence[tuple[str, float]]


def seed_values(
    series: Sequence[ValueSeries],
    values: Sequence[str],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    y_format: str = ".4~f",
    height: int = 300,
    reference: tuple[str, Mapping[str, float]] | None = None,
) -> None:
    """A dot for every run above its value, and a line through the means.

    `values` are all those on the axis, in order. `reference` is a dashed line to compare with: its name, and
    its figure at each value.
    """
    rows: list[tuple[str, float, str, str]] = []
    for line in series:
        rows += [(value, float(figure), line.name, "run") for value, figure in line.points]
        for value in values:
            if figures := [figure for at, figure in line.points if at == value]:
                rows.append((value, float(np.mean(figures)), line.name, "mean"))
    name, levels = reference or ("", {})
    rows += [(value, float(levels[value]), name, "reference") for value in values if value in levels]
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    table = pa.table(
        {column: pa.array(held, COLUMNS[column]) for column, held in zip(COLUMNS, columns, strict=True)}
    )
    names = tuple(line.name for line in series)
    legend = entries_of(names, COLOURS, DASHES, MARKERS)
    line_legend(legend + [Entry(name, GREY, REFERENCE_DASH)] * bool(reference))
    chart.draw(table, _spec(names, tuple(values), name, x, y, y_format, height), key, alt)


@lru_cache(maxsize=64)
def _spec(
    names: tuple[str, ...],
    values: tuple[str, ...],
    reference: str,
    x: str,
    y: str,
    y_format: str,
    height: int,
) -> Spec:
    every, compared = [*names, *([reference] if reference else [])], bool(reference)

    def styles(own: Sequence, of_reference: object) -> list:
        return [*(own[k % len(own)] for k in range(len(names))), *[of_reference] * compared]

    place = altair.X("x:O").title(x).sort(list(values)).scale(domain=list(values), type="point", padding=0.5)
    place = place.axis(grid=False, labelAngle=0, labelOverlap=True)
    colour = altair.Color("series:N").scale(domain=every, range=styles(COLOURS, GREY)).legend(None)
    dash = (
        altair.StrokeDash("series:N").scale(domain=every, range=styles(DASHES, REFERENCE_DASH)).legend(None)
    )
    shape = altair.Shape("series:N").scale(domain=every, range=styles(MARKERS, "stroke")).legend(None)
    tooltip = [
        altair.Tooltip("series:N").title(" "),
        altair.Tooltip("x:N").title(x),
        altair.Tooltip("y:Q").title(y).format(y_format),
    ]
    points = chart.of_rows().encode(x=place, y=chart.measured("y:Q", y, y_format, padding=8), color=colour)
    runs = points.transform_filter("datum.kind === 'run'")
    means = points.transform_filter("datum.kind !== 'run'")
    drawn = altair.layer(
        means.mark_line(strokeWidth=2).encode(strokeDash=dash),
        runs.mark_point(filled=True, size=55, fillOpacity=0.75).encode(shape=shape, tooltip=tooltip),
        means.mark_point(filled=True, size=200, opacity=0).encode(tooltip=tooltip),
    ).properties(height=height)
    return chart.spec(drawn)
