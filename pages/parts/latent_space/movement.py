"""The film of the map: where the garments were at each moment that was kept, and on the way, in one plane.

The other moments of the run's film are trained again for it when the learner asks for them.

It is that of the moment looked at, for all the others too: so what moves on the map moves in latent space.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from fmnist_core.store import past
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from pages.parts.base.attempt import held, say_error
from pages.parts.base.formatting import percent
from pages.parts.base.i18n import _, say
from pages.parts.base.services import store
from pages.parts.base.word_slider import word_slider
from pages.parts.inside.answers import shared_answer
from pages.parts.inside.moments import earlier_moments, train_again
from pages.parts.inside.network_choice import Network
from pages.parts.latent_space.geometry import extent
from pages.parts.latent_space.map_chart import Extent, garment_map
from pages.parts.latent_space.space import Space
from pages.parts.run.film import moment_words

FILM, MOMENT, PLAY = "latent_film", "latent_moment", "latent_play"
ALL, HAD = "latent_all_moments", "latent_moments_had"
FRAME_SECONDS, FRAMES = 0.4, 3  # so many from a moment to the next


def movement(network: Network, space: Space) -> None:
    if "run_id" not in network.asked:
        _stop()
        return
    st.subheader(_("How they came to lie where they are"), anchor=False)
    run = store().run(str(network.asked["run_id"]))
    steps = set(past.kept_steps(store(), run.id)) | {int(network.asked["step"])}
    if run.spec.branch is None:
        steps.add(0)
    if run.status not in OPEN:
        steps.add(run.step)
    steps |= _trained_again(run, network, space, steps)
    if len(steps) < 2:
        _stop()
        st.caption(_("Only one moment of this run was kept, so nothing moves."))
        return
    moments = sorted(steps)
    words = dict(zip(moments, moment_words(run, *moments), strict=True))
    words |= {0: _("before training")} if 0 in words else {}
    film = st.session_state.setdefault(FILM, {})
    if film.get("of") != (run.id, *moments):
        film.update(of=(run.id, *moments), frame=FRAMES * (len(moments) - 1), plays=False)
        film.pop("corners", None)
    plays = film["plays"]
    st.button(
        _("Pause") if plays else _("Play"),
        icon=":material/pause:" if plays else ":material/play_arrow:",
        key=PLAY,
        on_click=_play_or_pause,
        args=(len(moments),),
    )
    st.fragment(_frame, run_every=FRAME_SECONDS if plays else None)(network, space, moments, words)


def _trained_again(run: Run, network: Network, space: Space, steps: set[int]) -> set[int]:
    """The moments of the run's film that are not among `steps`, once they are asked for, and had."""
    missing = [step for step in earlier_moments(run) if step not in steps]
    if not missing:
        return set()
    if st.session_state.get(ALL) != run.id:
        st.button(
            _("All {n} moments of the film").format(n=len(steps) + len(missing)),
            icon=":material/more_time:",
            key=f"{ALL}_button",
            help=_("Those that were not kept are trained again, the same bit for bit."),
            on_click=_ask_for_all,
            args=(run.id,),
        )
        return set()
    had = st.session_state.setdefault(HAD, set())
    try:
        for step in missing:
            if (run.id, step, space.name) not in had:
                train_again(run, [step], f"latent_{step}")
                # At once: a worker lets go of weights when others need the room.
                _places(network, space, step)
                had.add((run.id, step, space.name))
    except LabError:  # whose reason stands there already
        return set()
    return set(missing)


def _ask_for_all(run_id: str) -> None:
    st.session_state[ALL] = run_id


def _stop() -> None:
    """No film of another network goes on when it is looked at again."""
    st.session_state.setdefault(FILM, {})["plays"] = False


def _play_or_pause(moments: int) -> None:
    film = held(FILM)
    film["plays"] = not film["plays"]
    if film["plays"] and film["frame"] >= FRAMES * (moments - 1):
        film["frame"] = 0


def _frame(network: Network, space: Space, moments: Sequence[int], words: dict[int, str]) -> None:
    film = st.session_state[FILM]
    try:
        if film["plays"]:
            st.progress(
                film["frame"] / (FRAMES * (len(moments) - 1)), words[moments[film["frame"] // FRAMES]]
            )
            _draw(network, space, moments, words, film["frame"])
            film["frame"] += 1
            if film["frame"] > FRAMES * (len(moments) - 1):
                film.update(frame=FRAMES * (len(moments) - 1), plays=False)
                st.rerun()
            return
        st.session_state[MOMENT] = moments[film["frame"] // FRAMES]
        chosen = word_slider(
            _("Moment of the film"),
            moments,
            words.__getitem__,
            key=MOMENT,
            on_change=_moved,
            args=(moments,),
        )
        _draw(network, space, moments, words, FRAMES * moments.index(chosen))
    except LabError as error:
        film["plays"] = False
        say_error(error, "latent_movement")


def _moved(moments: Sequence[int]) -> None:
    held(FILM)["frame"] = FRAMES * moments.index(held(MOMENT))


def _draw(network: Network, space: Space, moments: Sequence[int], words: dict[int, str], frame: int) -> None:
    before, on_the_way = divmod(frame, FRAMES)
    here = _places(network, space, moments[before])
    places = here["places"]
    ends = [places]
    if on_the_way:
        following = _places(network, space, moments[before + 1])["places"]
        share = on_the_way / FRAMES
        places = (1 - share) * places + share * following
        ends.append(following)
    ends.append(_places(network, space, moments[0])["places"])
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    alt = _("Where the garments were at a moment of training")
    garment_map(
        places,
        space.labels,
        names,
        key=FILM + "_map",
        alt=alt,
        titles=(None, None),
        within=_extent(space, ends),
    )
    st.caption(
        _(
            "{moment}: the neighbours’ vote is right for {accuracy}, and this plane shows {share} of the "
            "variance. It is the plane of the moment chosen above: what moves here moves in latent space."
        ).format(
            moment=words[moments[before]],
            accuracy=percent(float(here["accuracy"])),
            share=percent(float(here["share"])),
        )
    )


def _extent(space: Space, moments: list[np.ndarray]) -> Extent:
    """Of all that this film has shown in this plane: it only grows, since each change draws the map anew."""
    film = st.session_state[FILM]
    plane, corners = film.get("corners", (None, space.plane))
    shown = np.concatenate([corners if plane == space.name else space.plane, *moments])
    film["corners"] = space.name, np.stack([shown.min(0), shown.max(0)])
    return extent(shown)


def _places(network: Network, space: Space, step: int) -> dict[str, np.ndarray]:
    run_id = str(network.asked["run_id"])
    return shared_answer(
        "latent_places", run_id, step, space.name, run_id=run_id, step=step, mean=space.mean, axes=space.axes
    )
