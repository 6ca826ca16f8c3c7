"""The bar that steers the run in view: always the same buttons, enabled where they make sense now.

A click is one call of the engine; what the engine refuses is told under the bar.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.engine.job import can_train
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from pages.parts.base.attempt import attempt, held, steering_button, tell_refusal
from pages.parts.base.formatting import in_full, listed, typed_in_full
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.learner import learner_id
from pages.parts.base.number_text import typed
from pages.parts.base.services import await_run, engine
from pages.parts.base.spec_words import differing, setting, within, words
from pages.parts.forms.controls import LEARNING_RATES
from pages.parts.run.branch import branch
from pages.parts.run.status import network

MORE_EPOCHS = 10
KEYS = {"pause": "P", "batch": "N", "epoch": "E"}  # where a hall is watching
MOST_DIFFERENCES = 3  # named in one line


def run_bar(
    run: Run | None,
    spec: RunSpec | None,
    asked: Callable[[], RunSpec],
    show_run: Callable[[str], None],
    use_settings: Callable[[RunSpec], None] | None = None,
    keys: bool = False,
) -> None:
    """`spec` is what the form asks for, if it can be trained; `asked` says so at the moment of a click, as
    the form may have just changed; `show_run` brings a run into view, `use_settings` a spec into the form.
    With `keys` those that steer have keys of the keyboard.

    While the run in view moves, Train waits for changed settings: a second click starts nothing.
    """
    mine = run is not None and run.learner == learner_id()
    run_id, status = (run.id, run.status) if run else (None, None)
    stopping = run is not None and engine().is_stopping(run.id)
    moving, alive = status in OPEN and not stopping, status in (*OPEN, "paused") and not stopping
    rests = run is not None and status not in OPEN and can_train(run)  # paused, or failed and worth a try
    same = run is not None and spec is not None and settings(run.spec) == settings(spec)
    with st.container(key="run_bar", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Train"),
            type="primary",
            icon=":material/play_circle:",
            key="bar_train",
            disabled=spec is None or (moving and same),
            on_click=start,
            args=(asked, show_run),
            help=_("Start a new run with the settings of the form."),
        )
        pauses = KEYS["pause"] if keys else None
        if rests:
            steering_button("resume", run_id, engine().resume, mine, shortcut=pauses)
        else:
            steering_button("pause", run_id, engine().pause, mine and moving, shortcut=pauses)
        _steps(run, (rests and mine) or (run is None and spec is not None), asked, show_run, keys)
        steering_button("stop", run_id, _stop, mine and alive)
        st.button(
            _("+{n} epochs").format(n=MORE_EPOCHS),
            key="bar_extend",
            icon=":material/add:",
            disabled=not mine or status == "failed",
            on_click=attempt,
            args=(engine().extend, run_id, learner_id(), MORE_EPOCHS),
        )
        branch(run, show_run)
    if run is not None and spec is not None and use_settings is not None and not same:
        _another_experiment(run.spec, spec, use_settings)
    tell_refusal()


def start(asked: Callable[[], RunSpec], show_run: Callable[[str], None], paused: bool = False) -> str | None:
    """A new run with what is asked for, brought into view; its id, unless it was refused."""

    def submit() -> str:
        spec = asked()
        return engine().submit(spec, learner_id(), network(spec), paused=paused)

    new = attempt(submit)
    if new is not None:
        show_run(new)
    return new


def _stop(run_id: str, learner: str) -> None:
    """Until the test figures are there, if they come soon."""
    engine().stop(run_id, learner)
    await_run(run_id, lambda run: run.status not in OPEN, seconds=0.4)


def _steps(
    run: Run | None, enabled: bool, asked: Callable[[], RunSpec], show_run: Callable[[str], None], keys: bool
) -> None:
    """One batch or one epoch at a time: of the paused run in view, or of a new one."""
    for name, label, icon in (
        ("batch", _("One batch"), ":material/skip_next:"),
        ("epoch", _("One epoch"), ":material/fast_forward:"),
    ):
        st.button(
            label,
            shortcut=KEYS[name] if keys else None,
            icon=icon,
            key=f"bar_{name}",
            disabled=not enabled,
            on_click=_take_step,
            args=(name, run and run.id, asked, show_run),
        )


def _take_step(
    name: str, run_id: str | None, asked: Callable[[], RunSpec], show_run: Callable[[str], None]
) -> None:
    run_id = run_id or start(asked, show_run, paused=True)
    if run_id is not None:
        attempt(engine().step_batch if name == "batch" else engine().step_epoch, run_id, learner_id())


def learning_rate(run: Run, enabled: bool) -> None:
    """A change of the learning rate on the way, which the run records."""
    popover = st.popover(
        _("Learning rate {rate}").format(rate=in_full(run.learning_rate)),
        icon=":material/speed:",
        type="tertiary",
        key="bar_rate",
        disabled=not enabled,
        help=_("Change it on the way. The run records each change, and the chart marks it."),
    )
    if not enabled:
        return
    with popover:
        st.selectbox(
            _("From the next batch on"),
            LEARNING_RATES,
            format_func=typed_in_full,
            index=None,
            key=f"rate_{run.id}",
            accept_new_options=True,
            placeholder=in_full(run.learning_rate),
        )
        st.button(_("Change"), key="bar_change_rate", on_click=_change_rate, args=(run.id,))


def _change_rate(run_id: str) -> None:
    attempt(_set_rate, run_id, learner_id(), held(f"rate_{run_id}"))


def _set_rate(run_id: str, learner: str, chosen: str | None) -> None:
    if chosen is None:
        raise LabError(Sentence("No learning rate is chosen. Choose one, or type it, and then change it."))
    rate = typed(float, chosen)
    engine().change_learning_rate(run_id, learner, rate)
    await_run(run_id, lambda run: run.learning_rate == rate)


def _another_experiment(in_view: RunSpec, form: RunSpec, use_settings: Callable[[RunSpec], None]) -> None:
    """That Train would start something else than what is in view, and in what they differ."""
    differences = [
        _("{setting} instead of {other}").format(
            setting=setting(name, value), other=within(words(name, other))
        )
        for name, (value, other) in differing([settings(form), settings(in_view)]).items()
    ]
    named = listed(differences[:MOST_DIFFERENCES])
    more = len(differences) - MOST_DIFFERENCES
    if more > 0:
        named = ngettext("{named} and {n} more", "{named} and {n} more", more).format(named=named, n=more)
    with st.container(key="another_experiment", horizontal=True, vertical_alignment="center", gap="small"):
        message = _("**Train** starts another experiment than the run in view: {differences}.")
        st.caption(message.format(differences=named), width="content")
        st.button(
            _("Use the run’s settings"),
            key="use_settings",
            icon=":material/tune:",
            type="tertiary",
            help=_("Fill the form with the settings of the run in view."),
            on_click=use_settings,
            args=(in_view,),
        )


def settings(spec: RunSpec) -> RunSpec:
    """What the form can say of a spec."""
    return spec.model_copy(update={"learning_rate_changes": (), "branch": None})
