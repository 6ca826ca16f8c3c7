"""Charts that pages share, as constant Vega-Lite specs: only data moves, so a live chart keeps its zoom.

Colours come from the theme (`.streamlit/config.toml`: Okabe–Ito, and one sequential map), so nothing here
knows light from dark. Every series has its own dash and marker besides. Titles and names arrive translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from pages.parts.base.i18n import _, current_language

DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 2, 1, 2], [3, 5], [1, 3])
MARKERS = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "stroke")
# An axis of names: each beside its row, none left out.
NOTE: dict[str, Any] = {"aria": False, "clip": True, "color": "#808890"}  # what is said within a chart
NAMES = {"ticks": False, "domain": False, "labelOverlap": False, "labelFlush": False}
# d3's names; thousands as the texts write them.
NUMBERS = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["$", ""]},
    "es": {"decimal": ".", "thousands": "\N{NARROW NO-BREAK SPACE}", "grouping": [3], "currency": ["", " €"]},
}


@dataclass(frozen=True)
class Series:
    """One line of a chart: its name in the legend, and its points; a `None` in `y` leaves a gap.

    A faint one is thin and pale, without markers: it lies behind those that matter.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    faint: bool = False


def zoom_hint() -> str:
    """One sentence on how to move in a chart, for the words beside it."""
    return _("Drag to move, hold Shift and turn the wheel to zoom, double-click to see everything again.")


def curves(
    series: Sequence[Series],
    *,
    key: str,
    x: str,
    y: str,
    alt: str,
    log: bool = False,
    markers: bool = True,
    y_format: str = ".4~f",
    height: int = 300,
    notes: Sequence[tuple[float, str]] = (),
    levels: Sequence[tuple[float, str]] = (),
    legend_columns: int = 4,
    moving: bool = False,
) -> None:
    """Lines over a shared x axis. `alt`, titles and names must not change while the data does.

    The names are drawn in the order given, so a series keeps its colour as long as it keeps its place; a
    series may be empty until it has points. `markers=False` suits curves of hundreds of points. `notes` are
    short words at places on the x axis, where something was changed; `levels` are dashed lines across, each
    with its words, to compare with.

    `moving` says that the data will change under the learner's eyes, and a zoom must outlast that; Streamlit
    keeps it only where it reports it, which runs the fragment around the chart once more.
    """
    faint = tuple(s.name for s in series if s.faint)
    names = tuple(s.name for s in series)
    spec = _curves_spec(names, faint, x, y, log, markers, y_format, height, legend_columns)
    drawn = with_levels(spec, levels, spec["encoding"]["y"])
    draw(_points(series, notes), drawn, key, alt, zoom=moving)


def confusion(
    matrix: np.ndarray,
    names: Sequence[str],
    *,
    key: str,
    alt: str,
    normalised: bool = True,
    height: int = 430,
) -> None:
    """A confusion matrix of counts, shape (10, 10), rows true and columns predicted class.

    Normalised, a cell's shade and number say which share of its row it is, in percent; else they are counts.
    Either way the tooltip gives both. Of a matrix of floats, which are shares already, it gives these alone.
    """
    counted = np.issubdtype(np.asarray(matrix).dtype, np.integer)
    counts = np.asarray(matrix, dtype=np.int64 if counted else np.float64)
    of_class = shares(counts)
    shades = of_class if normalised else counts / max(int(counts.max()), 1)
    shown = np.rint(100 * of_class).astype(np.int64) if normalised else counts
    table = pa.table(
        {
            "true": np.repeat(list(names), len(names)),
            "predicted": np.tile(list(names), len(names)),
            "count": counts.ravel(),
            "share": of_class.ravel(),
            "shade": shades.ravel(),
            "label": [str(n) if n else "" for n in shown.ravel()],
        }
    )
    images = _("Images") if counted else None
    spec = _confusion_spec(
        tuple(names), _("True class"), _("Predicted class"), images, _("Share of the class"), height
    )
    draw(table, spec, key, alt)


def shares(matrix: np.ndarray) -> np.ndarray:
    """A confusion matrix's counts as shares of their rows; floats are shares already."""
    if not np.issubdtype(matrix.dtype, np.integer):
        return matrix
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


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
    draw(table, _bars_spec(tuple(names), x, y, value_format, height), key, alt)


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
    spec = _stacked_spec(tuple(names), tuple(parts), x, y, height)
    draw(table, spec, key, alt)


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
    draw(table, _histogram_spec(x, y, log, height), key, alt)


def draw(table: pa.Table, spec: dict[str, Any], key: str, alt: str, zoom: bool = False) -> None:
    """Any spec without data, with its data, in the theme and with the numbers of the learner's language."""
    select = {"on_select": "rerun", "selection_mode": "zoom"} if zoom else {}
    config = {**spec.get("config", {}), "locale": {"number": NUMBERS[current_language()]}}
    st.vega_lite_chart(table, {**spec, "config": config}, key=key, alt=alt, width="stretch", **select)


