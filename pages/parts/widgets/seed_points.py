"""Points of repeated runs: a mark for each setting and seed, joined seed by seed, and each setting's mean.

Colours come from the theme, as in `charts`; every seed has a dash and a marker of its own besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from pages.parts.base.i18n import _
from pages.parts.widgets import charts
from pages.parts.widgets.charts import DASHES, MARKERS, NAMES

FORMATS = {"loss": ".4~f", "share": ".1~%", "part": ".1~%", "epochs": ",.1~f"}  # by a quantity's unit
LONGEST_UPRIGHT = 27  # letters of a title beside the y axis
GREY = "#7F8A96"
LEGEND: dict[str, Any] = {"title": None, "orient": "top", "offset": 8, "padding": 0}
LEGEND |= {"symbolSize": 90, "symbolOpacity": 1, "symbolStrokeWidth": 2, "labelLimit": 420}


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
    spec = _points_spec(names, tuple(dict.fromkeys(seeds)), values, x, y, FORMATS[unit], log)
    charts.draw(table, spec, key, alt)


@lru_cache(maxsize=128)
def _points_spec(
    names: tuple[str, ...],
    seeds: tuple[str, ...],
    values: tuple[float, ...],
    x: str,
    y: str,
    y_format: str,
    log: bool,
) -> dict[str, Any]:
    legend = legend_of(seeds)
    lines = 1 + max((name.count(", ") for name in names), default=0)
    measured = {"field": "y", "type": "quantitative", "title": y, "scale": {"zero": False, "padding": 14}}
    measured["axis"] = {"tickCount": 5, "format": y_format}
    if values and len(y) > LONGEST_UPRIGHT:
        measured["title"] = None  # it would be cut off; the page names the quantity above the chart
    if values:
        across, along = "x", "y"
        scale = {"type": "log", "nice": False} if log else {"zero": False}
        place = {"field": "x", "type": "quantitative", "title": x, "scale": {**scale, "padding": 24}}
        place["axis"] = {"values": list(values), "format": ",.7~f", "grid": False, "labelOverlap": False}
    else:
        across, along = "y", "x"
        place = {"field": "name", "type": "nominal", "title": None, "sort": list(names)}
        # A name of several settings stands in as many lines, around its place.
        place["axis"] = {**NAMES, "labelLimit": 190, "labelExpr": "split(datum.label, ', ')", "grid": False}
        place["axis"]["labelOffset"] = -7 * (lines - 1)
        if max((len(part) for name in names for part in name.split(", ")), default=0) > 18:
            legend["columns"] = 1  # long names leave a narrow page little room
    by_seed = {"field": "seed", "type": "nominal", "scale": {"domain": list(seeds)}}
    tooltip = [
        {"field": "name", "title": " "},
        {"field": "seed", "title": " "},
        {"field": "y", "type": "quantitative", "title": y, "format": y_format},
    ]
    of_seeds, of_means, of_references, of_borders = (
        [{"filter": f"datum.kind === '{kind}'"}] for kind in ("seed", "mean", "reference", "border")
    )
    layers = [
        {
            "transform": of_borders,
            "mark": {"type": "rule", "color": GREY, "strokeDash": [5, 3], "strokeWidth": 1.5, "aria": False},
            "encoding": {along: measured},
        },
        {
            "transform": of_seeds,
            "mark": {"type": "line", "strokeWidth": 1.3, "opacity": 0.55, "aria": False},
            "encoding": {
                across: place,
                along: measured,
                "color": {**by_seed, "legend": legend},
                "strokeDash": styled(by_seed, seeds, DASHES, None),
                "order": {"field": "order"},
            },
        },
        {
            "transform": of_means,
            "mark": {"type": "tick", "thickness": 3, "size": 30, "color": GREY, "aria": False}
            | ({"orient": "horizontal"} if values else {"orient": "vertical"}),
            "encoding": {across: place, along: measured},
        },
        {
            "transform": of_references,
            "mark": {"type": "line", "color": GREY, "strokeDash": [6, 4], "strokeWidth": 1.5, "aria": False},
            "encoding": {across: place, along: measured, "order": {"field": "order"}},
        },
        {
            "transform": of_references,
            "mark": {"type": "point", "filled": True, "shape": "diamond", "size": 80, "color": GREY}
            | {"opacity": 1, "aria": False},
            "encoding": {across: place, along: measured, "tooltip": [tooltip[0], tooltip[2]]},
        },
        {
            "transform": of_seeds,
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 0.95},
            "encoding": {
                across: place,
                along: measured,
                "color": {**by_seed, "legend": legend},
                "shape": styled(by_seed, seeds, MARKERS, legend),
                "tooltip": tooltip,
            },
        },
    ]
    step = max(46, 16 + 16 * lines)
    return {"height": 290 if values else max(200, 80 + step * len(names)), "layer": layers}


def legend_of(names: Sequence[str]) -> dict[str, Any]:
    """In as many columns as a narrow page has room for."""
    longest = max(map(len, names), default=0)
    return {**LEGEND, "columns": 3 if longest <= 10 else 2 if longest <= 18 else 1}


def styled(
    field: dict[str, Any], domain: tuple[str, ...], styles: Sequence[Any], legend: dict[str, Any] | None
) -> dict[str, Any]:
    chosen = [styles[k % len(styles)] for k in range(len(domain))]
    return {**field, "scale": {"domain": list(domain), "range": chosen}, "legend": legend}
