"""Curves of several seeds as one: the mean of each setting, and around it a band from lowest to highest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import altair
import numpy as np
import pyarrow as pa

from pages.parts.base.i18n import _
from pages.parts.widgets import chart
from pages.parts.widgets.chart import DASHES, MARKERS, Levels, Spec
from pages.parts.widgets.legends import entries_of, line_legend

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F8A96", "#0072B2"]
MARKERS_A_LINE = 12


@dataclass(frozen=True)
class Band:
    """Repeated curves as one: at each x the mean of those that have come there, the lowest, the highest."""

    name: str
    x: Sequence[float]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def seed_bands(
    series: Sequence[Band],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    y_format: str = ".4~f",
    height: int = 300,
    levels: Levels = (),
) -> None:
    """The mean of each, and around it, pale, from the lowest to the highest. As in `curves`, names and their
    order must stay while data moves; a series may be empty until it has points.
    """
    columns = {
        name: np.concatenate(
            [np.asarray(getattr(band, name), np.float64) for band in series] or [np.empty(0)]
        )
        for name in ("x", "mean", "low", "high")
    }
    names = [band.name for band in series for _point in band.x]
    marks = [
        k % max(1, -(-len(band.x) // MARKERS_A_LINE)) == 0 for band in series for k in range(len(band.x))
    ]
    table = pa.table(
        {
            **{name: pa.array(column, mask=~np.isfinite(column)) for name, column in columns.items()},
            "series": pa.array(names, pa.string()),
            "mark": pa.array(marks, pa.bool_()),
        }
    )
    line_legend(entries_of([band.name for band in series], COLOURS, DASHES, MARKERS), levels)
    titles = (x, y, _("Lowest"), _("Highest"))
    spec = _spec(tuple(band.name for band in series), titles, y_format, height, tuple(levels))
    chart.draw(table, spec, key, alt, zoom=True)


@lru_cache(maxsize=64)
def _spec(
    names: tuple[str, ...],
    titles: tuple[str, str, str, str],
    y_format: str,
    height: int,
    levels: tuple[tuple[float, str], ...],
) -> Spec:
    x, y, lowest, highest = titles
    colour = chart.styled(altair.Color("series:N"), names, COLOURS).legend(None)
    dash = chart.styled(altair.StrokeDash("series:N"), names, DASHES).legend(None)
    shape = chart.styled(altair.Shape("series:N"), names, MARKERS).legend(None)
    tooltip = [altair.Tooltip("series:N").title(" "), altair.Tooltip("x:Q").title(x).format(",.6~g")]
    tooltip += [
        altair.Tooltip(f"{field}:Q").title(title).format(y_format)
        for field, title in (("mean", y), ("low", lowest), ("high", highest))
    ]
    along, mean = (
        chart.of_rows().encode(x=chart.along_epochs(x), color=colour),
        chart.measured("mean:Q", y, y_format),
    )
    means = along.encode(y=mean)
    drawn = altair.layer(
        along.mark_area(opacity=0.16, clip=True)
        .encode(y=chart.measured("low:Q", y, y_format), y2=altair.Y2("high"))
        .add_params(chart.zoom()),
        means.mark_line(strokeWidth=2, clip=True).encode(strokeDash=dash),
        means.mark_point(filled=True, size=42, clip=True, opacity=1)
        .encode(shape=shape)
        .transform_filter("datum.mark"),
        means.mark_point(filled=True, size=160, opacity=0, clip=True).encode(tooltip=tooltip),
        *chart.across(levels, mean),
    ).properties(height=height)
    return chart.spec(drawn)
