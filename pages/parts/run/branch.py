"""A branch: a new run that takes over the weights of another at a moment of its film."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.spec import LIMITS
from fmnist_core.store.runs import Run
from pages.parts.base.attempt import attempt
from pages.parts.base.formatting import typed_in_full
from pages.parts.base.i18n import _
from pages.parts.base.learner import learner_id
from pages.parts.base.number_text import typed
from pages.parts.base.numerals import exact
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import isolated
from pages.parts.forms.controls import LEARNING_RATES, dropout
from pages.parts.run.film import frame_in_view, moment_words


def branch(run: Run | None, show_run: Callable[[str], None]) -> None:
    """A new run that starts with the weights of a frame of this one's film, under other settings."""
    popover = st.popover(
        _("Branch"),
        icon=":material/call_split:",
        key="bar_branch",
        disabled=run is None,
        on_change=_branch_from_view,
        args=(run and run.id,),
    )
    if run is None or not popover.open:
        return
    with popover:
        kept = _kept(run.id)
        if not kept:
            st.caption(_("There is nothing to branch from yet: the film has no frame."))
            return
        if _field("step", run.id) not in st.session_state:
            _branch_from_view(run.id)
        st.caption(_("A new run that takes over the weights of this one at a moment of its film."))
        st.selectbox(
            _("From"),
            kept,
            format_func=dict(zip(kept, moment_words(run, *kept), strict=True)).__getitem__,
            key=_field("step", run.id),
            placeholder=_("Choose a moment"),
        )
        st.selectbox(
            _("Learning rate"),
            LEARNING_RATES,
            format_func=typed_in_full,
            key=_field("learning_rate", run.id),
            accept_new_options=True,
            placeholder=_("Choose or type a number"),
        )
        dropout(_field("dropout", run.id))
        st.number_input(
            _("Epochs"), *(int(limit) for limit in LIMITS["epochs"]), key=_field("epochs", run.id)
        )
        st.button(
            _("Branch from here"),
            key="bar_do_branch",
            type="primary",
            on_click=_do_branch,
            args=(run.id, show_run),
        )


def _kept(run_id: str) -> list[int]:
    return [frame.step for frame in store().snapshots(run_id) if frame.can_branch]


def _field(name: str, run_id: str) -> str:
    return f"branch_{name}_{run_id}"


def _branch_from_view(run_id: str) -> None:
    """Offer first the moment that the learner looks at, or the last kept before it, and what held then."""
    run, kept, seen = store().run(run_id), _kept(run_id), frame_in_view(run_id)
    if not kept:
        return
    step = max((step for step in kept if seen is not None and step <= seen), default=kept[-1])
    usual = {
        "step": step,
        "learning_rate": exact(run.spec.learning_rate_at(step)),
        "dropout": run.spec.dropout,
        "epochs": run.spec.epochs,
    }
    for name, value in usual.items():
        st.session_state[_field(name, run_id)] = value


def _do_branch(run_id: str, show_run: Callable[[str], None]) -> None:
    names = ("learning_rate", "dropout", "epochs")
    chosen = {name: st.session_state[_field(name, run_id)] for name in names}
    chosen["learning_rate"] = typed(float, chosen["learning_rate"])
    name = _("{name}, branch").format(name=isolated(store().run(run_id).name))
    step = st.session_state[_field("step", run_id)]
    new = attempt(engine().branch, run_id, step, learner_id(), name, **chosen)
    if new is not None:
        st.session_state["bar_branch"] = False  # it is open on the run left behind
        show_run(new)
