"""Single runs of two settings, drawn at random: which setting is ahead over all of its runs?"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from fmnist_core.statistics import mean
from pages.parts.base.formatting import listed
from pages.parts.base.i18n import _
from pages.parts.luck.settings import Comparable, Setting

DRAWN, TALLY = "luck_drawn", "luck_tally"


@dataclass(frozen=True)
class Drawn:
    """Two settings of a study, the place of one run of each, and the setting that was guessed, 0 or 1."""

    title: str
    settings: tuple[Setting, Setting]
    runs: tuple[int, int]
    guessed: int | None = None

    @property
    def ahead(self) -> int:
        """Which setting is, over all its runs."""
        first, second = (mean(setting.scores) for setting in self.settings)
        return int(second > first)


def guess(studies: Sequence[Comparable]) -> None:
    """Of these studies, of which there may be none."""
    if not studies:
        st.caption(_("In no study does a seed decide who is ahead, so there is nothing to guess."))
        return
    drawn: Drawn | None = st.session_state.get(DRAWN)
    st.button(_("Draw two runs"), icon=":material/casino:", key="luck_draw", on_click=_draw, args=(studies,))
    if drawn is None:
        st.caption(
            _(
                "One run of each of two settings of a study in which seeds can decide. Which is ahead over "
                "all its runs?"
            )
        )
        return
    st.markdown(f"**{drawn.title}**")
    with st.container(horizontal=True, gap="small"):
        for k, (setting, run) in enumerate(zip(drawn.settings, drawn.runs, strict=True)):
            st.button(
                f"{setting.name}: {setting.written(setting.figures[run])}",
                key=f"luck_guess_{k}",
                disabled=drawn.guessed is not None,
                on_click=_guess,
                args=(k,),
            )
    kind = _("Test accuracy: the higher, the better.")
    if not drawn.settings[0].is_classifier:
        kind = _("Test loss: the lower, the better.")
    if drawn.guessed is None:
        st.caption(kind + " " + _("Click the setting that you believe to be ahead over all its runs."))
    else:
        _reply(drawn)


def _reply(drawn: Drawn) -> None:
    said = _("Right.") if drawn.guessed == drawn.ahead else _("Wrong.")
    all_runs = [
        f"{setting.name}: {listed([setting.written(figure) for figure in setting.figures])}"
        for setting in drawn.settings
    ]
    st.markdown(
        f"**{said}** " + _("All recorded runs:") + "\n\n" + "\n".join(f"- {runs}" for runs in all_runs)
    )
    first, second = (s.scores[run] for s, run in zip(drawn.settings, drawn.runs, strict=True))
    if int(second > first) != drawn.ahead and first != second:
        st.markdown(_("These two runs named the wrong winner: the seed decided."))
    right, asked = st.session_state[TALLY]
    st.caption(_("Your guesses so far: {right} right of {asked}.").format(right=right, asked=asked))


def _draw(studies: Sequence[Comparable]) -> None:
    """Of the settings whose averages differ."""
    pairs = [
        (study.title, (one, other))
        for study in studies
        for one in study.settings.values()
        for other in study.settings.values()
        if one is not other and one.mean != other.mean
    ]
    title, settings = pairs[secrets.randbelow(len(pairs))]
    runs = (secrets.randbelow(len(settings[0].figures)), secrets.randbelow(len(settings[1].figures)))
    st.session_state[DRAWN] = Drawn(title, settings, runs)


def _guess(setting: int) -> None:
    drawn: Drawn = st.session_state[DRAWN]
    if drawn.guessed is not None:
        return
    st.session_state[DRAWN] = Drawn(drawn.title, drawn.settings, drawn.runs, setting)
    right, asked = st.session_state.get(TALLY, (0, 0))
    st.session_state[TALLY] = (right + (setting == drawn.ahead), asked + 1)
