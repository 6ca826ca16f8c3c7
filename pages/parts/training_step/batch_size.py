"""Batch size: one weight's gradient from batches of many sizes, and how far they lie apart."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import altair
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _
from pages.parts.training_step.numbers import words
from pages.parts.training_step.place_words import unit_words, weight_words
from pages.parts.training_step.step import Step
from pages.parts.training_step.weight_choice import choose_weight
from pages.parts.widgets import chart
from pages.parts.widgets.chart import Spec
from pages.parts.widgets.pinning.small_table import small_table

IMAGES = 512
SIZES = (1, 4, 16, 64)


def batch_size(step: Step) -> None:
    chosen = choose_weight(step)
    spec = step.network.spec
    gradients = step.answer("gradient_scatter", count=IMAGES, **chosen.asked)["gradients"]
    st.markdown(
        _(
            "The gradient of a batch is the mean of those of its garments. Here {n} training garments are "
            "put into batches of several sizes. Each line is the gradient of one weight from one batch: "
            "of {unit}, for {place}."
        ).format(n=count(len(gradients)), unit=unit_words(spec, chosen), place=weight_words(spec, chosen)),
        width=720,
    )
    sizes = [size for size in SIZES if len(gradients) >= 2 * size]  # one batch does not scatter
    batches = {size: batch_gradients(gradients, size) for size in sizes}
    mean = float(gradients.mean())
    _draw(batches, mean)
    rows = [
        (
            count(size),
            count(len(values)),
            words(float(values.std(ddof=1)), 3),
            words(float(gradients.std(ddof=1)) / sqrt(size), 3),
            percent(float((np.sign(values) == np.sign(mean)).mean())),
        )
        for size, values in batches.items()
    ]
    heads = (
        _("Garments in a batch"),
        _("Batches"),
        _("Standard deviation"),
        _("Of one garment, divided by √n"),
        _("With the sign of the mean"),
    )
    small_table(_("How far the gradients lie apart"), heads, rows, "step_batches")
    st.caption(
        _(
            "Four times as many garments halve the scatter, and cost four times the work. So a small batch "
            "makes many rough steps where a large one makes few exact ones; a rough step asks for a smaller "
            "learning rate."
        ),
        width=720,
    )


def batch_gradients(gradients: np.ndarray, size: int) -> np.ndarray:
    """The means of as many whole batches as there are, one after the other."""
    whole = len(gradients) // size * size
    means: np.ndarray = gradients[:whole].reshape(-1, size).mean(1)
    return means


def _draw(batches: dict[int, np.ndarray], mean: float) -> None:
    names = [count(size) for size in batches]
    table = pa.table(
        {
            "size": np.repeat(names, [len(values) for values in batches.values()]),
            "gradient": np.concatenate(list(batches.values())),
        }
    )
    spec = _spec(tuple(names), _("Gradient of the weight"), _("Garments in a batch"), mean)
    alt = _("The gradient from each batch, a tick a batch, by batch size")
    chart.draw(table, spec, "step_scatter", alt)


@lru_cache(maxsize=32)
def _spec(names: tuple[str, ...], x: str, y: str, mean: float) -> Spec:
    along = altair.X("gradient:Q").title(x).scale(zero=True).axis(format=".2~g", tickCount=5)
    up = altair.Y("size:N").title(y).sort(list(names)).axis(**chart.NAMES)
    tooltip = [altair.Tooltip("size:N").title(y), altair.Tooltip("gradient:Q").title(x).format(".3~g")]
    ticks = chart.of_rows().mark_tick(thickness=2, size=30, opacity=0.55)
    rule = altair.Chart(altair.Data(values=[{"mean": mean}])).encode(x=altair.X("mean:Q"))
    return chart.spec(
        altair.layer(
            ticks.encode(x=along, y=up, tooltip=tooltip),
            rule.mark_rule(**chart.NOTE, strokeDash=chart.LEVEL_DASH, strokeWidth=1.5),
        ).properties(height=240)
    )
