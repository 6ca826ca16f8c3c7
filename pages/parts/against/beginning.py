"""What is to be played: how many garments, with a clock or without, and the seed that deals them.

All of it stands in the address, so that a link brings a whole class the same garments.
"""

from __future__ import annotations

import secrets

import streamlit as st

from fmnist_core.sentences import LabError, Sentence
from pages.parts.against import game
from pages.parts.against.deal import HIGHEST_SEED
from pages.parts.base.attempt import held
from pages.parts.base.formatting import duration
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.address_choice import address_choice
from pages.parts.forms.number_field import number_field, whole_within

SEED, GARMENTS, CLOCK, PLAYING = "seed", "garments", "clock", "playing"
TYPED_SEED = "against_seed"
COUNTS = (20, 40)


def beginning() -> None:
    if st.query_params.pop(PLAYING, None) is not None and game.GAME not in st.session_state:
        st.info(
            _("No answers are kept here, so the game begins anew, with the same garments."),
            icon=":material/info:",
        )
    st.markdown(
        _(
            "You see garments as a network sees them: 28 × 28 grey pixels. Say of each what it is, by a "
            "click or by the key on the button. At the end your answers stand beside those of a network. It "
            "was not trained on any of these garments."
        ),
        width=720,
    )
    address_choice(
        _("How many garments"),
        {str(count): _("{count} garments").format(count=count) for count in COUNTS},
        key=GARMENTS,
    )
    limits = [duration(float(count * game.SECONDS_A_GARMENT)) for count in COUNTS]
    address_choice(_("Clock"), {"off": _("Without a clock"), "on": _("With a clock")}, key=CLOCK)
    st.caption(
        _("With a clock, a game takes {short} at most, and a long one {long}.").format(
            short=limits[0], long=limits[1]
        )
    )
    _settle_seed()
    number_field(
        _("Seed"),
        TYPED_SEED,
        width=220,
        persist_state="session",
        help=_(
            "The same number deals the same garments, where the same data is in use. It stands in this "
            "page’s address: share that."
        ),
    )
    try:
        st.query_params[SEED] = str(_seed())
    except LabError as error:
        st.error(as_typed(say(error)), icon=":material/info:")
    st.button(_("Start"), type="primary", icon=":material/play_arrow:", key="against_start", on_click=_start)
    st.caption(
        _(
            "Your answers stay in the server’s memory until you leave. They are not stored, and nobody sees "
            "them, unless you pin them for your report."
        )
    )


def another() -> None:
    """Back to the beginning, with other garments."""
    game.put_away()
    _set_seed(str(secrets.randbelow(HIGHEST_SEED + 1)))


def same_again() -> None:
    played = game.current()
    if played is not None:
        game.begin(played.seed, len(played.garments), played.limit is not None)


def _start() -> None:
    """With what the page says at this moment, which it may not have been drawn with yet."""
    try:
        seed = _seed()
    except LabError:
        return  # the page says so
    game.begin(seed, int(held(GARMENTS)), held(CLOCK) == "on")


def _seed() -> int:
    """The one that is typed. Raises `LabError`."""
    return whole_within(Sentence("Seed"), held(TYPED_SEED), 0, HIGHEST_SEED)


def _settle_seed() -> None:
    """At first that of the address, or one at random."""
    if TYPED_SEED in st.session_state:
        return
    asked = st.query_params.get(SEED)
    is_number = asked is not None and len(asked) < 9 and asked.isascii() and asked.isdigit()
    fits = is_number and int(str(asked)) <= HIGHEST_SEED
    seed = str(int(str(asked))) if fits else str(secrets.randbelow(HIGHEST_SEED + 1))
    if asked is not None and not fits:
        st.warning(
            _(
                "This link asks for the seed “{asked}”; seeds are whole numbers from 0 to {highest}. You "
                "play with {seed} instead."
            ).format(asked=as_typed(asked[:40]), highest=HIGHEST_SEED, seed=seed)
        )
    _set_seed(seed)


def _set_seed(seed: str) -> None:
    st.session_state[TYPED_SEED] = st.query_params[SEED] = seed
