"""The t-SNE map of a latent space, which a worker makes while the page shows how far it has come."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.services import engine
from pages.parts.base.typed_text import as_typed
from pages.parts.latent_space.space import Space

MAPS = "latent_tsne"
KEPT = 6  # of 16 kB each
LOOK_SECONDS = 0.7


def tsne_places(space: Space) -> np.ndarray | None:
    """The garments' places (count, 2), or `None` while the page says that they are on their way."""
    maps = st.session_state.setdefault(MAPS, {})
    if space.name not in maps:
        st.fragment(_wait, run_every=LOOK_SECONDS)(space)
    return maps.get(space.name)


def _wait(space: Space) -> None:
    try:
        answered = engine().ask("tsne", name=space.name)
        if answered is None:
            answered = engine().ask("tsne", name=space.name, codes=space.codes)
    except LabError as error:
        st.info(as_typed(say(error)), icon=":material/info:")
        return
    if answered["places"] is None:
        share = answered["share"]
        st.progress(
            share,
            _("t-SNE moves {count} garments about until neighbours lie side by side: {share}").format(
                count=count(len(space.codes)), share=percent(share)
            ),
        )
        return
    maps = st.session_state[MAPS]
    maps[space.name] = answered["places"]
    while len(maps) > KEPT:
        del maps[next(iter(maps))]
    st.rerun()
