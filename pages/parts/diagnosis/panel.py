"""What the diagnosis says of runs: at most three findings, each with evidence and an experiment to set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.diagnosis.finding import Finding, Severity
from fmnist_core.diagnosis.rules import LEAST_EPOCHS, MOST
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from pages.parts.base import routes
from pages.parts.base.formatting import in_full
from pages.parts.base.i18n import _, say
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


def panel(runs: Sequence[Run], said: Sequence[Said], fill: Callable[[RunSpec], None] | None = None) -> None:
    """The worst three of what is said of the runs, or that nothing is.

    `fill` brings an experiment into the form, where that stands on the same page; else the lab is opened. The
    place is the same whether there is much to say or nothing, so that nothing around it is drawn anew.
    """
    worst = sorted(said, key=lambda one: -one.finding.severity)[:MOST]
    with st.container(key="diagnosis", border=bool(worst), gap="small"):
        if not worst and runs and all(run.epoch >= LEAST_EPOCHS for run in runs):
            st.caption(_all_well(has_ended=all(run.end_reason is not None for run in runs)))
        offered: list[tuple[str, RunSpec]] = []
        left_out: list[tuple[str, str]] = []
        for number, one in enumerate(worst):
            with st.container(key=f"diagnosis_{number}", gap=None):
                _say(one)
                experiment = one.finding.experiment(one.run.spec)
                if experiment is not None and (one.run.id, experiment) not in offered:
                    offered.append((one.run.id, experiment))
                    _offer(one, experiment, fill, key=f"diagnosis_try_{number}")
                    for words in _not_repeated(one):
                        if (one.run.id, words) not in left_out:
                            left_out.append((one.run.id, words))
                            st.caption(words)


def _all_well(has_ended: bool) -> str:
    if has_ended:
        return _("The curves show nothing to worry about.")
    return _("The curves show nothing to worry about so far.")


def _say(one: Said) -> None:
    finding = one.finding
    about = f" {as_typed(one.name)} — " if one.name else " "
    st.markdown(f"{ICONS[finding.severity]}{about}**{say(finding.what)}** {say(finding.evidence)}")


def _offer(one: Said, experiment: RunSpec, fill: Callable[[RunSpec], None] | None, key: str) -> None:
    (name,) = one.finding.change
    clicked = st.button(
        _("Try {setting}").format(setting=setting(name, getattr(experiment, name))),
        key=key,
        type="tertiary",
        icon=":material/science:",
        help=_("Fills the form with the settings of this run, only this one changed; Train starts it."),
        on_click=fill,
        args=(experiment,) if fill else None,
    )
    if clicked and fill:
        st.rerun()  # all of the page, as the form stands outside of what is drawn every second
    elif clicked:
        _open_lab(one.run, experiment)


def _not_repeated(one: Said) -> Iterator[str]:
    """What else the experiment does not share with the run, since the form holds settings only."""
    spec = one.run.spec
    if spec.branch is not None:
        yield _("This run branched off another one; the experiment begins from scratch.")
    if spec.learning_rate_changes and "learning_rate" not in one.finding.change:
        first = in_full(spec.learning_rate)
        yield _("The experiment keeps learning rate {rate} throughout; in this run it was changed.").format(
            rate=first
        )


def _open_lab(run: Run, experiment: RunSpec) -> None:
    """With the run in view and the experiment in the form."""
    fresh = form_values.defaults(run.spec.task, fashion_mnist.load())
    address = {**url_state.parameters(experiment, fresh), routes.RUN: run.id}
    st.switch_page(routes.LAB_PAGES[run.spec.task], query_params=address)
