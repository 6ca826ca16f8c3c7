"""The slice from above: the loss as colour, the run's path over it, and the place that was chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import ceil, log10
from typing import Any

import altair
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.parts.base.formatting import NONE, figure, number
from pages.parts.base.i18n import _
from pages.parts.widgets import chart
from pages.parts.widgets.chart import GREY, Spec
from pages.parts.widgets.figures_table import html_table

HEIGHT = 430
CLICKED = "place"
INK, HALO = "#000000", "#FFFFFF"  # a dark line within a pale one is seen on any colour
LEAST_DIGITS = 2  # of a place, after the point
OVERLAP = 1.04  # of cells, since between those that only touch a canvas shows its ground


def surface_chart(
    losses: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
    path: np.ndarray,
    moments: Sequence[str],
    own_losses: np.ndarray,
    *,
    chosen: tuple[int, int],
    titles: tuple[str, str],
    log: bool,
    key: str,
    alt: str,
    on_click: Callable[[int, int], None],
) -> None:
    """`losses` (21, 21), NaN where unknown, a row for each of `ys`. The `path` (moments, 2) has a name and a
    loss of its own for every moment. `on_click` is called with the row and column of a place."""
    table = _table(losses, xs, ys, path, moments, own_losses, chosen, log)

    def clicked() -> None:
        row, column = place_clicked(st.session_state.get(key), len(ys), len(xs))
        if row is not None and column is not None:
            on_click(row, column)

    figures = _("The losses as a table"), lambda: _tables(losses, xs, ys, path, moments, own_losses, alt)
    formats = place_format(xs), place_format(ys)
    spec = _spec(titles, formats, (_("Loss"), _("Moment"), _("Its own loss")), log)
    chart.draw(table, spec, key, alt, figures=figures, chosen=([CLICKED], clicked))


def place_format(along: np.ndarray) -> str:
    """For places a step apart, of which no two read alike: hundredths, or smaller parts of short paths."""
    step = abs(float(along[1] - along[0]))
    digits = ceil(-log10(step)) if step > 0 else 0
    return f".{max(LEAST_DIGITS, digits)}f"


def place_clicked(selected: object, rows: int, columns: int) -> tuple[int, int] | tuple[None, None]:
    """Row and column of the cell; a browser may send anything."""
    selection = _dict(_dict(selected).get("selection"))
    cells = selection.get(CLICKED)
    for cell in map(_dict, cells if isinstance(cells, list) else ()):
        row, column = cell.get("row"), cell.get("column")
        if type(row) is int and type(column) is int and 0 <= row < rows and 0 <= column < columns:
            return row, column
    return None, None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _table(
    losses: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
    path: np.ndarray,
    moments: Sequence[str],
    own_losses: np.ndarray,
    chosen: tuple[int, int],
    log: bool,
) -> pa.Table:
    """Cells, the path's moments, and the chosen place, one a row."""
    rows, columns = np.divmod(np.arange(losses.size), len(xs))
    flat = losses.ravel()
    shown = np.isfinite(flat) & (flat > 0) if log else np.isfinite(flat)
    kinds = np.where(shown, "cell", np.where(np.isnan(flat), "unknown", "beyond")).tolist()
    count = len(path)
    marks = np.array([*path.tolist(), (xs[chosen[1]], ys[chosen[0]])], np.float64)
    half_x, half_y = (OVERLAP * (along[1] - along[0]) / 2 for along in (xs, ys))
    corners = [
        np.concatenate([along[at] + half, marks[:, axis]])
        for along, at, half, axis in (
            (xs, columns, -half_x, 0),
            (xs, columns, half_x, 0),
            (ys, rows, -half_y, 1),
            (ys, rows, half_y, 1),
        )
    ]
    nothing = [None] * (count + 1)
    own = [float(loss) if np.isfinite(loss) else None for loss in own_losses]
    return pa.table(
        {
            "kind": pa.array([*kinds, *["moment"] * count, "chosen"], pa.string()),
            "row": pa.array([*rows.tolist(), *nothing], pa.int32()),
            "column": pa.array([*columns.tolist(), *nothing], pa.int32()),
            **dict(zip(("x", "x2", "y", "y2"), corners, strict=True)),
            "a": np.concatenate([xs[columns], marks[:, 0]]),
            "b": np.concatenate([ys[rows], marks[:, 1]]),
            "loss": pa.array(
                np.concatenate([np.where(shown, flat, 0), np.zeros(count + 1)]),
                mask=np.concatenate([~shown, np.ones(count + 1, bool)]),
            ),
            "order": pa.array([*[None] * losses.size, *range(count), None], pa.int32()),
            "end": pa.array([*[None] * losses.size, *_ends(count), None], pa.string()),
            "moment": pa.array([*[None] * losses.size, *moments, None], pa.string()),
            "own": pa.array([*[None] * losses.size, *own, None], pa.float64()),
        }
    )


