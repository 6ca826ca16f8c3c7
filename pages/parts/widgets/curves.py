"""Lines over a shared x axis, such as losses over epochs, which may grow while they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import altair
import numpy as np
import pyarrow as pa

from pages.parts.widgets import chart
from pages.parts.widgets.chart import DASHES, LEGEND, MARKERS, NOTE, NOTED, Levels, Spec

MARKERS_A_LINE = 12
# Above the plot, where marks of an axis that can be zoomed are cut off unless told otherwise.
ABOVE: dict[str, Any] = {"aria": False, "style": NOTED, "baseline": "bottom", "dy": -4, "clip": False}
IN_SIGHT = altair.ExprRef("inrange(scale('x', datum.x), [-1, width + 1]) ? 1 : 0")
TOWARDS_MIDDLE = altair.ExprRef("scale('x', datum.x) > width / 2 ? 'right' : 'left'")
# By side: a chart that has one number for all four Streamlit cannot show.
ROOM = {"left": 5, "top": 5, "right": 5, "bottom": 5}
ROOM_FOR_NOTES = {**ROOM, "top": 18}


@dataclass(frozen=True)
class Series:
    """One line of a chart: its name in the legend, and its points; a `None` in `y` leaves a gap.

    A faint one is thin and pale, without markers: it lies behind those that matter.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    faint: bool = False


@dataclass(frozen=True)
class Lines:
    """Series as a table, ready to be drawn as often as it is looked at."""

    names: tuple[str, ...]
    faint: tuple[str, ...]
    table: pa.Table

    @classmethod
    def of(cls, series: Sequence[Series], notes: Sequence[tuple[float, str]] = ()) -> Lines:
        """The series in the order given: one keeps its colour as long as its place, and may be empty.

        `notes` are short words at places on the x axis, where something was changed.
        """
        faint = tuple(line.name for line in series if line.faint)
        return cls(tuple(line.name for line in series), faint, _points(series, notes))


def curves(
    lines: Lines,
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    log: bool = False,
    markers: bool = True,
    y_format: str = ".4~f",
    height: int | Literal["stretch"] = 300,
    levels: Levels = (),
    legend_columns: int = 4,
    moving: bool = False,
) -> None:
    """Draw the lines. `alt`, titles and names must not change while the data does.

    `markers=False` suits curves of hundreds of points; `levels` are dashed lines across, each with its words,
    to compare with. With `legend_columns=0` there is no legend: the page has one of its own.

    `moving` says that the data will change under the learner's eyes, and a zoom must outlast that; Streamlit
    keeps it only where it reports it, which runs the fragment around the chart once more.

    A chart whose `height` is to stretch fills its container, with text to be read from afar.
    """
    names, faint = lines.names, lines.faint
    spec = _spec(names, faint, x, y, log, markers, y_format, height, legend_columns, tuple(levels), moving)
    chart.draw(lines.table, spec, key, alt, zoom=moving, large=height == "stretch")


def _points(series: Sequence[Series], notes: Sequence[tuple[float, str]]) -> pa.Table:
    """Long form, with every tenth or so point of a series flagged to carry its marker; notes come last, and
    have no y.
    """
    xs, ys, names, marks = [], [], [], []
    for line in series:
        stride = max(1, -(-len(line.x) // MARKERS_A_LINE))
        xs.append(np.asarray(line.x, dtype=np.float64))
        ys.append(np.array([np.nan if v is None else v for v in line.y], dtype=np.float64))
        names += [line.name] * len(line.x)
        marks.append((np.arange(len(line.x)) % stride == 0) & (not line.faint))
    xs.append(np.array([place for place, _words in notes], dtype=np.float64))
    ys.append(np.full(len(notes), np.nan))
    marks.append(np.zeros(len(notes), dtype=bool))
    words = [None] * len(names) + [words for _place, words in notes]
    names += [None] * len(notes)
    x, y, mark = (np.concatenate(parts) for parts in (xs, ys, marks))
    return pa.table(
        {
            "x": pa.array(x, mask=~np.isfinite(x)),
            "y": pa.array(y, mask=~np.isfinite(y)),
            "series": pa.array(names, type=pa.string()),
            "mark": mark,
            "note": pa.array(words, type=pa.string()),
        }
    )


@lru_cache(maxsize=256)
def _spec(
    names: tuple[str, ...],
    faint: tuple[str, ...],
    x: str,
    y: str,
    log: bool,
    markers: bool,
    y_format: str,
    height: int | Literal["stretch"],
    legend_columns: int,
    levels: tuple[tuple[float, str], ...],
    moving: bool,
) -> Spec:
    across, up = chart.along_epochs(x), chart.measured("y:Q", y, y_format)
    if log:
        up = up.scale(type="log", nice=False, padding=5)
    legend = {**LEGEND, "labelLimit": 260} if legend_columns else None
    colour = _described(altair.Color("series:N").scale(domain=list(names)), legend)
    is_faint = altair.FieldOneOfPredicate(field="series", oneOf=list(faint))
    lines = chart.of_rows().encode(x=across, y=up, color=colour)
    dashes = [DASHES[0] if name in faint else dash for name, dash in zip(names, DASHES, strict=False)]
    notes = chart.of_rows().transform_filter("datum.note !== null").encode(x=across)
    layers = [
        lines.mark_line(clip=True)
        .encode(
            strokeDash=_described(chart.styled(altair.StrokeDash("series:N"), names, dashes), legend),
            strokeWidth=_either(is_faint, 1.2, 2 if markers else 1.5),
            opacity=_either(is_faint, 0.55, 1),
        )
        .transform_filter("datum.note === null")
        .add_params(chart.zoom()),
        notes.mark_rule(**NOTE, strokeDash=[2, 3]),
        # Above the curves, and towards the middle, so that neither they nor an edge cuts it.
        notes.mark_text(**ABOVE, align=TOWARDS_MIDDLE, opacity=IN_SIGHT).encode(
            y=altair.value(0), text=altair.Text("note:N")
        ),
    ]
    if markers:
        shape = _described(chart.styled(altair.Shape("series:N"), names, MARKERS), legend)
        marked = lines.transform_filter("datum.mark").encode(shape=shape)
        layers.append(marked.mark_point(filled=True, size=42, clip=True, opacity=1))
    layers += [
        chart.hover(lines, ["series"], x, y, y_format),
        *chart.across(levels, up, legend=bool(legend_columns)),
    ]
    drawn = altair.layer(*layers).properties(padding=ROOM_FOR_NOTES if moving else ROOM)
    if height != "stretch":
        drawn = drawn.properties(height=height)
    return chart.spec(drawn.configure_legend(columns=legend_columns or 1, offset=20, padding=0))


def _described(channel: chart.Channel, legend: dict[str, Any] | None) -> chart.Channel:
    """With this legend, or with none."""
    return channel.legend(None) if legend is None else channel.legend(**legend)


def _either(condition: altair.FieldOneOfPredicate, yes: float, no: float) -> altair.When:
    return altair.when(condition).then(altair.value(yes)).otherwise(altair.value(no))
