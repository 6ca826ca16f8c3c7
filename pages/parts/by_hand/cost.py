"""What a convolution costs, beside a fully connected layer that takes and gives as many numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import streamlit as st

from fmnist_core.architecture.layers import Linear
from pages.parts.base.formatting import count
from pages.parts.base.i18n import _
from pages.parts.widgets.figures_table import html_table, scrolled
from pages.parts.widgets.pinning.shown import shown


def cost(kernel: int, before: Sequence[int], behind: Sequence[int], multiplications: int) -> None:
    """The `kernel` is square; `before` and `behind` are rows and columns."""
    st.subheader(_("What it costs"), anchor=False)
    pixels, full = (prod(before),), Linear(prod(behind))
    parameters = kernel**2 + 1
    heads = ("", _("Parameters"), _("Multiplications"))
    rows = [
        (_("This filter and its bias"), count(parameters), count(multiplications)),
        (_("Fully connected"), count(full.parameters(pixels)), count(full.multiplications(pixels))),
    ]
    caption = _("Numbers that come in: {before}; that come out: {behind}").format(
        before=count(*pixels), behind=count(full.units)
    )
    what = f"{_('What it costs')}. {caption}"
    shown(scrolled(html_table(caption, heads, rows)), what, "byhand_cost")
    words = _(
        "Parameters are the numbers that training changes; the bias is one that is added to every sum. "
        "Fully connected means a weight of its own from every pixel to every number of the result, where "
        "the filter takes the same few everywhere."
    )
    if (times := full.parameters(pixels) / parameters) >= 2:
        words += " " + _("Here that is {times} times as many parameters.").format(times=count(round(times)))
    st.caption(words, width=720)
