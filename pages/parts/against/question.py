"""One garment of a game, at a size that can be read, and the ten answers."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.against import game
from pages.parts.against.beginning import CLOCK, GARMENTS, PLAYING, SEED
from pages.parts.base.i18n import _, say
from pages.parts.frame.frame import guard
from pages.parts.widgets import mosaics

TILE = 224
KEYS = "1234567890"  # one a class
SKIP = "S"
BUTTON = 168  # pixels: two of them stand side by side on a telephone


def question(played: game.Game) -> None:
    """The next garment of a game that is not over."""
    st.query_params.update(
        {
            SEED: str(played.seed),
            GARMENTS: str(len(played.garments)),
            CLOCK: "off" if played.limit is None else "on",
            PLAYING: "1",
        }
    )
    place, count = len(played.answers), len(played.garments)
    at = _("Garment {k} of {n}").format(k=place + 1, n=count)
    st.progress(place / count, text=at)
    if played.limit is not None:
        st.fragment(_clock, run_every=1.0)()
    picture, answers = st.columns([1, 2], gap="medium")
    with picture:
        image = np.asarray(fashion_mnist.load().test_images[played.garments[place]])
        st.html(mosaics.gallery(image[None], alt=at, columns=1, tile=TILE))
    with answers:
        with st.container(horizontal=True, gap="small"):
            for label, name in enumerate(fashion_mnist.CLASS_NAMES):
                _answer_button(say(name), f"against_{label}", KEYS[label], place, label)
        with st.container(horizontal=True, gap="small"):
            _answer_button(_("Skip"), "against_skip", SKIP, place, None, icon=":material/skip_next:")
            st.button(_("End the game"), icon=":material/flag:", key="against_end", on_click=game.end)
        st.caption(_("Whether you are right is said at the end."))


def _answer_button(
    name: str, key: str, shortcut: str, place: int, label: int | None, icon: str | None = None
) -> None:
    st.button(
        name,
        key=key,
        icon=icon,
        shortcut=shortcut,
        width=BUTTON,
        on_click=game.answer,
        args=(place, label),
    )


def _clock() -> None:
    """Ends the game when the time is up."""
    with guard():
        played = game.current()
        if played is None or played.is_over:
            st.rerun()
        left = played.left()
        if left is not None:
            st.markdown(_("**{n} s** left").format(n=math.ceil(left)))
