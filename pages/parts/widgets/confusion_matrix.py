"""Confusion matrices as charts: counts or shares of a class cell by cell, and how two of them differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from typing import Literal

import altair
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.parts.base.confusion import difference, shares
from pages.parts.base.i18n import _
from pages.parts.widgets import chart
from pages.parts.widgets.chart import INKS, NAMES, Spec, by_theme
from pages.parts.widgets.matrix_tables import matrix_table, scores_table

ON_DARK, ON_LIGHT = "#FFFFFF", "#000000"
BORDER = 0.179  # the luminance of a ground on which black and white are read equally well
# The luminance of these and of all between them is over 0.3 or under 0.1: text on them has 7:1 and more.
FAR_SHADES = {"light": ("#F3F8FC", "#60A6D6"), "dark": ("#151D28", "#125584")}
MORE, LESS = "#0072B2", "#D55E00"
ROOM_FOR_NAMES = {"left": 0, "top": 18, "right": 30, "bottom": 0}  # which lean out over the last column
PICK = "cell"  # the name of the selection of a cell
# A figure is no wider than its cell, or on a narrow screen it would lie on its neighbours' ground.
FITTING = "clamp(1.5 * bandwidth('x') / length(datum.label), 7, 11)"
UPRIGHT_IF_NARROW = "width < 300 ? -90 : -40"  # on a telephone the names would lie on one another
STRONGEST = 0.3  # a difference of so many of a class's images has the full colour


def draw_confusion(
    matrix: np.ndarray,
    names: Sequence[str],
    *,
    key: str,
    alt: str,
    normalised: bool = True,
    height: int | Literal["stretch"] = 430,
    picked: tuple[int, int] | None = None,
    on_pick: Callable[[int, int], object] | None = None,
) -> None:
    """A confusion matrix of counts, shape (10, 10), rows true and columns predicted class.

    The cell `picked` is framed. `on_pick` is called with another that is clicked; the keyboard has no way to
    a cell, so offer it one.

    One whose `height` is to stretch fills its container, to be read from afar: its shades leave out those on
    which neither black nor white is read easily.

    Normalised, a cell's shade and number say which share of its row it is, in percent; else they are counts.
    Either way the tooltip gives both. Of a matrix of floats, which are shares already, it gives these alone.
    """
    counted = np.issubdtype(matrix.dtype, np.integer)
    titles = _("True class"), _("Predicted class"), _("Images") if counted else None
    spec = _confusion_spec(tuple(names), *titles, _("Share of the class"), height, picked is not None)
    table = _confusion_table(matrix.tobytes(), matrix.dtype.str, tuple(names), normalised)
    if picked is not None:
        frame = np.zeros(matrix.shape, dtype=np.int8)
        frame[picked] = 1
        table = table.append_column("picked", pa.array(frame.ravel()))

    def clicked() -> None:
        cells = st.session_state[key].selection.get(PICK, [])
        if on_pick is not None and cells and {"true", "predicted"} <= cells[0].keys():
            true, predicted = cells[0]["true"], cells[0]["predicted"]
            if true in names and predicted in names:  # what a browser sends may be anything
                on_pick(names.index(true), names.index(predicted))

    label = _("Precision, recall, F1, and the figures as a table")
    number_format = ",.0f" if counted else ".1%"
    chart.draw(
        table,
        spec,
        key,
        alt,
        large=height == "stretch",
        chosen=None if on_pick is None else ([PICK], clicked),
        figures=(
            label,
            lambda: scores_table(matrix, names) + matrix_table(matrix, names, alt, number_format),
        ),
    )


def draw_difference(
    first: np.ndarray,
    second: np.ndarray,
    names: Sequence[str],
    title: str,
    *,
    key: str,
    height: int = 340,
) -> None:
    """The second matrix minus the first, cell by cell; `title` says so above it, and to who cannot see it."""
    titles = _("True class"), _("Predicted class"), _("Difference")
    st.html(f'<p class="lab-title">{escape(title)}</p>')
    spec = _difference_spec(tuple(names), *titles, height)
    table = difference_table(first, second, names)
    label, grown = _("Figures as a table"), difference(first, second)
    chart.draw(table, spec, key, title, figures=(label, lambda: matrix_table(grown, names, title, "+.1%")))


def difference_table(first: np.ndarray, second: np.ndarray, names: Sequence[str]) -> pa.Table:
    """One row a cell: its classes, its difference, and that in whole percentage points, blank if none."""
    grown = difference(first, second).ravel()
    points = np.rint(100 * grown).astype(int)
    return pa.table(
        {
            "true": np.repeat(list(names), len(names)),
            "predicted": np.tile(list(names), len(names)),
            "difference": grown,
            "label": [f"{p:+d}".replace("-", "−") if p else "" for p in points],
        }
    )


@lru_cache(maxsize=32)
def _confusion_table(matrix: bytes, dtype: str, names: tuple[str, ...], normalised: bool) -> pa.Table:
    """One row a cell; made once for all who look at the same matrix."""
    values = np.frombuffer(matrix, dtype).reshape(len(names), len(names))
    of_class = shares(values)
    shades = of_class if normalised else values / max(int(values.max()), 1)
    shown = np.rint(100 * of_class).astype(np.int64) if normalised else values
    return pa.table(
        {
            "true": np.repeat(list(names), len(names)),
            "predicted": np.tile(list(names), len(names)),
            "count": values.ravel(),
            "share": of_class.ravel(),
            "shade": shades.ravel(),
            "label": [str(n) if n else "" for n in shown.ravel()],
        }
    )


def _cells(names: tuple[str, ...], true: str, predicted: str) -> altair.Chart:
    """The grid: true classes from top to bottom, predicted ones along the top."""
    listed, axis = list(names), {**NAMES, "grid": False, "labelLimit": 200}
    above = {**axis, "orient": "top", "labelAngle": altair.ExprRef(UPRIGHT_IF_NARROW)}
    across = altair.X("predicted:N").sort(listed).title(predicted).axis(**above)
    return chart.of_rows().encode(x=across, y=altair.Y("true:N").sort(listed).title(true).axis(**axis))


def _tooltip(true: str, predicted: str) -> list[altair.Tooltip]:
    return [altair.Tooltip("true:N").title(true), altair.Tooltip("predicted:N").title(predicted)]


@lru_cache(maxsize=64)
def _confusion_spec(
    names: tuple[str, ...],
    true: str,
    predicted: str,
    images: str | None,
    share: str,
    height: int | Literal["stretch"],
    picking: bool = False,
) -> Spec:
    """Where one is `picking`, cells can be clicked, and the picked one is framed."""
    tooltip = _tooltip(true, predicted)
    if images:
        tooltip.append(altair.Tooltip("count:Q").title(images).format(","))
    tooltip.append(altair.Tooltip("share:Q").title(share).format(".1%"))
    cells = _cells(names, true, predicted).encode(tooltip=tooltip)
    far = height == "stretch"
    ends = [{theme: FAR_SHADES[theme][end] for theme in FAR_SHADES} for end in (0, 1)]
    scale = {"domain": [0, 1], **({"range": [by_theme(end) for end in ends]} if far else {})}
    shade = altair.Color("shade:Q").scale(**scale).legend(None)
    pale = altair.when(f"luminance(scale('color', datum.shade)) > {BORDER}")
    ink = pale.then(altair.value(ON_LIGHT)).otherwise(altair.value(ON_DARK))
    shaded = cells.mark_rect(cornerRadius=2).encode(color=shade)
    layers = [
        shaded,
        cells.mark_text(fontSize=chart.LARGE_TEXT if far else altair.ExprRef(FITTING)).encode(
            text=altair.Text("label:N"), color=ink
        ),
    ]
    if picking:
        picks = altair.selection_point(name=PICK, fields=["true", "predicted"], on="click", toggle="false")
        layers[0] = shaded.add_params(picks)
        around = cells.mark_rect(
            cornerRadius=2, filled=False, stroke=by_theme(INKS), strokeWidth=3, aria=False
        )
        layers.append(around.transform_filter("datum.picked"))
    drawn = altair.layer(*layers).properties(padding=ROOM_FOR_NAMES)
    if height != "stretch":
        drawn = drawn.properties(height=height)
    return chart.spec(drawn.configure_scale(bandPaddingInner=0.04))


@lru_cache(maxsize=16)
def _difference_spec(
    names: tuple[str, ...],
    true: str,
    predicted: str,
    change: str,
    height: int,
) -> Spec:
    tooltip = [*_tooltip(true, predicted), altair.Tooltip("difference:Q").title(change).format("+.1%")]
    cells = _cells(names, true, predicted).encode(tooltip=tooltip)
    # The number tells the sign too; a faint fill suits a light and a dark page.
    colour = altair.when("datum.difference < 0").then(altair.value(LESS)).otherwise(altair.value(MORE))
    strength = altair.Opacity("strength:Q").legend(None)
    strength = strength.scale(domain=[0, STRONGEST], range=[0.04, 0.7], clamp=True)
    drawn = altair.layer(
        cells.mark_rect(cornerRadius=2).encode(color=colour, opacity=strength),
        cells.mark_text(fontSize=altair.ExprRef(FITTING), color=by_theme(INKS)).encode(
            text=altair.Text("label:N")
        ),
    ).transform_calculate(strength="abs(datum.difference)")
    drawn = drawn.properties(height=height, padding=ROOM_FOR_NAMES)
    return chart.spec(drawn.configure_scale(bandPaddingInner=0.04))
