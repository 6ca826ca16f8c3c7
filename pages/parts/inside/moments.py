"""The moments of a run that can be looked into: the start, those of its film, and now; and playing them.

Weights that were not kept are trained again, the same bit for bit, and stay with a worker for a while.
"""

from __future__ import annotations

import streamlit as st

from fmnist_core.sentences import LabError
from fmnist_core.store import past
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from pages.parts.base.i18n import _, say
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import linked_choice, set_out
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
    kept = {step for step in past.kept_steps(store(), run.id) if step < run.step}
    if run.spec.branch is None:
        kept.add(0)
    moments = set(kept)
    if run.repeatable and run.status not in OPEN:
        moments |= {frame.step for frame in store().snapshots(run.id) if frame.step < run.step}
    steps = sorted(moments)
    words = dict(zip(map(str, steps), moment_words(run, *steps), strict=True))
    if run.spec.branch is None:
        words["0"] = _("before training")
    (latest,) = moment_words(run, run.step)
    now = {NOW: _("now: {moment}").format(moment=latest)}
    options = now | words if key == STEP else words | now  # beside it stands how it began
    if not words:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = linked_choice(_("Moment"), options, key=key, control="list")
        if plays:
            _play(run.id, [*words, NOW], chosen)
    if chosen == NOW:
        return None
    if int(chosen) not in kept:
        _train_again(run, int(chosen))
    return int(chosen)


def _train_again(run: Run, step: int) -> None:
    """Until it is there, or refused: then the page says so when it asks for these weights."""
    words = _("These weights were not kept, so they are trained again, the same bit for bit.")
    bar = st.progress(0.0, words)
    try:
        while (share := engine().ask("train_again", timeout=SECONDS, run_id=run.id, step=step)) < 1:
            bar.progress(share, words)
    except LabError as error:
        st.info(as_typed(say(error)), icon=":material/info:")
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
