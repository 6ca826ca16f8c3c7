"""Lines over a shared x axis, such as losses over epochs, which may grow while they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import altair
import numpy as np
import pyarrow as pa

from pages.parts.widgets import chart
from pages.parts.widgets.chart import DASHES, MARKERS, Levels, Spec
from pages.parts.widgets.legends import FAINT, line_legend, of_curves
from pages.parts.widgets.notes import NARROW, WIDE, Notes, laid_out, note_layers

MARKERS_A_LINE = 12
# By side: a chart that has one number for all four Streamlit cannot show.
ROOM = {"left": 5, "top": 5, "right": 5, "bottom": 5}


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
    def of(cls, series: Sequence[Series], notes: Sequence[Notes] = ()) -> Lines:
        """The series in the order given: one keeps its colour as long as its place, and may be empty.

        `notes` are of as many kinds, each in a row of its own, the first next to the plot.
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
    own_legend: bool = False,
    moving: bool = False,
) -> None:
    """Draw the lines. `alt`, titles and names must not change while the data does.

    `markers=False` suits curves of hundreds of points; `levels` are dashed lines across, each with its words,
    to compare with. `own_legend` says that the page has a legend of its own for the lines.

    `moving` says that the data will change under the learner's eyes, and a zoom must outlast that; Streamlit
    keeps it only where it reports it, which runs the fragment around the chart once more.

    A chart whose `height` is to stretch fills its container, with text to be read from afar.
    """
    names, faint = lines.names, lines.faint
    line_legend(of_curves(names, faint, markers), levels, beside_own=own_legend)
    spec = _spec(names, faint, x, y, log, markers, y_format, height, tuple(levels))
    chart.draw(lines.table, spec, key, alt, zoom=moving, large=height == "stretch")


def _points(series: Sequence[Series], notes: Sequence[Notes]) -> pa.Table:
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
    places = np.array([place for kind in notes for place in kind.places], dtype=np.float64)
    ends = [end for part in (*xs, places) if len(part) for end in (part.min(), part.max())]
    begin, end = min(ends, default=0.0), max(ends, default=0.0)
    unnoted: list[str | None] = [None] * len(names)
    wide, narrow = (
        unnoted + [words for kind in notes for words in laid_out(kind, begin, end, plot)]
        for plot in (WIDE, NARROW)
    )
    rows = [row for row, kind in enumerate(notes) for _place in kind.places]
    xs.append(places)
    ys.append(np.full(len(places), np.nan))
    marks.append(np.zeros(len(places), dtype=bool))
    in_rows = np.concatenate([np.zeros(len(names), np.int8), np.array(rows, np.int8)])
    names += [None] * len(places)
    x, y, mark = (np.concatenate(parts) for parts in (xs, ys, marks))
    return pa.table(
        {
            "x": pa.array(x, mask=~np.isfinite(x)),
            "y": pa.array(y, mask=~np.isfinite(y)),
            "series": pa.array(names, type=pa.string()),
            "mark": mark,
            "note": pa.array(wide, type=pa.string()),
            "note_narrow": pa.array(narrow, type=pa.string()),
            "row": in_rows,
        }
    )


@lru_cache(maxsize=64)
def _spec(
    names: tuple[str, ...],
    faint: tuple[str, ...],
    x: str,
    y: str,
    log: bool,
    markers: bool,
    y_format: str,
    height: int | Literal["stretch"],
    levels: tuple[tuple[float, str], ...],
) -> Spec:
    across, up = chart.along_epochs(x), chart.measured("y:Q", y, y_format)
    if log:
        up = up.scale(type="log", nice=False, padding=5)
    colour = altair.Color("series:N").scale(domain=list(names)).legend(None)
    is_faint = altair.FieldOneOfPredicate(field="series", oneOf=list(faint))
    lines = chart.of_rows().encode(x=across, y=up, color=colour)
    dashes = [DASHES[0] if name in faint else dash for name, dash in zip(names, DASHES, strict=False)]
    layers = [
        lines.mark_line(clip=True)
        .encode(
            strokeDash=chart.styled(altair.StrokeDash("series:N"), names, dashes).legend(None),
            strokeWidth=_either(is_faint, FAINT, 2 if markers else 1.5),
            opacity=_either(is_faint, 0.55, 1),
        )
        .transform_filter("datum.note === null")
        .add_params(chart.zoom()),
        *note_layers(
            chart.of_rows().transform_filter("datum.note !== null").encode(x=across), height == "stretch"
        ),
    ]
    if markers:
        shape = chart.styled(altair.Shape("series:N"), names, MARKERS).legend(None)
        marked = lines.transform_filter("datum.mark").encode(shape=shape)
        layers.append(marked.mark_point(filled=True, size=42, clip=True, opacity=1))
    layers += [
        chart.hover(lines, ["series"], x, y, y_format),
        *chart.across(levels, up),
    ]
    drawn = altair.layer(*layers).properties(padding=ROOM)
    if height != "stretch":
        drawn = drawn.properties(height=height)
    return chart.spec(drawn)


def _either(condition: altair.FieldOneOfPredicate, yes: float, no: float) -> altair.When:
    return altair.when(condition).then(altair.value(yes)).otherwise(altair.value(no))
