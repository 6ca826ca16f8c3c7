"""A value above each name: what was predicted as a dashed line or a range, what came as a solid line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import altair
import pyarrow as pa
import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.widgets import chart
from pages.parts.widgets.chart import DASHES, MARKERS, Spec
from pages.parts.widgets.legends import entries_of, line_legend

COLUMNS = {"x": pa.string(), "y": pa.float64(), "high": pa.float64(), "series": pa.string()}
BAND = 46  # pixels, the width of a range
SMALL_TEXT = 9
LETTER_WIDTH = 7  # pixels, on average and with some room between names


@dataclass(frozen=True)
class Range:
    """Where the value of `name` was predicted to lie."""

    name: str
    low: float
    high: float


def names_chart(
    names: Sequence[str],
    came: Mapping[str, float],
    predicted: Mapping[str, float] | Range | None,
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    y_format: str,
    joined: bool = True,
) -> None:
    """`names` stand along x, in this order, also those of which nothing came. `joined` says whether a line
    goes through what came.
    """
    result, prediction = _("Result"), _("Your prediction")
    rows: list[tuple[str, float, float | None, str]] = [
        (name, came[name], None, result) for name in names if name in came
    ]
    if isinstance(predicted, Range):
        rows.append((predicted.name, predicted.low, predicted.high, prediction))
    elif predicted:
        rows += [(name, predicted[name], None, prediction) for name in names if name in predicted]
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    table = pa.table(
        {name: pa.array(held, COLUMNS[name]) for name, held in zip(COLUMNS, columns, strict=True)}
    )
    series = (result,) if predicted is None else (result, prediction)
    line_legend(entries_of(series, st.get_option("theme.chartCategoricalColors"), DASHES, MARKERS))
    chart.draw(table, _spec(tuple(names), series, joined, x, y, y_format), key, alt)


def _in_lines(names: int) -> str:
    """A long name in several lines, as wide as there is room: none is left out, on a narrow page either."""
    letters = f"floor(width / {names * LETTER_WIDTH})"
    pattern = f"regexp('(.{{1,' + max(1, {letters}) + '}})( |$)', 'g')"
    return f"split(trim(replace(datum.label, {pattern}, '$1\\n')), '\\n')"


def _font_size(names: Sequence[str]) -> str:
    """Smaller where the longest word is wider than its place."""
    longest = max((len(word) for name in names for word in name.split()), default=0)
    return f"width < {len(names) * longest * LETTER_WIDTH} ? {SMALL_TEXT} : {chart.TEXT_SIZE['expr']}"


@lru_cache(maxsize=64)
def _spec(
    names: tuple[str, ...], series: tuple[str, ...], joined: bool, x: str, y: str, y_format: str
) -> Spec:
    place = altair.X("x:O").title(x or None).sort(list(names))
    place = place.scale(domain=list(names), type="point", padding=0.5)
    place = place.axis(
        grid=False,
        labelAngle=0,
        labelOverlap=False,
        labelLimit=0,
        labelExpr=_in_lines(len(names)),
        labelFontSize=altair.ExprRef(_font_size(names)),
    )
    up = chart.measured("y:Q", y, y_format, padding=8)
    colour = altair.Color("series:N").scale(domain=list(series)).legend(None)
    dash = chart.styled(altair.StrokeDash("series:N"), series, DASHES).legend(None)
    shape = chart.styled(altair.Shape("series:N"), series, MARKERS).legend(None)
    tooltip = [
        altair.Tooltip("series:N").title(" "),
        altair.Tooltip("x:N").title(x),
        altair.Tooltip("y:Q").title(y).format(y_format),
    ]
    every = chart.of_rows().encode(x=place, y=up, color=colour)
    values = every.transform_filter("datum.high === null")
    ranges = every.transform_filter("datum.high !== null").encode(y2=altair.Y2("high:Q"))
    lines = values.mark_line(strokeWidth=2, opacity=1 if joined else 0).encode(strokeDash=dash)
    # Without a range the layer is empty, of which a screen reader should not hear.
    band = ranges.mark_bar(width=BAND, fillOpacity=0.25, strokeWidth=2, strokeDash=DASHES[1], aria=False)
    points = values.mark_point(filled=True, size=70, opacity=1).encode(shape=shape, tooltip=tooltip)
    edge = altair.Stroke("series:N").scale(domain=list(series)).legend(None)
    drawn = altair.layer(band.encode(stroke=edge), lines, points)
    return chart.spec(drawn.properties(height=300))
