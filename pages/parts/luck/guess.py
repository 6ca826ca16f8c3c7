"""Single runs of two settings, drawn at random: which setting is ahead over all of its runs?"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from fmnist_core.statistics import mean
from pages.parts.base.attempt import held
from pages.parts.base.formatting import listed
from pages.parts.base.i18n import _
from pages.parts.luck.settings import Comparable, Setting

DRAWN, TALLY = "luck_drawn", "luck_tally"


@dataclass(frozen=True)
class Drawn:
    """Two settings of a study, by their ids, the place of one run of each, and the one that was guessed.

    The session keeps this, and no words: the language may change.
    """

    study: str
    settings: tuple[str, str]
    runs: tuple[int, int]
    guessed: int | None = None

    def of(self, studies: Mapping[str, Comparable]) -> tuple[Setting, Setting] | None:
        """The settings, if their runs are still there."""
        settings = studies[self.study].settings if self.study in studies else {}
        if not settings.keys() >= set(self.settings):
            return None
        first, second = (settings[id] for id in self.settings)
        there = self.runs[0] < len(first.figures) and self.runs[1] < len(second.figures)
        return (first, second) if there else None


def ahead(settings: tuple[Setting, Setting]) -> int:
    """Which of two settings is, over all its runs."""
    first, second = (mean(setting.scores) for setting in settings)
    return int(second > first)


def guess(studies: Mapping[str, Comparable]) -> None:
    """Of these studies, by their words in the address; there may be none."""
    if not studies:
        st.caption(_("In no study does a seed decide who is ahead, so there is nothing to guess."))
        return
    drawn: Drawn | None = st.session_state.get(DRAWN)
    settings = drawn.of(studies) if drawn is not None else None
    st.button(_("Draw two runs"), icon=":material/casino:", key="luck_draw", on_click=_draw, args=(studies,))
    if drawn is None or settings is None:
        st.caption(
            _(
                "One run of each of two settings of a study in which seeds can decide. Which is ahead over "
                "all its runs?"
            )
        )
        return
    st.markdown(f"**{studies[drawn.study].title}**")
    with st.container(horizontal=True, gap="small"):
        for k, (setting, run) in enumerate(zip(settings, drawn.runs, strict=True)):
            st.button(
                f"{setting.name}: {setting.written(setting.figures[run])}",
                key=f"luck_guess_{k}",
                disabled=drawn.guessed is not None,
                on_click=_guess,
                args=(k, k == ahead(settings)),
            )
    if drawn.guessed is None:
        st.caption(
            settings[0].which_is_better
            + " "
            + _("Click the setting that you believe to be ahead over all its runs.")
        )
    else:
        _reply(drawn, settings)


def _reply(drawn: Drawn, settings: tuple[Setting, Setting]) -> None:
    said = _("Right.") if drawn.guessed == ahead(settings) else _("Wrong.")
    all_runs = [
        f"{setting.name}: {listed([setting.written(figure) for figure in setting.figures])}"
        for setting in settings
    ]
    st.markdown(
        f"**{said}** " + _("All recorded runs:") + "\n\n" + "\n".join(f"- {runs}" for runs in all_runs)
    )
    first, second = (s.scores[run] for s, run in zip(settings, drawn.runs, strict=True))
    if int(second > first) != ahead(settings) and first != second:
        st.markdown(_("These two runs named the wrong winner: the seed decided."))
    right, asked = st.session_state[TALLY]
    st.caption(_("Your guesses so far: {right} right of {asked}.").format(right=right, asked=asked))


def _draw(studies: Mapping[str, Comparable]) -> None:
    """Of the settings whose averages differ."""
    pairs = [
        (word, one, other)
        for word, study in studies.items()
        for one in study.settings
        for other in study.settings
        if one != other and study.settings[one].mean != study.settings[other].mean
    ]
    word, *ids = pairs[secrets.randbelow(len(pairs))]
    first, second = (secrets.randbelow(len(studies[word].settings[id].figures)) for id in ids)
    st.session_state[DRAWN] = Drawn(word, (ids[0], ids[1]), (first, second))


def _guess(setting: int, is_right: bool) -> None:
    drawn: Drawn = held(DRAWN)
    if drawn.guessed is not None:
        return
    st.session_state[DRAWN] = replace(drawn, guessed=setting)
    right, asked = st.session_state.get(TALLY, (0, 0))
    st.session_state[TALLY] = (right + is_right, asked + 1)
