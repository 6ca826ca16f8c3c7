"""Which network is looked into, at which moment, with which garment; all of it stands in the address.

`network` is a run's id or a shipped model's name, `step` a moment or "now", `garment` a test image or "own".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run, StoreError
from fmnist_core.store.status import OPEN
from pages.parts.base import pins
from pages.parts.base.attempt import held
from pages.parts.base.distinctions import names_apart
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import TRY_IT
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import linked_choice, set_out, underway
from pages.parts.inside.moments import STEP, choose_moment
from pages.parts.inside.own_garment import OWN, held_image
from pages.parts.inside.place import STRENGTH, UNIT, WEIGHT
from pages.parts.results.shipped_model_view import title
from pages.parts.results.shipped_models import FIRST, shipped_specs
from pages.parts.run.film import ten_garments
from pages.parts.widgets import mosaics

NETWORK, LAYER, METHOD, GARMENT = "network", "layer", "method", "garment"
BESIDE, BESIDE_STEP = "beside", "beside_step"
OF_NETWORK = (STEP, LAYER, UNIT, STRENGTH, WEIGHT, BESIDE, BESIDE_STEP)  # what another network has otherwise
NAME = "inside_network_name"  # as it was called when it was seen last
MOST_RUNS = 40
THUMBNAIL = 40  # px, as high as the controls beside it


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


@dataclass(frozen=True)
class Garment:
    """A test image; of the learner's own, `index` and `label` are −1."""

    index: int
    image: np.ndarray
    label: int

    @property
    def is_own(self) -> bool:
        return self.index < 0

    @property
    def asked(self) -> int | bytes:
        """What workers are asked about."""
        return self.image.tobytes() if self.is_own else self.index


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
    if asked in specs and not fits(specs[asked]):
        st.info(unfit.format(name=as_typed(options[asked])), icon=":material/info:")
        for key in (NETWORK, *OF_NETWORK):
            st.query_params.pop(key, None)
    options = {name: words for name, words in options.items() if fits(specs[name])}
    if not options:
        st.info(_("There is no trained network here yet. Train one in the lab, then look inside it."))
        return None
    if not runs and usual in options:
        options = {usual: options[usual]} | options
    asked = st.query_params.get(NETWORK, "")
    if asked and asked not in options and say_untrained(asked):
        st.query_params.pop(NETWORK)
    _say_deleted(options)
    recall(NETWORK, options)
    chosen = linked_choice(_("Network"), options, key=NETWORK, control="list", within=(*OF_NETWORK, METHOD))
    remember(NETWORK, chosen)
    st.session_state[NAME] = options[chosen]
    pins.about(chosen)
    if chosen in models:
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


def choose_garment(own: bool = True, shows_own: bool = False) -> Garment:
    """One of the ten of the film, or another of its class; and, with `own`, the way to one's own.

    With `shows_own` the page can show it, and it is one of what can be chosen.
    """
    names = {str(label): say(name) for label, name in enumerate(fashion_mnist.CLASS_NAMES)}
    mine = held_image() if shows_own else None
    if mine is not None:
        names[OWN] = _("Your own picture")
    garment = Garment(-1, mine, -1) if mine is not None and _own_asked() else _test_garment(shows_own)
    word = OWN if garment.is_own else str(garment.label)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with mosaics.private(garment.is_own):
            st.html(
                mosaics.gallery(garment.image[None], alt=names[word], columns=1, tile=THUMBNAIL),
                width="content",
            )
        st.session_state["inside_class"] = word
        st.selectbox(
            _("Garment"),
            list(names),
            format_func=names.get,
            key="inside_class",
            placeholder=_("Choose a class"),
            on_change=_of_class,
            width=165,
        )
        st.button(
            _("Another"),
            icon=":material/casino:",
            key="inside_another",
            help=_("Another test garment of this class."),
            on_click=_another,
            args=(garment.index, garment.label),
            disabled=garment.is_own,
        )
        if own:
            network = st.query_params.get(NETWORK)
            st.page_link(
                TRY_IT,
                label=_("Your own"),
                icon=":material/draw:",
                query_params={"networks": network} if network else None,
                help=_("Draw a garment, or send a photo of one."),
            )
    st.query_params[GARMENT] = OWN if garment.is_own else str(garment.index)
    st.session_state["inside_garment"] = OWN if garment.is_own else garment.index
    return garment


