"""The t-SNE map of a latent space, which a worker makes while the page shows how far it has come."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.services import engine
from pages.parts.base.typed_text import as_typed
from pages.parts.latent_space.space import Space

MAPS, REFUSED, AGAIN = "latent_tsne", "latent_tsne_refused", "latent_tsne_again"
KEPT = 6  # of 16 kB each
LOOK_SECONDS = 0.7


def tsne_places(space: Space) -> np.ndarray | None:
    """The garments' places (count, 2), or `None` while the page says how far they are, or why not."""
    maps = st.session_state.setdefault(MAPS, {})
    name, why = st.session_state.get(REFUSED, (None, None))
    places: np.ndarray | None = maps.get(space.name)
    if places is not None:
        return places
    if name == space.name:
        st.info(as_typed(say(why)), icon=":material/info:")
        st.button(_("Try again"), icon=":material/refresh:", key=AGAIN + "_button", on_click=_try_again)
    else:
        st.fragment(_wait, run_every=LOOK_SECONDS)(space)
    return None


def _try_again() -> None:
    st.session_state[AGAIN], _why = st.session_state.pop(REFUSED, (None, None))


def _wait(space: Space) -> None:
    """What fails is not asked for again by itself: nobody would see it fail, and others wait in line."""
    again = st.session_state.pop(AGAIN, None) == space.name
    try:
        answered = None if again else engine().ask("tsne", name=space.name)
        if answered is None:
            answered = engine().ask("tsne", name=space.name, codes=space.codes)
    except LabError as error:
        st.session_state[REFUSED] = (space.name, error)
        st.rerun()
    if answered["places"] is None:
        st.progress(answered["share"], _how_far(space, answered["share"], answered["ahead"]))
        return
    maps = st.session_state[MAPS]
    maps[space.name] = answered["places"]
    while len(maps) > KEPT:
        del maps[next(iter(maps))]
    st.rerun()


def _how_far(space: Space, share: float, ahead: int) -> str:
    if ahead:
        return ngettext(
            "{n} other t-SNE map is made before this one.",
            "{n} other t-SNE maps are made before this one.",
            ahead,
        ).format(n=count(ahead))
    return _("t-SNE moves {count} garments about until neighbours lie side by side: {share}").format(
        count=count(len(space.codes)), share=percent(share)
    )
