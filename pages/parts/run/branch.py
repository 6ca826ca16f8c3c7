"""A branch: a new run that takes over the weights of another as they were after any of its batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store.runs import Run
from pages.parts.base.attempt import attempt, held
from pages.parts.base.formatting import duration, in_full, typed_in_full
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.number_text import typed
from pages.parts.base.numerals import exact
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import as_typed, isolated
from pages.parts.forms.controls import LEARNING_RATES, dropout
from pages.parts.forms.number_field import number_field, whole_within
from pages.parts.run.film import frame_in_view, moment_words

MOST_CHANGES = 4  # of which the moment just before is a button


def branch(run: Run | None, show_run: Callable[[str], None]) -> None:
    """A new run that starts with the weights that this one had after a batch, under other settings."""
    popover = st.popover(
        _("Branch"),
        icon=":material/call_split:",
        key="bar_branch",
        disabled=run is None,
        on_change=attempt,
        args=(_branch_from_view, run and run.id),
    )
    if run is None or not popover.open:
        return
    if _field("step", run.id) not in st.session_state:
        _branch_from_view(run.id)
    with popover:
        st.caption(_("A new run that takes over the weights of this one as they were after a batch."))
        number_field(
            _("After batch"),
            _field("step", run.id),
            help=_("Any batch from 0, the random weights, to {last:,}, where this run stands.").format(
                last=run.step
            ),
            on_change=attempt,
            args=(_offer_rate, run.id),
        )
        _moments(run)
        refused = _say_what_it_takes(run)
        st.selectbox(
            _("Learning rate"),
            LEARNING_RATES,
            format_func=typed_in_full,
            key=_field("learning_rate", run.id),
            accept_new_options=True,
            placeholder=_("Choose or type a number"),
        )
        dropout(_field("dropout", run.id))
        number_field(_("Epochs"), _field("epochs", run.id))
        st.button(
            _("Branch from here"),
            key="bar_do_branch",
            type="primary",
            disabled=refused,
            on_click=_do_branch,
            args=(run.id, show_run),
        )


def _moments(run: Run) -> None:
    """Batches that a learner is likely to mean, each a button."""
    rates = [(change.step, change.learning_rate) for change in run.spec.learning_rate_changes]
    offers = []
    if (seen := frame_in_view(run.id)) is not None and seen <= run.step:
        (moment,) = moment_words(run, seen)
        offers.append(("view", _("Frame in view: {moment}").format(moment=moment), seen, None))
    for step, rate in rates[-MOST_CHANGES:]:
        before = run.spec.learning_rate_at(step - 1)
        words = _("Just before the change at batch {step:,} ({before} → {after})")
        words = words.format(step=step, before=in_full(before), after=in_full(rate))
        offers.append((f"change_{step}", words, step, before))
    for name, words, step, rate in offers:
        st.button(
            words,
            key=f"branch_at_{name}",
            icon=":material/movie:" if name == "view" else ":material/speed:",
            type="tertiary",
            on_click=attempt,
            args=(_put, run.id, step, rate),
        )


def _say_what_it_takes(run: Run) -> bool:
    """Where the weights come from and how long that takes, or why there are none; whether it was refused."""
    try:
        step = _batch(run)
        first = engine().replay_from(run.id, step)
    except LabError as error:
        st.warning(as_typed(say(error)), icon=":material/edit_note:")
        return True
    (moment,) = moment_words(run, step)
    if first == step:
        st.caption(_("From {moment}, whose weights are kept: it begins at once.").format(moment=moment))
    else:
        seconds = run.seconds / max(1, run.step) * (step - first)
        st.caption(
            _(
                "From {moment}. Those weights are trained forward from batch {first:,}, the same bit for "
                "bit: about {time}."
            ).format(moment=moment, first=first, time=duration(seconds))
        )
    return False


def _batch(run: Run) -> int:
    """What was typed. Raises `LabError`."""
    return whole_within(Sentence("After batch"), held(_field("step", run.id)), 0, run.step)


def _field(name: str, run_id: str) -> str:
    return f"branch_{name}_{run_id}"


def _branch_from_view(run_id: str) -> None:
    """Offer first the moment that the learner looks at, or the latest, and what held then."""
    run, seen = store().run(run_id), frame_in_view(run_id)
    st.session_state[_field("dropout", run_id)] = run.spec.dropout
    st.session_state[_field("epochs", run_id)] = str(run.spec.epochs)
    _put(run_id, run.step if seen is None else min(seen, run.step))


def _put(run_id: str, step: int, rate: float | None = None) -> None:
    """Fill in a batch, and with it the learning rate, if not given that with which the run went on there."""
    st.session_state[_field("step", run_id)] = str(step)
    offered = exact(store().run(run_id).spec.learning_rate_at(step) if rate is None else rate)
    for name in ("learning_rate", "offered_rate"):
        st.session_state[_field(name, run_id)] = offered


def _offer_rate(run_id: str) -> None:
    """Another batch was typed: a learning rate that the learner has not touched follows it."""
    step = typed(int, held(_field("step", run_id)))
    rate, offered = (
        typed(float, st.session_state.get(_field(name, run_id))) for name in ("learning_rate", "offered_rate")
    )
    if isinstance(step, int) and rate == offered:
        _put(run_id, step)


def _branch_off(run_id: str, chosen: dict[str, Any]) -> str:
    run = store().run(run_id)
    name = _("{name}, branch").format(name=isolated(run.name))
    return engine().branch(run_id, _batch(run), learner_id(), name, **chosen)


def _do_branch(run_id: str, show_run: Callable[[str], None]) -> None:
    chosen = {
        "learning_rate": typed(float, held(_field("learning_rate", run_id))),
        "dropout": held(_field("dropout", run_id)),
        "epochs": typed(int, held(_field("epochs", run_id))),
    }
    new = attempt(_branch_off, run_id, chosen)
    if new is not None:
        st.session_state["bar_branch"] = False  # it is open on the run left behind
        show_run(new)
