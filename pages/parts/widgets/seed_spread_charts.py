"""Charts of repeated runs: a figure over values with every run as a dot, and curves with their spread.

Specs are constant while data moves, and colours come from the theme, as in `charts`.
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
from pages.parts.widgets.charts import DASHES, MARKERS

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F8A96", "#0072B2"]


@dataclass(frozen=True)
class Over:
    """One series of `over`: its name, and a (value, figure) for each run."""

    name: str
    points: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Band:
    """Repeated curves as one: at each x the mean of those that have come there, the lowest, the highest."""

    name: str
    x: Sequence[float]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def over(
    series: Sequence[Over],
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
    found: dict[str, list[Any]] = {"x": [], "y": [], "series": [], "kind": []}

    def add(value: str, figure: float, name: str, kind: str) -> None:
        for column, entry in zip(found.values(), (value, float(figure), name, kind), strict=True):
            column.append(entry)

    for one in series:
        for value, figure in one.points:
            add(value, figure, one.name, "run")
        for value in values:
            if here := [figure for at, figure in one.points if at == value]:
                add(value, np.mean(here), one.name, "mean")
    name, line = reference or ("", {})
    for value in values:
        if value in line:
            add(value, line[value], name, "reference")
    types = {"x": pa.string(), "y": pa.float64(), "series": pa.string(), "kind": pa.string()}
    table = pa.table({column: pa.array(entries, types[column]) for column, entries in found.items()})
    names = tuple(one.name for one in series)
    spec = _over_spec(names, tuple(values), name, x, y, y_format, height)
    charts.draw(table, spec, key, alt)


def bands(
    series: Sequence[Band],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    y_format: str = ".4~f",
    height: int = 300,
    levels: Sequence[tuple[float, str]] = (),
) -> None:
    """The mean of each, and around it, pale, from the lowest to the highest. As in `charts.curves`, names and
    their order must stay while data moves; a series may be empty until it has points.
    """
    columns = {
        name: np.concatenate([np.asarray(getattr(one, name), np.float64) for one in series] or [np.empty(0)])
        for name in ("x", "mean", "low", "high")
    }
    names = [one.name for one in series for _point in one.x]
    marks = [k % max(1, -(-len(one.x) // 12)) == 0 for one in series for k in range(len(one.x))]
    table = pa.table(
        {
            **{name: pa.array(column, mask=~np.isfinite(column)) for name, column in columns.items()},
            "series": pa.array(names, pa.string()),
            "mark": pa.array(marks, pa.bool_()),
        }
    )
    words = (_("Lowest"), _("Highest"))
    spec = _bands_spec(tuple(one.name for one in series), x, y, words, y_format, height)
    drawn = charts.with_levels(spec, levels, spec["layer"][1]["encoding"]["y"])
    charts.draw(table, drawn, key, alt, zoom=True)


@lru_cache(maxsize=64)
def _over_spec(
    names: tuple[str, ...],
    values: tuple[str, ...],
    reference: str,
    x: str,
    y: str,
    y_format: str,
    height: int,
) -> dict[str, Any]:
    told = {"title": None, "orient": "top", "symbolSize": 90, "labelLimit": 260, "symbolOpacity": 1}
    every = [*names, reference] if reference else list(names)
    colours = [COLOURS[k % len(COLOURS)] for k in range(len(names))] + ["#808890"] * bool(reference)
    scale = {"domain": every, "range": colours}
    measured = {"field": "y", "type": "quantitative", "title": y}
    measured |= {"scale": {"zero": False, "padding": 8}, "axis": {"tickCount": 5, "format": y_format}}
    place = {"field": "x", "type": "ordinal", "title": x, "sort": list(values)}
    place |= {"scale": {"domain": list(values), "type": "point", "padding": 0.5}}
    place["axis"] = {"grid": False, "labelAngle": 0, "labelOverlap": True}
    dashes = [*(DASHES[k % len(DASHES)] for k in range(len(names))), [5, 4]][: len(every)]
    dash = {"field": "series", "type": "nominal", "scale": {"domain": every, "range": dashes}}
    shapes = [*(MARKERS[k % len(MARKERS)] for k in range(len(names))), "stroke"][: len(every)]
    shape = {"field": "series", "type": "nominal", "scale": {"domain": every, "range": shapes}}
    for one in (dash, shape):
        one["legend"] = told
    tooltip = [
        {"field": "series", "title": " "},
        {"field": "x", "title": x},
        {"field": "y", "type": "quantitative", "title": y, "format": y_format},
    ]
    return {
        "height": height,
        "encoding": {
            "x": place,
            "y": measured,
            "color": {"field": "series", "type": "nominal", "scale": scale, "legend": told},
        },
        "layer": [
            {
                "transform": [{"filter": "datum.kind !== 'run'"}],
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"strokeDash": dash},
            },
            {
                "transform": [{"filter": "datum.kind === 'run'"}],
                "mark": {"type": "point", "filled": True, "size": 55, "fillOpacity": 0.75},
                "encoding": {"shape": shape, "tooltip": tooltip},
            },
            {
                "transform": [{"filter": "datum.kind !== 'run'"}],
                "mark": {"type": "point", "filled": True, "size": 200, "opacity": 0},
                "encoding": {"tooltip": tooltip},
            },
        ],
        "config": {"legend": {"columns": 2, "offset": 8, "padding": 0}},
    }


@lru_cache(maxsize=64)
def _bands_spec(
    names: tuple[str, ...], x: str, y: str, words: tuple[str, str], y_format: str, height: int
) -> dict[str, Any]:
    legend = {"title": None, "orient": "top", "symbolSize": 90, "symbolStrokeWidth": 2, "labelLimit": 260}
    legend |= {"symbolOpacity": 1}  # which the pale band would share
    by_name = {"field": "series", "type": "nominal"}

    def styled(styles: Sequence[Any]) -> dict[str, Any]:
        given = [styles[k % len(styles)] for k in range(len(names))]
        return {**by_name, "scale": {"domain": list(names), "range": given}, "legend": legend}

    colour = styled(COLOURS)
    across = {"field": "x", "type": "quantitative", "title": x}
    across["scale"] = {"zero": False, "nice": False, "padding": 6}
    across["axis"] = {"grid": False, "tickMinStep": 1, "format": ".6~g", "labelFlush": False}
    measured = {"field": "mean", "type": "quantitative", "title": y}
    measured |= {"scale": {"zero": False, "padding": 5}, "axis": {"tickCount": 5, "format": y_format}}
    zoom = {"type": "interval", "zoom": "wheel![event.shiftKey]"}
    figures = [("mean", y), ("low", words[0]), ("high", words[1])]
    tooltip = [
        {"field": "series", "title": " "},
        {"field": "x", "type": "quantitative", "title": x, "format": ","},
        *({"field": f, "type": "quantitative", "title": t, "format": y_format} for f, t in figures),
    ]
    return {
        "height": height,
        "encoding": {"x": across},
        "layer": [
            {
                "params": [{"name": "zoom", "select": zoom, "bind": "scales"}],
                "mark": {"type": "area", "opacity": 0.16, "clip": True},
                "encoding": {
                    "y": {**measured, "field": "low"},
                    "y2": {"field": "high"},
                    "color": colour,
                },
            },
            {
                "mark": {"type": "line", "strokeWidth": 2, "clip": True},
                "encoding": {"y": measured, "color": colour, "strokeDash": styled(DASHES)},
            },
            {
                "transform": [{"filter": "datum.mark"}],
                "mark": {"type": "point", "filled": True, "size": 42, "clip": True, "opacity": 1},
                "encoding": {"y": measured, "color": colour, "shape": styled(MARKERS)},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 160, "opacity": 0, "clip": True},
                "encoding": {"y": measured, "color": colour, "tooltip": tooltip},
            },
        ],
        "config": {"legend": {"columns": 3, "offset": 8, "padding": 0}},
    }