def _points(series: Sequence[Series], notes: Sequence[tuple[float, str]]) -> pa.Table:
    """Long form, with every tenth or so point of a series flagged to carry its marker; notes come last, and
    have no y.
    """
    xs, ys, names, marks = [], [], [], []
    for one in series:
        stride = max(1, -(-len(one.x) // 12))
        xs.append(np.asarray(one.x, dtype=np.float64))
        ys.append(np.array([np.nan if v is None else v for v in one.y], dtype=np.float64))
        names += [one.name] * len(one.x)
        marks.append((np.arange(len(one.x)) % stride == 0) & (not one.faint))
    xs.append(np.array([place for place, _words in notes], dtype=np.float64))
    ys.append(np.full(len(notes), np.nan))
    marks.append(np.zeros(len(notes), dtype=bool))
    words = [None] * len(names) + [words for _place, words in notes]
    names += [None] * len(notes)
    x, y = (np.concatenate(parts) if parts else np.empty(0) for parts in (xs, ys))
    mark = np.concatenate(marks) if marks else np.empty(0, dtype=bool)
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
def _curves_spec(
    names: tuple[str, ...],
    faint: tuple[str, ...],
    x: str,
    y: str,
    log: bool,
    markers: bool,
    y_format: str,
    height: int,
    legend_columns: int,
) -> dict[str, Any]:
    legend = {"title": None, "orient": "top", "symbolSize": 90, "symbolStrokeWidth": 2, "labelLimit": 260}
    colour = {"field": "series", "type": "nominal", "scale": {"domain": list(names)}, "legend": legend}
    dash = _by_name(names, [DASHES[0] if n in faint else d for n, d in zip(names, DASHES, strict=False)])
    shape = _by_name(names, MARKERS)
    x_axis = {"field": "x", "type": "quantitative", "title": x}
    x_axis["scale"] = {"zero": False, "nice": False, "padding": 6}
    x_axis["axis"] = {"grid": False, "tickMinStep": 1, "format": ".6~g", "labelFlush": False}
    y_axis = {"field": "y", "type": "quantitative", "title": y}
    y_axis["scale"] = {"type": "log", "padding": 5} if log else {"zero": False, "padding": 5}
    y_axis["axis"] = {"tickCount": 5, "format": y_format}
    layers: list[dict[str, Any]] = [
        {
            "params": [
                {
                    "name": "zoom",
                    "select": {
                        "type": "interval",
                        # Without Shift the wheel must go on scrolling the page.
                        "zoom": "wheel![event.shiftKey]",
                    },
                    "bind": "scales",
                }
            ],
            "transform": [{"filter": "datum.note === null"}],
            "mark": {"type": "line", "clip": True},
            "encoding": {
                "strokeDash": dash,
                "strokeWidth": _if_faint(faint, 1.2, 2 if markers else 1.5),
                "opacity": _if_faint(faint, 0.55, 1),
            },
        },
        {
            "transform": [{"filter": "datum.note !== null"}],
            "mark": {**NOTE, "type": "rule", "strokeDash": [2, 3]},
            "encoding": {"y": None, "color": None},
        },
        {
            "transform": [{"filter": "datum.note !== null"}],
            "mark": {**NOTE, "type": "text", "align": "left", "dx": 4, "dy": 8},
            "encoding": {"y": {"value": 0}, "color": None, "text": {"field": "note"}},
        },
    ]
    if markers:
        layers.append(
            {
                "transform": [{"filter": "datum.mark"}],
                "mark": {"type": "point", "filled": True, "size": 42, "clip": True, "opacity": 1},
                "encoding": {"shape": shape},
            }
        )
    layers.append(hover(["series"], x, y, y_format))
    return {
        "height": height,
        "encoding": {"x": x_axis, "y": y_axis, "color": colour},
        "layer": layers,
        "config": {"legend": {"columns": legend_columns, "offset": 8, "padding": 0}},
    }


def hover(names: Sequence[str], x: str, y: str, y_format: str) -> dict[str, Any]:
    """A layer that shows the point nearest to the pointer, and tells the fields `names` and its numbers."""
    select = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}
    return {
        "params": [{"name": "nearest", "select": select}],
        "mark": {"type": "point", "filled": True, "size": 90, "clip": True},
        "encoding": {
            "opacity": {"condition": {"param": "nearest", "empty": False, "value": 1}, "value": 0},
            "tooltip": [
                *({"field": name, "title": " "} for name in names),
                {"field": "x", "type": "quantitative", "title": x, "format": ","},
                {"field": "y", "type": "quantitative", "title": y, "format": y_format},
            ],
        },
    }


def with_levels(
    spec: dict[str, Any], levels: Sequence[tuple[float, str]], y: Mapping[str, Any]
) -> dict[str, Any]:
    """The spec with dashed lines across, each with its words, at its axis `y`; they bring their own data."""
    if not levels:
        return spec
    data = {"values": [{"level": place, "words": words} for place, words in levels]}
    rule = {**NOTE, "type": "rule", "strokeDash": [6, 4], "strokeWidth": 1.5}
    text = {**NOTE, "type": "text", "align": "right", "baseline": "bottom", "dx": -4, "dy": -3}
    at = {"x": None, "color": None, "detail": None, "y": {**y, "field": "level"}}
    right = {**at, "x": {"value": "width"}, "text": {"field": "words"}}
    across = [{"data": data, "mark": rule, "encoding": at}, {"data": data, "mark": text, "encoding": right}]
    return {**spec, "layer": [*spec["layer"], *across]}


def _if_faint(faint: tuple[str, ...], yes: float, no: float) -> dict[str, Any]:
    return {"condition": {"test": {"field": "series", "oneOf": list(faint)}, "value": yes}, "value": no}


def _by_name(names: tuple[str, ...], styles: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": list(names), "range": [styles[i % len(styles)] for i in range(len(names))]},
    }


@lru_cache(maxsize=64)
def _confusion_spec(
    names: tuple[str, ...], true: str, predicted: str, images: str | None, share: str, height: int
) -> dict[str, Any]:
    axis = {**NAMES, "grid": False, "labelLimit": 110}
    count = {"field": "count", "type": "quantitative", "title": images, "format": ","}
    return {
        "height": height,
        "encoding": {
            "x": {
                "field": "predicted",
                "type": "nominal",
                "sort": list(names),
                "title": predicted,
                "axis": {**axis, "orient": "top", "labelAngle": -40},
            },
            "y": {"field": "true", "type": "nominal", "sort": list(names), "title": true, "axis": axis},
            "tooltip": [
                {"field": "true", "title": true},
                {"field": "predicted", "title": predicted},
                *([count] if images else []),
                {"field": "share", "type": "quantitative", "title": share, "format": ".1%"},
            ],
        },
        "layer": [
            {
                "mark": {"type": "rect", "cornerRadius": 2},
                "encoding": {
                    "color": {
                        "field": "shade",
                        "type": "quantitative",
                        "scale": {"domain": [0, 1]},
                        "legend": None,
                    }
                },
            },
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {
                    "text": {"field": "label"},
                    "color": {
                        "condition": {
                            "test": "luminance(scale('color', datum.shade)) > 0.35",
                            "value": "#0B1622",
                        },
                        "value": "#F4F8FC",
                    },
                },
            },
        ],
        "padding": {"left": 0, "top": 18, "right": 4, "bottom": 0},
        "config": {"scale": {"bandPaddingInner": 0.04}},
    }


