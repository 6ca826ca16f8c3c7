"""Horizontal bars, whole or in parts, and histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import altair
import numpy as np
import pyarrow as pa

from pages.parts.widgets import chart
from pages.parts.widgets.chart import NAMES, Spec

BAR_HEIGHT = altair.RelativeBandSize(band=0.7)


def bars(
    names: Sequence[str],
    values: Sequence[float],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    value_format: str = ",.0f",
    height: int = 300,
) -> None:
    """Horizontal bars, one a name, in the order given; `x` is the title of the values, `y` of the names."""
    table = pa.table({"name": list(names), "value": np.asarray(values, dtype=np.float64)})
    chart.draw(table, _bars_spec(tuple(names), x, y, value_format, height), key, alt)


def stacked(
    names: Sequence[str],
    parts: Mapping[str, Sequence[float]],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    height: int = 400,
) -> None:
    """Horizontal bars, one a name, made of `parts`: what each is called, and its value for every name."""
    table = pa.table(
        {
            "name": np.tile(list(names), len(parts)),
            "part": np.repeat(list(parts), len(names)),
            "order": np.repeat(np.arange(len(parts)), len(names)),
            "value": np.concatenate([np.asarray(v, dtype=np.float64) for v in parts.values()]),
        }
    )
    chart.draw(table, _stacked_spec(tuple(names), tuple(parts), x, y, height), key, alt)


def histogram(
    edges: Sequence[float],
    shares: Sequence[float],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    log: bool = False,
    height: int = 260,
) -> None:
    """A histogram from its n + 1 bin edges and n shares, shares as fractions of one."""
    shares = np.asarray(shares, dtype=np.float64)
    table = pa.table(
        {
            "from": np.asarray(edges[:-1], dtype=np.float64),
            "to": np.asarray(edges[1:], dtype=np.float64),
            # A logarithmic axis has no place for zero.
            "share": np.where(shares > 0, shares, np.nan) if log else shares,
        }
    )
    chart.draw(table, _histogram_spec(x, y, log, height), key, alt)


def _rows(names: tuple[str, ...], x: str, value_format: str) -> altair.Chart:
    """A row a name, its value along x."""
    by_name = altair.Y("name:N").sort(list(names)).title(None).axis(**NAMES, labelLimit=140)
    value = altair.X("value:Q").title(x).axis(format=value_format, tickCount=5)
    return chart.of_rows().encode(x=value, y=by_name)


def _tooltip(x: str, y: str, value_format: str) -> list[altair.Tooltip]:
    return [altair.Tooltip("name:N").title(y), altair.Tooltip("value:Q").title(x).format(value_format)]


@lru_cache(maxsize=64)
def _bars_spec(names: tuple[str, ...], x: str, y: str, value_format: str, height: int) -> Spec:
    drawn = _rows(names, x, value_format).encode(tooltip=_tooltip(x, y, value_format))
    return chart.spec(drawn.mark_bar(cornerRadiusEnd=3, height=BAR_HEIGHT).properties(height=height))


@lru_cache(maxsize=16)
def _stacked_spec(names: tuple[str, ...], parts: tuple[str, ...], x: str, y: str, height: int) -> Spec:
    colour = altair.Color("part:N").scale(domain=list(parts))
    colour = colour.legend(title=None, orient="top", offset=8, padding=0, columns=3, labelFontSize=12)
    tooltip = [*_tooltip(x, y, ",.0f"), altair.Tooltip("part:N").title(" ")]
    drawn = _rows(names, x, ",.0f").encode(color=colour, order=altair.Order("order:Q"), tooltip=tooltip)
    return chart.spec(drawn.mark_bar(height=BAR_HEIGHT).properties(height=height))


@lru_cache(maxsize=16)
def _histogram_spec(x: str, y: str, log: bool, height: int) -> Spec:
    share = altair.Y("share:Q").title(y).stack(None).axis(format=".1~%", tickCount=5)
    share = share.scale(type="log", domainMin=1e-4) if log else share.scale(zero=True)
    # The last label, near the edge, is moved in instead of cut off.
    brightness = altair.X("from:Q").title(x).bin("binned").axis(labelFlush=12)
    tooltip = [altair.Tooltip("from:Q").title(x), altair.Tooltip("share:Q").title(y).format(".2%")]
    drawn = chart.of_rows().encode(x=brightness, x2=altair.X2("to"), y=share, tooltip=tooltip)
    return chart.spec(drawn.mark_bar(binSpacing=1, cornerRadiusEnd=2).properties(height=height))
