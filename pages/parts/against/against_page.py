"""The page of the game: what is to be played, the garments one by one, and how it ended."""

from __future__ import annotations

import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.against import game
from pages.parts.against.beginning import PLAYING, beginning
from pages.parts.against.outcome import outcome
from pages.parts.against.question import question
from pages.parts.base.i18n import _


def against_page() -> None:
    st.title(_("You against the network"), anchor=False)
    played = game.current()
    if played is not None and played.data != fashion_mnist.load().folder:
        st.info(
            _("Other data has come into use, so the game begins anew, with other garments."),
            icon=":material/info:",
        )
        game.put_away()
        played = None
    if played is None:
        beginning()
    elif played.is_over:
        st.query_params.pop(PLAYING, None)
        outcome(played)
    else:
        question(played)
