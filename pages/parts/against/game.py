"""A game under way or played. It lives in the learner's session: nothing of it is stored or sent on."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.against.deal import deal

GAME = "against_game"
SECONDS_A_GARMENT = 6


@dataclass(frozen=True)
class Game:
    """`answers` are classes so far, `None` for a garment that was skipped.

    Times are those of `time.monotonic`; `limit` is in seconds, `None` without a clock. `data` is the folder
    of the data that `seed` has dealt `garments` from, as indices of test images.
    """

    seed: int
    garments: tuple[int, ...]
    data: str
    limit: float | None
    began: float
    answers: tuple[int | None, ...] = ()
    ended: float | None = None

    def left(self) -> float | None:
        """Seconds that the clock still gives."""
        return None if self.limit is None else max(0.0, self.began + self.limit - time.monotonic())

    @property
    def is_over(self) -> bool:
        return self.ended is not None or self.left() == 0.0

    @property
    def seconds(self) -> float:
        """How long it took, once it is over."""
        ended = time.monotonic() if self.ended is None else self.ended
        return ended - self.began if self.limit is None else min(self.limit, ended - self.began)

    def answered(self) -> tuple[np.ndarray, np.ndarray]:
        """The garments that were not skipped, and what was said of them: (n,) each."""
        given = [(g, a) for g, a in zip(self.garments, self.answers, strict=False) if a is not None]
        garments, answers = np.array(given, np.int64).reshape(-1, 2).T
        return garments, answers


def current() -> Game | None:
    game: Game | None = st.session_state.get(GAME)
    return game


def begin(seed: int, count: int, clock: bool) -> None:
    dataset = fashion_mnist.load()
    garments = tuple(deal(dataset.test_labels, seed, count).tolist())
    limit = float(count * SECONDS_A_GARMENT) if clock else None
    st.session_state[GAME] = Game(seed, garments, dataset.folder, limit, time.monotonic())


def answer(place: int, label: int | None) -> None:
    """To the garment at this place of the game; a second click on the same one, or a late one, is void."""
    game = current()
    if game is None or game.is_over or place != len(game.answers):
        return
    answers = (*game.answers, label)
    ended = time.monotonic() if len(answers) == len(game.garments) else None
    st.session_state[GAME] = replace(game, answers=answers, ended=ended)


def end() -> None:
    """Before the last garment."""
    game = current()
    if game is not None and not game.is_over:
        st.session_state[GAME] = replace(game, ended=time.monotonic())


def put_away() -> None:
    st.session_state[GAME] = None
