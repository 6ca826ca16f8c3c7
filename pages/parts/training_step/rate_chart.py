"""The loss after one step, by learning rate: a curve for each optimizer, from the same weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import altair
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.training_step.numbers import words
from pages.parts.widgets import chart
from pages.parts.widgets.chart import DASHES, MARKERS, Spec
from pages.parts.widgets.legends import line_legend, of_curves

TIMES = 2.0  # the loss ahead of the step: what grows beyond that is not drawn


def rate_chart(found: Mapping[str, np.ndarray], titles: Mapping[str, str], rate: float) -> None:
    """`found` are losses by the names of `titles`, "rates", and the "loss" ahead of the step."""
    ahead, rates = float(found["loss"]), found["rates"]
    losses = {title: found[name] for name, title in titles.items()}
    table = pa.table(
        {
            "series": np.repeat(list(losses), len(rates)),
            "x": np.tile(rates, len(losses)),
            "y": np.concatenate([np.minimum(one, TIMES * ahead) for one in losses.values()]),
        }
    )
    levels = ((ahead, _("loss ahead of the step")),)
    line_legend(of_curves(tuple(losses), ()), levels)
    spec = _spec(tuple(losses), _("Learning rate"), _("Loss after the step"), levels, rate, TIMES * ahead)
    chart.draw(table, spec, "step_rates", _("Loss after one step by learning rate, one curve an optimizer"))
    lines = []
    for title, after in losses.items():
        best = valley(after, ahead)
        lines.append(
            _("{optimizer}: the loss falls most, to {loss}, at a learning rate of about {rate}").format(
                optimizer=title, loss=words(float(after[best])), rate=words(float(rates[best]), 1)
            )
            if best is not None
            else _("{optimizer}: the loss falls at none of these learning rates").format(optimizer=title)
        )
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.caption(
        _(
            "Too small a rate hardly moves; too large a rate jumps over the valley, and the loss grows. "
            "Curves at the upper edge have left the picture; a jump that lands low is luck. What is best for "
            "one batch is often too much for a whole training: the next batch has another valley."
        ),
        width=720,
    )


def valley(after: np.ndarray, ahead: float) -> int | None:
    """Where the loss is least, of the rates before it first grows; what comes later is a lucky jump."""
    grown = np.flatnonzero(after >= ahead)
    before = after[: grown[0]] if len(grown) else after
    return int(np.argmin(before)) if len(before) else None


@lru_cache(maxsize=64)
def _spec(
    names: tuple[str, ...],
    x: str,
    y: str,
    levels: tuple[tuple[float, str], ...],
    rate: float,
    most: float,
) -> Spec:
    along = altair.X("x:Q").title(x).scale(type="log", nice=False).axis(format="~g", tickCount=6, grid=False)
    up = altair.Y("y:Q").title(y).scale(domain=[0, most], nice=False).axis(tickCount=5, format=".3~g")
    lines = chart.of_rows().encode(
        x=along, y=up, color=altair.Color("series:N").scale(domain=list(names)).legend(None)
    )
    dash = chart.styled(altair.StrokeDash("series:N"), names, DASHES).legend(None)
    shape = chart.styled(altair.Shape("series:N"), names, MARKERS).legend(None)
    here = altair.Chart(altair.Data(values=[{"rate": rate}])).encode(x=altair.X("rate:Q"))
    return chart.spec(
        altair.layer(
            lines.mark_line(clip=True).encode(strokeDash=dash),
            lines.mark_point(filled=True, size=42, clip=True, opacity=1).encode(shape=shape),
            here.mark_rule(**chart.NOTE, strokeWidth=1.5),
            *chart.across(levels, up),
            chart.hover(lines, ["series"], x, y, ".4~g"),
        ).properties(height=300)
    )
