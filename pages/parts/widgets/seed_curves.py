"""Curves of repeated runs: a thin line for each, those of a setting alike, so that every seed is seen.

Colours come from the theme, as in `chart`; every setting has a marker of its own, every quantity a dash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import altair
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.widgets import chart
from pages.parts.widgets.chart import DASHES, GREY, MARKERS, Levels, Spec
from pages.parts.widgets.legends import entries_of, line_legend
from pages.parts.widgets.seed_points import FORMATS

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
    levels: Levels = (),
) -> None:
    """A thin line for each run. `x` and `y` are the titles of the axes, `levels` as in `curves`."""
    parts: dict[str, list[np.ndarray]] = {"x": [], "y": [], "mark": []}
    words: dict[str, list[str]] = {"name": [], "column": [], "seed": [], "line": []}
    for k, line in enumerate(lines):
        values = np.asarray(line.values, np.float64)
        points = np.unique(np.linspace(0, len(values) - 1, min(len(values), MOST_POINTS)).round().astype(int))
        stride = max(1, len(points) // MARKERS_A_LINE)
        parts["x"].append(points + 1.0)
        parts["y"].append(np.where(np.isfinite(values[points]), values[points], np.nan))
        parts["mark"].append((np.arange(len(points)) + k * stride // len(lines)) % stride == 0)
        for column, value in zip(
            words, (line.name, line.column, _("seed {n}").format(n=line.seed), str(k)), strict=True
        ):
            words[column] += [value] * len(points)
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
    quantities = tuple(dict.fromkeys(line.column for line in lines))
    colours = st.get_option("theme.chartCategoricalColors")
    legend = entries_of(names, colours, DASHES if len(quantities) == 1 else DASHES[:1], MARKERS)
    if len(quantities) > 1:
        legend += entries_of(quantities, [GREY], DASHES, ["stroke"])
    line_legend(legend, levels)
    chart.draw(table, _spec(names, quantities, x, y, FORMATS[unit], height, tuple(levels)), key, alt)


@lru_cache(maxsize=32)
def _spec(
    names: tuple[str, ...],
    columns: tuple[str, ...],
    x: str,
    y: str,
    y_format: str,
    height: int,
    levels: tuple[tuple[float, str], ...],
) -> Spec:
    across, up = chart.along_epochs(x, ",.6~g"), chart.measured("y:Q", y, y_format)
    field, dashed = ("column:N", columns) if len(columns) > 1 else ("name:N", names)
    dash = chart.styled(altair.StrokeDash(field), dashed, DASHES).legend(None)
    shape = chart.styled(altair.Shape("name:N"), names, MARKERS).legend(None)
    colour = altair.Color("name:N").scale(domain=list(names)).legend(None)
    lines = chart.of_rows().encode(x=across, y=up, color=colour, detail="line:N")
    drawn = altair.layer(
        lines.mark_line(strokeWidth=1.4, opacity=0.8, clip=True, aria=False).encode(strokeDash=dash),
        lines.mark_point(filled=True, size=34, opacity=1, aria=False)
        .encode(shape=shape)
        .transform_filter("datum.mark"),
        chart.hover(lines, ["name", "column", "seed"], x, y, y_format),
        *chart.across(levels, up),
    )
    return chart.spec(drawn.properties(height=height))
