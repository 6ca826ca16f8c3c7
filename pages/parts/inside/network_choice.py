"""Which network is looked into, and at which moment; both stand in the address.

`network` is a run's id or a shipped model's name, `step` a moment or "now".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fmnist_core.spec import RunSpec
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.runs import Run, RunNotFound, StoreError
from fmnist_core.store.status import OPEN
from pages.parts.base import pins
from pages.parts.base.distinctions import names_apart
from pages.parts.base.i18n import _
from pages.parts.base.learner import learner_id
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed, isolated
from pages.parts.forms.linked_choice import linked_choice, underway
from pages.parts.frame.frame import guard
from pages.parts.inside.moments import STEP, choose_moment, say_only_now
from pages.parts.inside.place import STRENGTH, UNIT, WEIGHT
from pages.parts.results.shipped_model_view import title
from pages.parts.results.shipped_models import FIRST, shipped_specs

NETWORK, LAYER, METHOD = "network", "layer", "method"
BESIDE, BESIDE_STEP = "beside", "beside_step"
OF_NETWORK = (STEP, LAYER, UNIT, STRENGTH, WEIGHT, BESIDE, BESIDE_STEP)  # what another network has otherwise
NAME = "inside_network_name"  # as it was called when it was seen last
MOST_RUNS = 40
LOOK_SECONDS = 1.0  # between two looks whether a run has begun


@dataclass(frozen=True)
class Network:
    """`asked` are the arguments by which a worker finds these very weights.

    `training` names a run that changes them by itself; they are then those of one look at it.
    """

    spec: RunSpec
    asked: Mapping[str, Any]
    training: str | None = None

    @property
    def name(self) -> str:
        """A run's id, or a shipped model's name."""
        return str(self.asked.get("run_id") or self.asked["model"])


def choose_network(
    fits: Callable[[RunSpec], bool] = lambda spec: True,
    unfit: str = "",
    plays: bool = False,
    usual: str = FIRST,
) -> Network | None:
    """The choice of network and moment; `None`, with what to do, if there is none to look into.

    With `plays`, moments can be gone through as a film. Who has trained nothing begins with the `usual`
    model. Where only some networks fit a page, `unfit` says so of one that a link names, by its `{name}`.
    """
    asked, models = st.query_params.get(NETWORK, ""), shipped_specs()
    runs, options = _choices(asked, fits=fits)
    specs = {run_id: run.spec for run_id, run in runs.items()} | models
    hidden = None if asked in specs else hidden_run(asked)
    if hidden is not None and hidden.closed:
        say_why(hidden)
        leave()
    elif hidden is not None:  # it stays chosen until there is something to see
        specs[hidden.id], options = hidden.spec, {hidden.id: isolated(hidden.name)} | options
    if asked in specs and not fits(specs[asked]):
        st.info(unfit.format(name=as_typed(options[asked])), icon=":material/info:")
        leave()
    options = {name: words for name, words in options.items() if fits(specs[name])}
    if not options:
        st.info(_("There is no trained network here yet. Train one in the lab, then look inside it."))
        return None
    if not runs and usual in options:
        options = {usual: options[usual]} | options
    _say_deleted(options)
    recall(NETWORK, options)
    chosen = linked_choice(_("Network"), options, key=NETWORK, control="list", within=(*OF_NETWORK, METHOD))
    remember(NETWORK, chosen)
    st.session_state[NAME] = options[chosen]
    pins.about(chosen)
    if hidden is not None and chosen == hidden.id:
        if hidden.status in OPEN:
            st.fragment(_await, run_every=LOOK_SECONDS)(hidden.id)
        else:
            say_why(hidden)
        return None
    if chosen in models:
        say_only_now(STEP)
        return Network(models[chosen], {"model": chosen})
    return at_a_moment(runs[chosen], plays=plays)


def networks(*asked: str, fits: Callable[[RunSpec], bool] = lambda spec: True) -> dict[str, str]:
    """What each network that fits is called, by its word in the address; others' runs only if `asked` for."""
    runs, options = _choices(*asked, fits=fits)
    specs = {run_id: run.spec for run_id, run in runs.items()} | shipped_specs()
    return {name: words for name, words in options.items() if fits(specs[name])}


