"""Why our figures may differ from the published ones: what was tested, what is known, what was left open."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from fmnist_core.replication.claims.published import Comparison
from pages.parts.base.i18n import _, say
from pages.parts.results.report_table import setting_name


def reasons_for(
    compared: Sequence[Comparison], experiments: Collection[str], varied: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """By setting, or by several that share their reasons; only of figures that differ beyond seed noise."""
    by_name: dict[str, dict[str, None]] = {}
    for comparison in compared:
        if comparison.experiment.id in experiments and comparison.reasons:
            reasons_of_setting = by_name.setdefault(setting_name(comparison.experiment, varied), {})
            reasons_of_setting |= dict.fromkeys(say(reason) for reason in comparison.reasons)
    shared: dict[tuple[str, ...], list[str]] = {}
    for name, reasons in by_name.items():
        shared.setdefault(tuple(reasons), []).append(name)
    return {"; ".join(names): reasons for reasons, names in shared.items()}


def draw_reasons(by_setting: dict[str, tuple[str, ...]], *, open: bool = False) -> None:
    """Nothing, if there are none."""
    if by_setting:
        title = _("Where we differ, and the likeliest reasons")
        with st.expander(title, icon=":material/help:", expanded=open):
            for name, reasons in by_setting.items():
                st.markdown(f"**{name}**\n" + "\n".join(f"- {reason}" for reason in reasons))