def _ends(count: int) -> list[str | None]:
    """Which of the path's moments is its first, and which its last."""
    return ["first", *[None] * (count - 2), "last"] if count > 1 else [None] * count


def _tables(
    losses: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
    path: np.ndarray,
    moments: Sequence[str],
    own_losses: np.ndarray,
    alt: str,
) -> str:
    """Every third place, as in the coarse picture, and the path, as HTML."""
    third = slice(1, None, 3)
    across, up = place_format(xs), place_format(ys)
    heads = ["", *(figure(float(x), across) for x in xs[third])]
    body = [
        [figure(float(y), up), *map(_written, row)]
        for y, row in zip(ys[third][::-1], losses[third, third][::-1], strict=True)
    ]
    tables = html_table(alt, heads, body)
    if len(path):
        heads = [_("Moment"), _("From left to right"), _("From bottom to top"), _("Its own loss")]
        rows = [
            [name, figure(float(a), across), figure(float(b), up), _written(loss)]
            for name, (a, b), loss in zip(moments, path, own_losses, strict=True)
        ]
        tables += html_table(_("The path of the run"), heads, rows)
    return tables


def _written(loss: float) -> str:
    return number(float(loss)) if np.isfinite(loss) else NONE


@lru_cache(maxsize=32)
def _spec(titles: tuple[str, str], formats: tuple[str, str], words: tuple[str, str, str], log: bool) -> Spec:
    loss, moment, own = words
    plain: dict[str, Any] = {"nice": False, "zero": False, "padding": 0}
    axis: dict[str, Any] = {"grid": False, "tickCount": 6, "format": ".3~g"}
    x = altair.X("x:Q").title(titles[0]).scale(**plain).axis(**axis)
    y = altair.Y("y:Q").title(titles[1]).scale(**plain).axis(**axis)
    of_kind = {
        kind: chart.of_rows().transform_filter(f"datum.kind === '{kind}'").encode(x=x, y=y)
        for kind in ("cell", "beyond", "moment", "chosen")
    }
    colour = altair.Color("loss:Q").scale(type="log" if log else "linear", nice=False)
    colour = colour.legend(
        orient="bottom", title=loss, format=".3~g", gradientLength=260, labelOverlap="greedy"
    )
    pick = altair.selection_point(
        name=CLICKED, fields=["row", "column"], on="click", toggle=False, clear=False
    )
    corners: dict[str, Any] = {"x2": "x2", "y2": "y2"}
    cells = of_kind["cell"].mark_rect(aria=False, stroke=None, cursor="crosshair")
    tooltip = [
        altair.Tooltip("a:Q").title(titles[0]).format(formats[0]),
        altair.Tooltip("b:Q").title(titles[1]).format(formats[1]),
        altair.Tooltip("loss:Q").title(loss).format(".4~g"),
    ]
    steps = [altair.Tooltip("moment:N").title(moment), altair.Tooltip("own:Q").title(own).format(".4~g")]
    line, mark = {"aria": False, "clip": True, "tooltip": None}, {"clip": True, "aria": False}
    order = altair.Order("order:Q")
    ends = altair.Shape("end:N").scale(domain=["first", "last"], range=["square", "triangle-up"]).legend(None)
    size = altair.when("datum.end !== null").then(altair.value(150)).otherwise(altair.value(36))
    layers = [
        cells.encode(**corners, color=colour, tooltip=tooltip).add_params(pick),
        of_kind["beyond"].mark_rect(aria=False, color=GREY, opacity=0.35).encode(**corners),
        of_kind["moment"].mark_line(**line, color=HALO, strokeWidth=4.5).encode(order=order),
        of_kind["moment"].mark_line(**line, color=INK, strokeWidth=1.5).encode(order=order),
        of_kind["moment"]
        .mark_point(**mark, filled=True, color=INK, stroke=HALO, strokeWidth=1.5, opacity=1)
        .encode(shape=ends, size=size, tooltip=steps),
        of_kind["chosen"].mark_point(
            **line, shape="M-1,-1L1,1M1,-1L-1,1", size=170, color=HALO, strokeWidth=5
        ),
        of_kind["chosen"].mark_point(
            **line, shape="M-1,-1L1,1M1,-1L-1,1", size=150, color=INK, strokeWidth=2
        ),
    ]
    built = chart.spec(altair.layer(*layers).properties(height=HEIGHT))
    return {**built, "usermeta": {"embedOptions": {"renderer": "canvas"}}}
