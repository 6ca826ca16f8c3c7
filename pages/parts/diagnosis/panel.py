"""What the diagnosis says of runs: at most three findings, each with evidence and an experiment to set up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.diagnosis.finding import Finding, Severity
from fmnist_core.diagnosis.rules import MOST
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from pages.parts.base.i18n import _, say
from pages.parts.base.routes import LAB_PAGES
from pages.parts.base.spec_words import setting
from pages.parts.base.typed_text import as_typed
from pages.parts.forms import form_values, url_state

ICONS = {
    Severity.REMARK: ":material/info:",
    Severity.WASTE: ":material/hourglass_disabled:",
    Severity.COST: ":material/warning:",
    Severity.HARM: ":material/warning:",
    Severity.RUIN: ":material/error:",
}


@dataclass(frozen=True)
class Said:
    """A finding on a run; `name` says on which, where there are several."""

    run: Run
    finding: Finding
    name: str = ""


def panel(said: Sequence[Said], all_well: str, fill: Callable[[RunSpec], None] | None = None) -> None:
    """The worst three of what is said, or `all_well`.

    `fill` brings an experiment into the form, where that stands on the same page; else the lab is opened. The
    place is the same whether there is much to say or nothing, so that nothing around it is drawn anew.
    """
    with st.container(key="diagnosis", gap="xsmall"):
        worst = sorted(said, key=lambda one: -one.finding.severity)[:MOST]
        if not worst and all_well:
            st.caption(all_well)
        for number, one in enumerate(worst):
            _draw(one, fill, key=f"diagnosis_{number}")


def _draw(one: Said, fill: Callable[[RunSpec], None] | None, key: str) -> None:
    finding = one.finding
    with st.container(key=key, horizontal=True, vertical_alignment="center", gap="small"):
        icon, about = ICONS[finding.severity], f"{as_typed(one.name)}: " if one.name else ""
        st.markdown(f"{icon} {about}**{say(finding.what)}** {say(finding.evidence)}", width="stretch")
        experiment = finding.experiment(one.run.spec)
        if experiment is None:
            return
        (name,) = finding.change
        clicked = st.button(
            _("Try {setting}").format(setting=setting(name, getattr(experiment, name))),
            key=f"{key}_try",
            icon=":material/science:",
            help=_("Fills the form with the settings of this run, only this one changed; Train starts it."),
            on_click=fill,
            args=(experiment,) if fill else None,
        )
        if clicked and fill:
            st.rerun()  # all of the page, as the form stands outside of what is drawn every second
        elif clicked:
            _open_lab(one.run, experiment)


def _open_lab(run: Run, experiment: RunSpec) -> None:
    """With the run in view and the experiment in the form."""
    fresh = form_values.defaults(run.spec.task, fashion_mnist.load())
    address = {**url_state.parameters(experiment, fresh), url_state.RUN: run.id}
    st.switch_page(LAB_PAGES[run.spec.task], query_params=address)
