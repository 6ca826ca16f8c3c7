"""The moments of a run that can be looked into: the start, those of its film, and now; and playing them.

Weights that were not kept are trained again, the same bit for bit, and stay with a worker for a while.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.sentences import LabError
from fmnist_core.store import past
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from pages.parts.base.attempt import say_error
from pages.parts.base.i18n import _
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import linked_choice, set_out, underway
from pages.parts.run.film import moment_words

STEP, NOW, PLAYS, NEXT = "step", "now", "inside_plays", "inside_next_moment"
PLAY_SECONDS = 1.0  # between two moments
SECONDS = 30.0  # for a share of training again, on a worker that trains others


def choose_moment(run: Run, key: str = STEP, plays: bool = False) -> int | None:
    """After which batch, or `None` for now. What is not kept is trained again before this returns.

    `key` is its name in the address. With `plays`, a page that is quick can go from moment to moment.
    """
    if (following := st.session_state.pop(NEXT, None)) is not None:
        _show(following)
    words = {str(step): said for step, said in in_words(run, earlier_moments(run)).items()}
    (latest,) = moment_words(run, run.step)
    trains = run.status in OPEN  # its last batch is another one before this is read
    now = {NOW: _("now, while it trains") if trains else _("now: {moment}").format(moment=latest)}
    options = now | words if key == STEP else words | now  # beside it stands how it began
    if not words:
        say_only_now(key)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = linked_choice(_("Moment"), options, key=key, control="list")
        if plays:
            _play(run.id, [*words, NOW], chosen)
    if chosen == NOW:
        return None
    train_again(run, [int(chosen)], key)
    return int(chosen)


def say_only_now(key: str) -> None:
    """That a link names a moment of what has none but now."""
    asked = None if underway(key) else st.query_params.get(key)
    if asked is not None and asked != NOW:
        st.warning(
            _("This link asks for the moment “{asked}”; of this network the lab has one only.").format(
                asked=as_typed(asked[:40])
            )
        )
    st.query_params.pop(key, None)
    st.session_state.pop(key, None)


def earlier_moments(run: Run) -> list[int]:
    """The moments before now whose weights are kept or can be trained again, in order."""
    moments = _kept(run)
    if run.repeatable and run.status not in OPEN:
        moments |= {frame.step for frame in store().snapshots(run.id)}
    return sorted(step for step in moments if step < run.step)


def _kept(run: Run) -> set[int]:
    kept = set(past.kept_steps(store(), run.id))
    return kept if run.spec.branch is not None else kept | {0}


def in_words(run: Run, steps: Sequence[int]) -> dict[int, str]:
    """What each moment is called."""
    words = dict(zip(steps, moment_words(run, *steps), strict=True))
    if run.spec.branch is None and 0 in words:
        words[0] = _("before training")
    return words


def train_again(run: Run, steps: Sequence[int], key: str) -> None:
    """Until all that were not kept are there, or one is refused: who asks for that one hears why.

    `key` tells apart those who do so on one page.
    """
    words = _("These weights were not kept, so they are trained again, the same bit for bit.")
    missing = sorted(set(steps) - _kept(run) - {run.step})
    if not missing:
        return
    bar = st.progress(0.0, words)
    try:
        for before, step in zip([0, *missing], missing, strict=False):
            while (share := engine().ask("train_again", timeout=SECONDS, run_id=run.id, step=step)) < 1:
                bar.progress((before + share * (step - before)) / missing[-1], words)
    except LabError as error:
        say_error(error, f"{key}_again")
    bar.empty()


def _play(run_id: str, moments: list[str], chosen: str) -> None:
    """Goes through the moments of a run from the first on, and stops at the last."""
    plays = st.session_state.get(PLAYS) == run_id
    st.button(
        _("Stop") if plays else _("Play"),
        icon=":material/stop:" if plays else ":material/play_arrow:",
        key="inside_play",
        help=_("From before training to now, moment by moment."),
        on_click=_turn,
        args=(run_id, moments, chosen),
    )
    if plays:
        st.fragment(_next, run_every=PLAY_SECONDS)(moments, chosen)


def _turn(run_id: str, moments: list[str], chosen: str) -> None:
    st.session_state.pop(f"{PLAYS}_seen", None)
    if st.session_state.pop(PLAYS, None) == run_id:
        return
    st.session_state[PLAYS] = run_id
    if chosen == moments[-1]:
        _show(moments[0])


def _next(moments: list[str], chosen: str) -> None:
    """Draws nothing. The first time belongs to the page that shows this moment."""
    seen = st.session_state.get(f"{PLAYS}_seen")
    st.session_state[f"{PLAYS}_seen"] = chosen
    if seen != chosen:
        return
    after = moments[moments.index(chosen) + 1 :]
    if after:
        st.session_state[NEXT] = after[0]
    if len(after) < 2:
        del st.session_state[PLAYS]
    st.rerun()


def _show(moment: str) -> None:
    st.query_params[STEP] = moment
    st.session_state[STEP] = moment
    set_out(STEP)
