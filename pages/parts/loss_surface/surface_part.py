"""The loss around a network's weights: which slice is looked at, what is seen on it, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10

import numpy as np
import streamlit as st

from fmnist_core.messages import PATH, RANDOM
from fmnist_core.sentences import LabError, share_text
from pages.parts.base.attempt import say_error
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.services import store
from pages.parts.forms.form_state import KEEP
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.frame.frame import guard
from pages.parts.inside.moments import earlier_moments, in_words, train_again
from pages.parts.inside.network_choice import Network
from pages.parts.loss_surface.place import begin_in_the_centre, choose_place, chosen_place, cut, place_panel
from pages.parts.loss_surface.sliced import Slice, filled
from pages.parts.loss_surface.surface_chart import surface_chart

DIRECTIONS, DRAWN, LOSS_ON = "directions", "drawn", "loss_on"
DRAWS = 5
FEWEST_MOMENTS = 3  # that a plane takes
MOST_MOMENTS, MOST_NUMBERS = 20, 24_000_000  # weights of all moments together, which a worker has in memory
LOOK_SECONDS = 0.3  # between an answer and the next question
LOG = "loss_surface_log"


def loss_surface(network: Network) -> None:
    """Of a network that stands still."""
    st.markdown(
        _(
            "The loss depends on every weight, and this network has {n} of them. Here you leave its weights "
            "along two directions and see the loss from above. It is one slice: in all other directions the "
            "surface may look different."
        ).format(n=count(network.spec.parameter_count)),
        width=720,
    )
    sliced, log = _choose(network)
    begin_in_the_centre(sliced)
    st.fragment(_panel, run_every=None if sliced.is_settled else LOOK_SECONDS)(sliced, log)


def _choose(network: Network) -> tuple[Slice, bool]:
    ways = {RANDOM: _("Random directions")}
    if "run_id" in network.asked and _most_moments(network) >= FEWEST_MOMENTS:
        ways[PATH] = _("The run’s own path")
    elif "run_id" in network.asked:
        st.caption(_("Its weights are too many to hold a path of them at once, so there is none to choose."))
    directions = linked_choice(_("Directions"), ways, key=DIRECTIONS)
    seed = 1
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if directions == RANDOM:
            draws = {str(n): _("Draw {n}").format(n=n) for n in range(1, DRAWS + 1)}
            seed = int(linked_choice(_("Random directions"), draws, key=DRAWN))
        part = "train_eval"
        if network.spec.validation_size:
            parts = {
                "train_eval": _("Loss on training images"),
                "validation": _("Loss on validation images"),
            }
            part = linked_choice(_("Images"), parts, key=LOSS_ON)
        st.session_state.setdefault(LOG, True)
        log = st.toggle(_("Logarithmic colours"), key=LOG, **KEEP)
    return Slice(network, directions, seed, part, _moments(network, directions)), log


def _moments(network: Network, directions: str) -> tuple[int, ...]:
    """Those of the path; across random directions only where it began and where the network is now."""
    if "run_id" not in network.asked:
        return ()
    run, centre = store().run(network.name), int(network.asked["step"])
    steps = sorted({*earlier_moments(run), centre, run.step})
    if directions == RANDOM:
        steps = sorted({steps[0], centre})
    else:
        most = _most_moments(network)
        places = np.linspace(0, len(steps) - 1, min(len(steps), most)).round().astype(int)
        steps = sorted({centre, *(steps[place] for place in places)})
    train_again(run, steps, "loss_surface")
    return tuple(steps)


def _most_moments(network: Network) -> int:
    return min(MOST_MOMENTS, MOST_NUMBERS // network.spec.parameter_count)


def _panel(sliced: Slice, log: bool) -> None:
    with guard():
        try:
            was_settled = sliced.is_settled
            try:
                answer = sliced.answer()
            finally:
                if sliced.is_settled and not was_settled:
                    st.rerun()  # the page asks no more
            _draw(sliced, answer, log)
        except LabError as error:
            say_error(error, "loss_surface_panel")


def _draw(sliced: Slice, answer: Mapping[str, np.ndarray], log: bool) -> None:
    known, bar = float(answer["known"].mean()), st.empty()  # what stands below keeps its place
    if known < 1:
        bar.progress(known, _("{share} of the places are computed.").format(share=percent(known)))
    left, right = st.columns([5, 3], gap="large")
    with left:
        _chart(sliced, answer, log)
        st.caption(_directions_explained(sliced, answer))
        if len(answer["steps"]) > 1:
            st.markdown(_path_explained(sliced, answer))
    with right:
        place_panel(sliced, answer)
    cut(answer, log)


def _chart(sliced: Slice, answer: Mapping[str, np.ndarray], log: bool) -> None:
    words: list[str] = []
    if len(answer["steps"]):
        words = list(in_words(store().run(sliced.network.name), answer["steps"].tolist()).values())
    surface_chart(
        filled(answer["losses"], answer["known"]),
        answer["xs"],
        answer["ys"],
        answer["path"],
        words,
        answer["path_losses"],
        chosen=chosen_place(answer),
        titles=(_("First direction"), _("Second direction")),
        log=log,
        key=f"loss_surface_{sliced.directions}",
        alt=_("The loss around the weights of the network, from above, as colours"),
        on_click=choose_place,
    )


def _directions_explained(sliced: Slice, answer: Mapping[str, np.ndarray]) -> str:
    loss = ngettext(
        "The loss is the mean over {n} image, dropout off.",
        "The loss is the mean over the first {n} images, dropout off.",
        int(answer["images"]),
    ).format(n=count(int(answer["images"])))
    if sliced.is_of_path:
        how = _(
            "These are the two directions in which the run’s weights moved most. A distance is that between "
            "all weights: the root of the sum of their squared differences. Square: where the path begins; "
            "triangle: where it ends."
        )
    else:
        how = _(
            "In the centre is the network as it is. A filter is the weights that make one output of a layer. "
            "At 1 every filter has been changed by as much as it is long; biases stay (Li et al. 2018)."
        )
    return f"{how} {loss}"


def _path_explained(sliced: Slice, answer: Mapping[str, np.ndarray]) -> str:
    share = float(answer["share"])
    digits = max(1, 1 - floor(log10(100 * share))) if share > 0 else 1  # two that count, however small
    if sliced.is_of_path:
        words = _(
            "This slice holds **{share}** of the path’s movement, by squared distances. The moments lie "
            "beside it, not on it: a moment’s own loss may differ from the colour under it. Point at one to "
            "see its own, or open the table."
        )
    else:
        words = _(
            "These directions hold **{share}** of the way from the start to this network, by squared "
            "distances: two random directions among so many are almost at right angles to it. Along the "
            "run’s own path you see more of it."
        )
    return words.format(share=say(share_text(share, digits)))
