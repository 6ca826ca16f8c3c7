"""Results › Runs: every run of the learner, and any of them side by side. The choice lives in the address."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import streamlit as st

from fmnist_core.store.runs import Run, StoreError
from fmnist_core.store.status import OPEN
from pages.parts.base import pins
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LAB_PAGES, PLANNED_PAGES, opening
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.compare.comparison import MOST, STYLES, draw_curves, draw_table, lines
from pages.parts.compare.diagnosis import draw_diagnosis
from pages.parts.compare.run_actions import ASKING, choose, chosen_ids, open_in_lab, toolbar
from pages.parts.compare.run_listing import Listing, listing, news
from pages.parts.compare.run_table import run_news, run_table
from pages.parts.compare.set_aside import set_aside
from pages.parts.compare.side_by_side import draw_confusions, draw_garments
from pages.parts.compare.storage_meter import storage_meter
from pages.parts.frame.frame import guard
from pages.parts.run.past_epochs import past_epochs

MOST_NEWS = 20  # rows changed; then the page is drawn anew, as all of them are sent every second


def chosen_runs() -> tuple[list[Run], list[StoreError]]:
    """The runs that the address names, in its order, and why others of them cannot be shown."""
    runs, refused = [], []
    for run_id in chosen_ids():
        try:
            runs.append(store().run(run_id))
        except StoreError as error:
            refused.append(error)
    return runs, refused


def table(chosen: list[Run]) -> tuple[Listing, str]:
    """Draw the table of runs; what it lists, and the name of this drawing."""
    drawn, name = listing(chosen), secrets.token_hex(4)
    opened = run_table(
        drawn.rows, drawn.groups, [run.id for run in chosen], name, key="run_table", on_choose=choose
    )
    if opened in drawn.sweeps:
        sweep = drawn.sweeps[opened]
        st.switch_page(PLANNED_PAGES[sweep.kind], query_params=opening(sweep))
    elif opened:
        open_in_lab(store().run(opened))
    return drawn, name


def look(drawn: Listing, name: str) -> None:
    """While something trains, once a second: what has changed in the table since it was drawn."""
    with guard():
        now = listing(chosen_runs()[0])
        changed = news(drawn, now)
        run_news(changed, name, key="run_news")
        if (len(changed.rows) > MOST_NEWS and not st.session_state[ASKING]) or over(now.runs):
            st.rerun()


def compared(timed: bool) -> None:
    """The comparison; while something in it trains, once a second."""
    with guard():
        chosen = chosen_runs()[0][:MOST]
        drawn = lines(chosen)
        # Beside the curves there is room for three columns of figures, not for six.
        pins.about(*(run.id for run in chosen))
        left, right = (
            st.columns([2, 3], gap="large") if len(chosen) <= 3 else (st.container(), st.container())
        )
        with left:
            draw_table(chosen, drawn)
        with right:
            draw_curves(chosen, drawn, [past_epochs(run) for run in chosen])
        draw_diagnosis(chosen, drawn)
        draw_garments(chosen, drawn, store())
        draw_confusions(chosen, drawn, store())
        if timed and over(chosen):
            st.rerun()


def over(runs: Sequence[Run]) -> bool:
    """Nothing trains any more, so the page may drop its timers; but never under an open dialog."""
    return not any(run.status in OPEN for run in runs) and not st.session_state[ASKING]


def empty() -> None:
    with st.container(border=True):
        st.markdown(
            _(
                "Every run that you train will be listed here, with its curves, its garments and its figures "
                "ready to be compared. Train a first one; a small network takes a few seconds."
            )
        )
        with st.container(horizontal=True):
            if st.button(_("Train an autoencoder"), type="primary", key="runs_autoencoder"):
                st.switch_page(LAB_PAGES["autoencoder"])
            if st.button(_("Train a classifier"), key="runs_classifier"):
                st.switch_page(LAB_PAGES["classifier"])


def main() -> None:
    st.html(STYLES)
    st.title(_("Runs"))
    chosen, refused = chosen_runs()
    for error in refused:
        st.warning(as_typed(say(error)), icon=":material/info:")
    runs = store().runs(learner_id())
    some_aside = set_aside()
    if not runs and not chosen:
        if not some_aside:
            empty()
        return
    toolbar(chosen)
    with guard():
        drawn, name = table(chosen)
        if any(run.status in OPEN for run in drawn.runs):
            st.fragment(look, run_every=1.0)(drawn, name)
    if len(chosen) > MOST:
        st.caption(_("The first {most} of the chosen runs are compared.").format(most=MOST))
    if chosen:
        timed = any(run.status in OPEN for run in chosen)
        st.fragment(compared, run_every=1.0 if timed else None)(timed)
    elif len(runs) > 1 and st.button(
        _("Compare the two newest"), icon=":material/compare_arrows:", key="runs_newest"
    ):
        choose([run.id for run in runs[:2]])
        st.rerun()
    storage_meter()


main()