def _test_garment(shows_own: bool) -> Garment:
    if shows_own and _own_asked():
        st.info(
            _(
                "A picture of your own is nowhere but in the tab in which you brought it, and here is none. "
                "Bring it under “Try it”; until then you see a test garment."
            ),
            icon=":material/draw:",
        )
    dataset = fashion_mnist.load()
    asked = garment_asked()
    kept = _garment_kept() if asked is None else asked
    index = int(fashion_mnist.snapshot_indices(dataset)[9]) if kept is None else kept
    return Garment(index, np.asarray(dataset.test_images[index]), int(dataset.test_labels[index]))


def _own_asked() -> bool:
    asked = None if underway(GARMENT) else st.query_params.get(GARMENT)
    return (asked or st.session_state.get("inside_garment")) == OWN


def garment_asked() -> int | None:
    """The test image that was just chosen or the address names; a sentence where there is none such.

    `None` also for the learner's own.
    """
    if underway(GARMENT) and (chosen := _garment_kept()) is not None:
        return chosen
    asked = st.query_params.get(GARMENT, "")
    count = len(fashion_mnist.load().test_labels)
    if len(asked) < 9 and asked.isascii() and asked.isdigit() and int(asked) < count:
        return int(asked)
    if asked and asked != OWN:
        st.warning(
            _("There is no test garment “{asked}”: they are numbered from 0 to {last:,}.").format(
                asked=as_typed(asked[:40]), last=count - 1
            )
        )
    return None


def _garment_kept() -> int | None:
    """The test image that was shown last in this session, if the data in use have as many."""
    kept = st.session_state.get("inside_garment", -1)
    return kept if kept != OWN and 0 <= kept < len(fashion_mnist.load().test_labels) else None


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
    if run.closed:
        st.info(
            _(
                "The test figures of “{name}” are closed, and what is seen here would open them: open them "
                "with the claim on its sweep, or choose another network."
            ).format(name=as_typed(run.name)),
            icon=":material/lock:",
        )
    return {run.id: run} if run.step > 0 and not run.closed else {}


def at_a_moment(run: Run, key: str = STEP, plays: bool = False) -> Network:
    """The run as it was at the moment that is chosen (see `choose_moment`)."""
    step = choose_moment(run, key, plays)
    moving = step is None and run.status in OPEN
    asked = {"run_id": run.id, "step": run.step if step is None else step}
    return Network(run.spec, asked, run.id if moving else None)


def _of_class() -> None:
    word = held("inside_class")
    if word == OWN:
        _choose(OWN)
        return
    label = int(word)
    _originals, labels, _names = ten_garments()
    place = int(np.flatnonzero(labels == label)[0])
    show_garment(int(fashion_mnist.snapshot_indices(fashion_mnist.load())[place]))


def _another(index: int, label: int) -> None:
    same = np.flatnonzero(fashion_mnist.load().test_labels == label)
    after = same[same > index]
    show_garment(int(after[0] if len(after) else same[0]))


def show_garment(index: int) -> None:
    """Another garment from the next run of the page on: for callbacks."""
    _choose(index)


def _choose(garment: int | str) -> None:
    st.session_state["inside_garment"] = garment
    st.query_params[GARMENT] = str(garment)
    set_out(GARMENT)


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
        for key in (NETWORK, *OF_NETWORK):
            st.query_params.pop(key, None)
            st.session_state.pop(key, None)


def say_untrained(asked: str) -> bool:
    """Whether it is a run of which there is nothing to see yet, which is no bad link; if so it is said."""
    try:
        run = store().run(asked)
    except StoreError:
        return False
    if run.closed:  # which has been said where it was looked for
        return True
    st.info(
        _("“{name}” has not trained yet. Look again in a moment.").format(name=as_typed(run.name)),
        icon=":material/hourglass_empty:",
    )
    return True
