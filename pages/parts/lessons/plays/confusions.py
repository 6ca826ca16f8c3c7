"""A classifier's confusion matrix over the test garments: choose a cell, and see what lies in it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.lessons.plays import OfClassifier
from fmnist_core.sentences import LabError
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.lessons.plays.trained import Trained, ended_run, network_of
from pages.parts.mistakes.answered import Answered
from pages.parts.mistakes.predictions import probabilities
from pages.parts.widgets import mosaics
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.pinning.shown import shown

KEY, CLICKS = "lesson_confusions", "lesson_confusions_clicks"
SHOWN, MOST_PAIRS = 20, 12


def confusions(settings: OfClassifier, trained: Trained) -> None:
    run = ended_run(settings, trained)
    if run is None:
        return
    answer = probabilities(network_of(run).asked)
    if answer is None:  # it shows how far it is, and comes again
        return
    if isinstance(answer, LabError):
        raise answer
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    answered = Answered(answer, fashion_mnist.load().test_labels)
    pairs = _most_frequent(answered.confusion)
    if not pairs:
        st.info(_("This network confuses no two classes of the test garments."), icon=":material/info:")
        return
    left, right = st.columns(2, gap="large")
    with right:
        if st.session_state.get(KEY) not in pairs:
            st.session_state[KEY] = pairs[0]
        chosen: tuple[int, int] = st.selectbox(
            _("What is taken for what"),
            pairs,
            format_func=lambda pair: _("{true} taken for {guess}").format(
                true=names[pair[0]], guess=names[pair[1]]
            ),
            key=KEY,
            placeholder=_("Choose a pair"),
        )
        _garments(answered, chosen, names)
    with left:
        draw_confusion(
            answered.confusion,
            names,
            key=f"lesson_confusions_{chosen[0]}_{chosen[1]}_{st.session_state.get(CLICKS, 0)}",
            alt=_("Confusion matrix: true classes in rows, predicted classes in columns"),
            normalised=False,
            picked=chosen,
            on_pick=lambda true, guess: _pick((true, guess), pairs),
        )
        st.caption(_("The test garments, which no run learns from. Choose a pair, or click its cell."))


def _garments(answered: Answered, pair: tuple[int, int], names: list[str]) -> None:
    indices = answered.of_cell(*pair)
    st.markdown(
        ngettext(
            "**{n}** garment is labelled **{true}** and taken for **{guess}**.",
            "**{n}** garments are labelled **{true}** and taken for **{guess}**, those first of which the "
            "network was surest.",
            len(indices),
        ).format(n=count(len(indices)), true=names[pair[0]], guess=names[pair[1]])
    )
    first = indices[:SHOWN]
    html = mosaics.captioned(
        np.asarray(fashion_mnist.load().test_images[first]),
        [percent(float(answered.confidences[index])) for index in first],
        alt=names[pair[0]],
    )
    what = _("{true} taken for {guess}").format(true=names[pair[0]], guess=names[pair[1]])
    shown(html, what, "lesson_confused")


def _most_frequent(confusion: np.ndarray) -> list[tuple[int, int]]:
    """The cells off the diagonal with the most garments, as (true, guess)."""
    wrong = confusion * (1 - np.eye(len(confusion), dtype=np.int64))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_PAIRS]
    cells = [(int(cell) // len(wrong), int(cell) % len(wrong)) for cell in order]
    return [cell for cell in cells if wrong[cell]]


def _pick(pair: tuple[int, int], pairs: list[tuple[int, int]]) -> None:
    """A click on another cell draws nothing: the list has those that matter."""
    st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1
    if pair in pairs:
        st.session_state[KEY] = pair
