"""A map of garments: a mark for each, its class in colour and shape, its picture on hover, the empty ground.

The ground is cut into cells, so that any place can be clicked; the farther a cell from the nearest garment on
the map, the greyer it is. Marks are drawn on a canvas, since there are thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _
from pages.parts.latent_space.geometry import extent
from pages.parts.widgets import chart
from pages.parts.widgets.chart import GREY, MARKERS, Spec
from pages.parts.widgets.figures_table import html_table

COLUMNS, ROWS = 32, 24
FILLED = tuple(marker for marker in MARKERS if marker != "stroke")
HEIGHT, NARROW = 520, 480
RING = {"light": "#000000", "dark": "#FFFFFF"}
CLICKED = "clicked"  # the selection: one for all marks, since each of several would hear every click
Extent = tuple[float, float, float, float]
Place = tuple[float, float]


def garment_map(
    places: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    *,
    key: str,
    alt: str,
    titles: tuple[str | None, str | None],
    within: Extent | None = None,
    circled: Place | None = None,
    crossed: Place | None = None,
    on_click: Callable[[], None] | None = None,
) -> None:
    """`places` (count, 2) of the first test garments; `titles` of both axes, which without have no numbers.

    The map shows what is `within` left, bottom, right, top, or all. One place may be `circled`, and another
    `crossed`. With `on_click` garments and places can be chosen: see `clicked`.
    """
    shown = within or extent(places)
    spec = _spec(tuple(names), titles, shown, on_click is not None)
    ground = _ground(places, shown) if on_click is not None else np.zeros((0, 5), np.float32)
    table = _table(places, labels, names, ground, {"circle": circled, "cross": crossed})
    figures = _("The classes on the map, as a table"), lambda: _classes(places, labels, names, alt)
    chosen = ([CLICKED], on_click) if on_click is not None else None
    chart.draw(table, spec, key, alt, figures=figures, chosen=chosen)


def clicked(key: str, garments: int, within: Extent) -> int | Place | None:
    """The garment, or the place on the map, that was clicked last in the chart of this key.

    A browser may send anything: what is none of the `garments`, nor `within` the map, is no click.
    """
    selection = _dict(_dict(st.session_state.get(key)).get("selection"))
    marks = selection.get(CLICKED)
    left, bottom, right, top = within
    for mark in map(_dict, marks if isinstance(marks, list) else ()):
        index = mark.get("index")
        if mark.get("kind") == "garment" and type(index) is int and 0 <= index < garments:
            return index
        corners = [mark.get(name) for name in ("x", "x2", "y", "y2")]
        if mark.get("kind") == "cell" and all(type(corner) in (int, float) for corner in corners):
            x, x2, y, y2 = corners
            if left <= (x + x2) / 2 <= right and bottom <= (y + y2) / 2 <= top:  # which NaN is not
                return (x + x2) / 2, (y + y2) / 2
    return None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _table(
    places: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    ground: np.ndarray,
    marks: Mapping[str, Place | None],
) -> pa.Table:
    marked = {kind: place for kind, place in marks.items() if place is not None}
    kinds = ["cell"] * len(ground) + ["garment"] * len(places) + list(marked)
    words = [None] * len(ground) + [names[label] for label in labels] + [None] * len(marked)
    rows = np.zeros((len(kinds), 5), np.float32)
    index = np.full(len(kinds), -1, np.int32)
    garments = slice(len(ground), len(ground) + len(places))
    rows[: len(ground)] = ground
    rows[garments, :2], index[garments] = places, np.arange(len(places))
    rows[garments.stop :, :2] = np.array(list(marked.values())).reshape(-1, 2)
    columns = dict(zip(("x", "y", "x2", "y2", "far"), rows.T.copy(), strict=True))
    return pa.table(
        {
            "kind": pa.array(kinds, pa.string()),
            "name": pa.array(words, pa.string()),
            "index": index,
            **columns,
        }
    )


def _ground(places: np.ndarray, within: Extent) -> np.ndarray:
    """Cells by two corners, and how far the nearest garment is as a share of the farthest: (cells, 5)."""
    return _cells(places.astype(np.float32).tobytes(), within)


@lru_cache(maxsize=8)
def _cells(places: bytes, within: Extent) -> np.ndarray:
    """Remembered, since the cross moves much more often than the garments do."""
    left, bottom, right, top = within
    xs, ys = np.linspace(left, right, COLUMNS + 1), np.linspace(bottom, top, ROWS + 1)
    corners = np.stack([*np.meshgrid(xs[:-1], ys[:-1]), *np.meshgrid(xs[1:], ys[1:])], axis=-1)
    corners = corners.reshape(-1, 4)
    size = np.array([right - left, top - bottom])
    centres = (corners[:, :2] + corners[:, 2:]) / 2 / size
    garments = np.frombuffer(places, np.float32).reshape(-1, 2) / size
    across, up = (np.square(centres[:, k, None] - garments[:, k]) for k in range(2))
    far = np.sqrt((across + up).min(1))
    return np.column_stack([corners, far / max(float(far.max()), 1e-9)]).astype(np.float32)


def _classes(places: np.ndarray, labels: np.ndarray, names: Sequence[str], alt: str) -> str:
    """Where each class lies, and how widely, as HTML."""
    rows = []
    for label, name in enumerate(names):
        own = places[labels == label]
        if len(own):
            centre = own.mean(0)
            around = float(np.sqrt(np.square(own - centre).sum(1)).mean())
            rows.append([name, str(len(own)), *(figure(float(v), ".2f") for v in (*centre, around))])
    heads = [_("Class"), _("Garments"), _("Centre, across"), _("Centre, up"), _("Mean distance from it")]
    return html_table(alt, heads, rows)


@lru_cache(maxsize=64)
def _spec(
    names: tuple[str, ...],
    titles: tuple[str | None, str | None],
    within: Extent,
    with_ground: bool,
) -> Spec:
    left, bottom, right, top = within
    numbered: dict[str, Any] = {"grid": False, "tickCount": 6, "format": ".3~g"}
    bare: dict[str, Any] = {"grid": False, "labels": False, "ticks": False}
    x, y = (
        channel.title(title)
        .scale(domain=list(domain), nice=False, zero=False)
        .axis(**(numbered if title else bare))
        for channel, title, domain in (
            (altair.X("x:Q"), titles[0], (left, right)),
            (altair.Y("y:Q"), titles[1], (bottom, top)),
        )
    )
    shapes = [FILLED[(k + k // len(FILLED)) % len(FILLED)] for k in range(len(names))]
    legend = {
        "orient": "bottom",
        "title": None,
        "columns": {"expr": f"width < {NARROW} ? 2 : 5"},
        "symbolOpacity": 1,
        "labelLimit": 110,
    }
    colour = altair.Color("name:N").scale(domain=list(names)).legend(**legend)
    shape = chart.styled(altair.Shape("name:N"), names, shapes).legend(**legend)
    picture = "'garments/' + datum.index + '.png'"
    of_kind = {
        kind: chart.of_rows().transform_filter(f"datum.kind === '{kind}'").encode(x=x, y=y)
        for kind in ("cell", "garment", "circle", "cross")
    }
    garments = (
        of_kind["garment"]
        .transform_calculate(image=picture)
        .mark_point(filled=True, size=34, opacity=0.85, clip=True)
        .encode(
            color=colour,
            shape=shape,
            tooltip=[
                altair.Tooltip("image:N"),  # under this name it is drawn
                altair.Tooltip("name:N").title(" "),
                altair.Tooltip("index:Q").title("#").format("d"),
            ],
        )
    )
    layers = [garments]
    if with_ground:
        far = altair.Opacity("far:Q").scale(domain=[0, 1], range=[0, 0.4]).legend(None)
        ground = of_kind["cell"].mark_rect(color=GREY, stroke=None, tooltip=None, cursor="crosshair")
        ground = ground.encode(x2="x2", y2="y2", opacity=far)
        fields = ["kind", "index", "x", "x2", "y", "y2"]
        click = altair.selection_point(name=CLICKED, fields=fields, on="click", toggle=False, clear=False)
        heard = altair.selection_point(name="heard")  # Vega-Lite lets marks without any take no clicks
        layers = [ground.add_params(heard), garments.add_params(click)]
    marked: dict[str, Any] = {"filled": False, "color": chart.by_theme(RING), "tooltip": None, "clip": True}
    layers += [
        of_kind["circle"].mark_point(**marked, shape="circle", size=260, strokeWidth=3),
        of_kind["cross"].mark_point(**marked, shape="M-1,-1L1,1M1,-1L-1,1", size=160, strokeWidth=3),
    ]
    built = chart.spec(altair.layer(*layers).properties(height=HEIGHT))
    return {**built, "usermeta": {"embedOptions": {"renderer": "canvas"}}}
