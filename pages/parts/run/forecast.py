"""What a run will ask of this machine, told before it starts: size, time, and the learners ahead of it."""

from __future__ import annotations

import streamlit as st

from fmnist_core.engine.throughput import Forecast
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import duration
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.services import engine
from pages.parts.frame.frame import guard

SECONDS_A_LOOK = 1.0


def forecast(spec: RunSpec) -> None:
    """One line; what is not known yet is measured meanwhile, and filled in when it is."""
    known = engine().forecast(spec)
    if known is None and engine().state != "failed":
        st.fragment(_measuring, run_every=SECONDS_A_LOOK)(spec)
    else:
        _line(spec, known)


def _measuring(spec: RunSpec) -> None:
    with guard():
        if engine().forecast(spec) is not None:
            st.rerun()
        _line(spec, None)


def _line(spec: RunSpec, known: Forecast | None) -> None:
    parts = [_("**{n:,}** parameters").format(n=spec.parameter_count)]
    if known is None:
        parts.append(_("measuring the time on this machine …"))
    else:
        parts.append(_("**{time}** an epoch").format(time=duration(known.seconds_per_epoch)))
        parts.append(_("**{time}** in all").format(time=duration(known.seconds_per_epoch * spec.epochs)))
        parts.append(
            ngettext("shared with {n} learner", "shared with {n} learners", known.queue_place).format(
                n=known.queue_place
            )
            if known.queue_place
            else _("starts at once")
        )
    if (device_and_dtype := engine().device_and_dtype(spec)) is not None:
        parts.append(_on_what(*device_and_dtype))
    st.caption(" · ".join(parts))


def _on_what(gpu: str, numbers: str, cores: int) -> str:
    """The path that training takes on this machine."""
    if gpu:
        return f"{gpu}, {numbers}"
    return ngettext("{n} core, {numbers}", "{n} cores, {numbers}", cores).format(n=cores, numbers=numbers)
