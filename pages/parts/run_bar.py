"""The bar that steers the run in view: always the same buttons, enabled where they make sense now.

A click is one call of the engine; what the engine refuses is told under the bar.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core.sentences import LabError
from fmnist_core.spec import LIMITS, RunSpec
from fmnist_core.store import Run
from pages.parts.controls import LEARNING_RATES
from pages.parts.film import frame_in_view, moment_words
from pages.parts.lab import engine, store
from pages.parts.language import _, say
from pages.parts.learner import learner_id
from pages.parts.run_status import MOVING, network
from pages.parts.settings import number

MORE_EPOCHS = 10
TROUBLE = "run_bar_trouble"


def run_bar(
    run: Run | None, spec: RunSpec | None, train: Callable[[], None], show_run: Callable[[str], None]
) -> None:
    """`spec` is what the form asks for, if it can be trained; `train` starts that, `show_run` brings a run
    into view. While the run in view moves, Train waits for changed settings: a second click starts nothing.
    """
    mine = run is not None and run.learner == learner_id()
    status = run.status if run else None
    moving, alive = status in MOVING, status in (*MOVING, "paused")
    same = run is not None and spec is not None and _settings(run.spec) == _settings(spec)
    with st.container(key="run_bar", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Train"),
            type="primary",
            icon=":material/play_circle:",
            key="bar_train",
            disabled=spec is None or (moving and same),
            on_click=train,
            help=_("Start a new run with the settings of the form."),
        )
        if status == "paused":
            _button("resume", _("Resume"), ":material/play_arrow:", mine, run, engine().resume)
        else:
            _button("pause", _("Pause"), ":material/pause:", mine and moving, run, engine().pause)
        paused = mine and status == "paused"
        _button("batch", _("One batch"), ":material/skip_next:", paused, run, engine().step_batch)
        _button("epoch", _("One epoch"), ":material/fast_forward:", paused, run, engine().step_epoch)
        _button("stop", _("Stop"), ":material/stop:", mine and alive, run, engine().stop)
        _button(
            "extend",
            _("+{n} epochs").format(n=MORE_EPOCHS),
            ":material/add:",
            mine and status != "failed",
            run,
            engine().extend,
            MORE_EPOCHS,
        )
        _branch(run, show_run)
    trouble = st.session_state.pop(TROUBLE, None)
    if trouble:
        st.error(trouble, icon=":material/info:")


def start(asked: Callable[[], RunSpec], show_run: Callable[[str], None]) -> None:
    """Train what is asked for at the moment of the click, when the form may have just changed."""

    def submit() -> str:
        spec = asked()
        return engine().submit(spec, learner_id(), network(spec))

    new = _tell(submit)
    if new is not None:
        show_run(new)


def _button(
    name: str, label: str, icon: str, enabled: bool, run: Run | None, call: Callable[..., Any], *more: Any
) -> None:
    st.button(
        label,
        icon=icon,
        key=f"bar_{name}",
        disabled=not enabled,
        on_click=_tell,
        args=(call, run and run.id, learner_id(), *more),
    )


def learning_rate(run: Run, enabled: bool) -> None:
    """A change of the learning rate on the way, which the run records."""
    with st.popover(
        _("Learning rate {rate:g}").format(rate=run.learning_rate),
        icon=":material/speed:",
        type="tertiary",
        key="bar_rate",
        disabled=not enabled,
        help=_("Change it on the way. The run records each change, and the chart marks it."),
    ):
        st.selectbox(
            _("Learning rate from the next batch on"),
            LEARNING_RATES,
            index=None,
            key=f"rate_{run.id}",
            accept_new_options=True,
            placeholder=f"{run.learning_rate:g}",
        )
        st.button(_("Change"), key="bar_change_rate", on_click=_change_rate, args=(run.id,))


def _change_rate(run_id: str) -> None:
    rate = number(float, st.session_state[f"rate_{run_id}"])
    _tell(engine().change_learning_rate, run_id, learner_id(), rate)


def _branch(run: Run | None, show_run: Callable[[str], None]) -> None:
    """A new run that starts with the weights of a frame of this one's film, under other settings."""
    kept = [frame.step for frame in store().film(run.id) if frame.has_state] if run else []
    with st.popover(
        _("Branch"),
        icon=":material/call_split:",
        key="bar_branch",
        disabled=not kept,
        on_change=_branch_from_view,
        args=(run and run.id, kept),
    ):
        if not kept:
            return
        names = {name: f"branch_{name}_{run.id}" for name in ("step", "learning_rate", "dropout", "epochs")}
        start = {
            "step": kept[-1],
            "learning_rate": f"{run.learning_rate:g}",
            "dropout": run.spec.dropout,
            "epochs": run.spec.epochs,
        }
        for name, value in start.items():
            st.session_state.setdefault(names[name], value)
        st.caption(_("A new run that takes over the weights of this one at a moment of its film."))
        st.selectbox(
            _("From"),
            kept,
            format_func=lambda step: moment_words(run, step),
            key=names["step"],
            placeholder=_("Choose a moment"),
        )
        st.selectbox(_("Learning rate"), LEARNING_RATES, key=names["learning_rate"], accept_new_options=True)
        st.slider(_("Dropout"), *LIMITS["dropout"], step=0.05, key=names["dropout"])
        st.number_input(_("Epochs"), *(int(limit) for limit in LIMITS["epochs"]), key=names["epochs"])
        st.button(
            _("Branch"),
            key="bar_do_branch",
            type="primary",
            on_click=_do_branch,
            args=(run.id, names, show_run),
        )


def _branch_from_view(run_id: str, kept: list[int]) -> None:
    """The moment offered first is the one that the learner looks at, or the last kept one before it."""
    seen = frame_in_view(run_id)
    before = [step for step in kept if seen is not None and step <= seen]
    st.session_state[f"branch_step_{run_id}"] = before[-1] if before else kept[0]


def _do_branch(run_id: str, names: dict[str, str], show_run: Callable[[str], None]) -> None:
    chosen = {name: st.session_state[key] for name, key in names.items()}
    step = chosen.pop("step")
    chosen["learning_rate"] = number(float, chosen["learning_rate"])
    new = _tell(engine().branch, run_id, step, learner_id(), **chosen)
    if new is not None:
        show_run(new)


def _tell(call: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    try:
        return call(*args, **settings)
    except LabError as error:
        st.session_state[TROUBLE] = say(error)
        return None


def _settings(spec: RunSpec) -> RunSpec:
    """What the form can say of a spec."""
    return spec.model_copy(update={"learning_rate_changes": (), "branch": None})
