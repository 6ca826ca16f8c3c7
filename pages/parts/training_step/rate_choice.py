"""The learning rate of the step, on a slider and in the address; at first the run's own."""

from __future__ import annotations

import streamlit as st

from fmnist_core.spec import LIMITS
from pages.parts.base.formatting import in_full
from pages.parts.base.i18n import _
from pages.parts.base.number_text import typed
from pages.parts.base.numerals import exact
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import linked_choice

RATE = "rate"
RATES = (*(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 2, 5)), 10.0)


def choose_rate(usual: float) -> float:
    """One of `RATES`, the run's own, or whatever the address asks for within the limits."""
    rates, (low, high) = {*RATES, usual}, LIMITS["learning_rate"]
    if (asked := st.query_params.get(RATE)) is not None:
        rate = typed(float, asked)
        if isinstance(rate, float) and low <= rate <= high:
            rates.add(rate)
            st.query_params[RATE] = exact(rate)
        else:
            st.warning(
                _("A learning rate must lie between {low} and {high}; “{asked}” does not.").format(
                    low=in_full(low), high=in_full(high), asked=as_typed(asked[:40])
                )
            )
            del st.query_params[RATE]
    options = {exact(rate): in_full(rate) for rate in sorted(rates)}
    chosen = linked_choice(_("Learning rate η"), options, key=RATE, control="slider", default=exact(usual))
    return float(chosen)
