"""Curves of repeated runs: a thin line for each, those of a setting alike, so that every seed is seen.

Colours come from the theme, as in `charts`; every setting has a marker of its own, every quantity a dash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from pages.parts.base.i18n import _
from pages.parts.widgets import charts
from pages.parts.widgets.charts import DASHES, MARKERS
from pages.parts.widgets.seed_points import FORMATS, legend_of, styled

MOST_POINTS, MARKERS_A_LINE = 120, 8


@dataclass(frozen=True)
class SeedLine:
    """A value an epoch. Lines of one `name` share a colour and a marker, those of one `column` a dash."""

    name: str
    column: str
    seed: int
    values: Sequence[float]


def seed_curves(
    lines: Sequence[SeedLine],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    unit: str,
    height: int = 320,
    levels: Sequence[tuple[float, str]] = (),
) -> None:
    """A thin line for each run. `x` and `y` are the titles of the axes, `levels` as in `charts.curves`."""
    parts: dict[str, list[np.ndarray]] = {"x": [], "y": [], "mark": []}
    words: dict[str, list[str]] = {"name": [], "column": [], "seed": [], "line": []}
    for k, line in enumerate(lines):
        values = np.asarray(line.values, np.float64)
        kept = np.unique(np.linspace(0, len(values) - 1, min(len(values), MOST_POINTS)).round().astype(int))
        stride = max(1, len(kept) // MARKERS_A_LINE)
        parts["x"].append(kept + 1.0)
        parts["y"].append(np.where(np.isfinite(values[kept]), values[kept], np.nan))
        parts["mark"].append((np.arange(len(kept)) + k * stride // len(lines)) % stride == 0)
        for column, value in zip(
            words, (line.name, line.column, _("seed {n}").format(n=line.seed), str(k)), strict=True
        ):
            words[column] += [value] * len(kept)
    columns = {name: np.concatenate(arrays) if arrays else np.empty(0) for name, arrays in parts.items()}
    table = pa.table(
        {
            **columns,
            "y": pa.array(columns["y"], mask=~np.isfinite(columns["y"])),
            "mark": columns["mark"].astype(bool),
            **{name: pa.array(values, pa.string()) for name, values in words.items()},
        }
    )
    names = tuple(dict.fromkeys(line.name for line in lines))
    of_lines = tuple(dict.fromkeys(line.column for line in lines))
    spec = _curves_spec(names, of_lines, x, y, FORMATS[unit], height)
    charts.draw(table, charts.with_levels(spec, levels, spec["encoding"]["y"]), key, alt)


@lru_cache(maxsize=128)
def _curves_spec(
    names: tuple[str, ...], columns: tuple[str, ...], x: str, y: str, y_format: str, height: int
) -> dict[str, Any]:
    by_name = {"field": "name", "type": "nominal", "scale": {"domain": list(names)}}
    by_column = {"field": "column", "type": "nominal", "scale": {"domain": list(columns)}}
    # Lines of one column need no legend for their dash: it is told by colour and marker too.
    legend = legend_of(names)
    lengths = {**legend_of(columns), "symbolType": "stroke", "symbolSize": 400}
    dashed = (by_column, columns, DASHES, lengths) if len(columns) > 1 else (by_name, names, DASHES, None)
    measured = {"field": "y", "type": "quantitative", "title": y, "scale": {"zero": False, "padding": 5}}
    measured["axis"] = {"tickCount": 5, "format": y_format}
    epochs = {"field": "x", "type": "quantitative", "title": x}
    epochs["scale"] = {"zero": False, "nice": False, "padding": 6}
    epochs["axis"] = {"grid": False, "tickMinStep": 1, "format": ",.6~g", "labelFlush": False}
    colour = {**by_name, "legend": legend}
    hovered = charts.hover(["name", "column", "seed"], x, y, y_format)
    hovered["encoding"]["color"] = colour
    return {
        "height": height,
        "encoding": {"x": epochs, "y": measured, "detail": {"field": "line"}},
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 1.4, "opacity": 0.8, "clip": True, "aria": False},
                "encoding": {"color": colour, "strokeDash": styled(*dashed)},
            },
            {
                "transform": [{"filter": "datum.mark"}],
                "mark": {"type": "point", "filled": True, "size": 34, "opacity": 1, "aria": False},
                "encoding": {"color": colour, "shape": styled(by_name, names, MARKERS, legend)},
            },
            hovered,
        ],
    }
