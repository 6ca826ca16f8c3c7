"""What a sweep or a race will ask of this machine, told before it starts: runs, and the time for all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import duration
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.services import engine
from pages.parts.frame.frame import guard
from pages.parts.run.forecast import SECONDS_A_LOOK


def sweep_forecast(specs: Sequence[RunSpec]) -> None:
    """One line; what is not known yet is measured meanwhile, and filled in when it is.

    Runs that differ only in what takes no time are asked for once.
    """
    known = _seconds(specs)
    if known is None and engine().state != "failed":
        st.fragment(_measuring, run_every=SECONDS_A_LOOK)(specs)
    else:
        _line(specs, known)


def _measuring(specs: Sequence[RunSpec]) -> None:
    with guard():
        if (known := _seconds(specs)) is not None:
            st.rerun()
        _line(specs, known)


def _seconds(specs: Sequence[RunSpec]) -> float | None:
    """For all of them, one after the other on all cores."""
    every = [engine().forecast(spec) for spec in specs]  # all are asked for, so that all are measured
    if any(forecast is None for forecast in every):
        return None
    return sum(forecast.seconds_per_epoch * spec.epochs for forecast, spec in zip(every, specs, strict=True))


def _line(specs: Sequence[RunSpec], known: float | None) -> None:
    runs = ngettext("**{n}** run", "**{n}** runs", len(specs)).format(n=len(specs))
    if known is None:
        length = _("measuring the time on this machine …")
    else:
        length = _("about **{time}** in all on this machine").format(time=duration(known))
    st.caption(f"{runs} · {length}")