def as_it_is(name: str) -> Network:
    """One of `networks`, as it is now. Raises what the store does."""
    models = shipped_specs()
    if name in models:
        return Network(models[name], {"model": name})
    run = store().run(name)
    if run.status in OPEN:
        return Network(run.spec, {"run_id": run.id}, run.id)
    return Network(run.spec, {"run_id": run.id, "step": run.step})


def _choices(
    *asked: str, fits: Callable[[RunSpec], bool] = lambda spec: True
) -> tuple[dict[str, Run], dict[str, str]]:
    """The learner's latest runs that fit, those `asked`, and what they and the shipped models are called."""
    mine = [r for r in store().runs(learner_id()) if r.step > 0 and not r.closed and fits(r.spec)]
    runs = {run.id: run for run in mine[:MOST_RUNS]}
    for name in asked:
        runs |= _elsewhere(name, runs)
    names = dict(zip(runs, names_apart(list(runs.values())), strict=True))
    return runs, names | {
        name: _("The network of the first page") if name == FIRST else title(name) for name in shipped_specs()
    }


def _elsewhere(asked: str, mine: Mapping[str, Run]) -> dict[str, Run]:
    """Another learner's run that a link names."""
    if not asked or asked in mine:
        return {}
    try:
        run = store().run(asked)
    except StoreError:
        return {}
    return {run.id: run} if run.step > 0 and not run.closed else {}


def hidden_run(asked: str) -> Run | None:
    """The run of this id if nothing of it can be shown: it has not trained yet, or is closed."""
    try:
        run = store().run(asked)
    except (RunNotFound, Unreadable):
        return None
    return run if run.closed or run.step == 0 else None


def say_hidden(asked: str) -> bool:
    """Whether it is a `hidden_run`, which is said then."""
    hidden = hidden_run(asked)
    if hidden is not None:
        say_why(hidden)
    return hidden is not None


def say_why(hidden: Run) -> None:
    """Of a `hidden_run`, which is no bad link."""
    name = as_typed(hidden.name)
    if hidden.closed:
        words = _(
            "The test figures of “{name}” are closed, and what is seen here would open them: open them "
            "with the claim on its sweep, or choose another network."
        )
        st.info(words.format(name=name), icon=":material/lock:")
    elif hidden.status in OPEN:
        words = _("“{name}” has not trained yet, so there is nothing to see.")
        st.info(words.format(name=name), icon=":material/hourglass_empty:")
    else:
        words = _("“{name}” has not trained, so there is nothing to see. Train it on in the lab.")
        st.info(words.format(name=name), icon=":material/hourglass_empty:")


def _await(run_id: str) -> None:
    """Until there is something to see of a run, or it is gone."""
    with guard():
        run = hidden_run(run_id)
        if run is None or run.closed or run.status not in OPEN:
            st.rerun()
        words = _("“{name}” has not trained yet. You see it here as soon as it has.")
        st.info(words.format(name=as_typed(run.name)), icon=":material/hourglass_empty:")


def at_a_moment(run: Run, key: str = STEP, plays: bool = False) -> Network:
    """The run as it was at the moment that is chosen (see `choose_moment`)."""
    step = choose_moment(run, key, plays)
    moving = step is None and run.status in OPEN
    asked = {"run_id": run.id, "step": run.step if step is None else step}
    return Network(run.spec, asked, run.id if moving else None)


def recall(key: str, options: Mapping[str, str]) -> None:
    """Who comes back by the menu finds what was chosen last."""
    kept = st.session_state.get(f"inside_{key}_last")
    if key not in st.session_state and key not in st.query_params and kept in options:
        st.session_state[key] = kept


def remember(key: str, chosen: str) -> None:
    st.session_state[f"inside_{key}_last"] = chosen


def _say_deleted(options: Mapping[str, str]) -> None:
    """The run that this session was looking into a moment ago is no bad link."""
    asked = st.query_params.get(NETWORK, "")
    if asked and asked not in options and asked == st.session_state.get(f"inside_{NETWORK}_last"):
        st.info(
            _("“{name}” was deleted meanwhile. You see another network.").format(
                name=as_typed(st.session_state[NAME])
            ),
            icon=":material/delete:",
        )
        leave()
    elif asked and asked not in options and not underway(NETWORK):  # which the choice says
        leave(*OF_NETWORK)


def leave(*keys: str) -> None:
    """The address says no more of a network that is not shown, nor, in particular, of these parts of it."""
    for key in keys or (NETWORK, *OF_NETWORK):
        st.query_params.pop(key, None)
        st.session_state.pop(key, None)