@lru_cache(maxsize=64)
def _bars_spec(names: tuple[str, ...], x: str, y: str, value_format: str, height: int) -> dict[str, Any]:
    value = {"field": "value", "type": "quantitative", "title": x}
    return {
        "height": height,
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "sort": list(names),
                "title": None,
                "axis": {**NAMES, "labelLimit": 140},
            },
            "x": {**value, "axis": {"format": value_format, "tickCount": 5}},
            "tooltip": [{"field": "name", "title": y}, {**value, "format": value_format}],
        },
        "mark": {"type": "bar", "cornerRadiusEnd": 3, "height": {"band": 0.7}},
    }


@lru_cache(maxsize=16)
def _stacked_spec(
    names: tuple[str, ...], parts: tuple[str, ...], x: str, y: str, height: int
) -> dict[str, Any]:
    spec = _bars_spec(names, x, y, ",.0f", height)
    legend = {"title": None, "orient": "top", "offset": 8, "padding": 0, "columns": 3, "labelFontSize": 12}
    colour = {"field": "part", "type": "nominal", "scale": {"domain": list(parts)}, "legend": legend}
    tooltip = [*spec["encoding"]["tooltip"], {"field": "part", "title": " "}]
    encoding = {**spec["encoding"], "color": colour, "order": {"field": "order"}, "tooltip": tooltip}
    return {**spec, "encoding": encoding, "mark": {"type": "bar", "height": {"band": 0.7}}}


@lru_cache(maxsize=16)
def _histogram_spec(x: str, y: str, log: bool, height: int) -> dict[str, Any]:
    share = {"field": "share", "type": "quantitative", "title": y}
    scale = {"type": "log", "domainMin": 1e-4} if log else {"zero": True}
    return {
        "height": height,
        "encoding": {
            "x": {
                "field": "from",
                "type": "quantitative",
                "title": x,
                "bin": {"binned": True},
                "axis": {"labelFlush": 12},  # the last one, near the edge, is moved in instead of cut off
            },
            "x2": {"field": "to"},
            "y": {**share, "stack": None, "scale": scale, "axis": {"format": ".1~%", "tickCount": 5}},
            "tooltip": [
                {"field": "from", "type": "quantitative", "title": x},
                {**share, "format": ".2%"},
            ],
        },
        "mark": {"type": "bar", "binSpacing": 1, "cornerRadiusEnd": 2},
    }
