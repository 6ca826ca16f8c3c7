"""Results › Runs: every run of the learner, and any of them side by side. The choice lives in the address."""

from __future__ import annotations

import streamlit as st

from fmnist_core.events import Epoch
from fmnist_core.store.runs import Run, StoreError
from fmnist_core.store.status import OPEN
from pages.parts.base.distinctions import distinctions
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LAB_PAGES, SWEEP, TRANSFER
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import as_typed
from pages.parts.compare.comparison import MOST, STYLES, draw_curves, draw_table, lines
from pages.parts.compare.run_actions import ASKING, choose, chosen_ids, open_in_lab, toolbar
from pages.parts.compare.run_rows import group_of, row_of
from pages.parts.compare.run_table import run_table
from pages.parts.compare.set_aside import set_aside
from pages.parts.compare.side_by_side import draw_confusions, draw_garments
from pages.parts.compare.storage_meter import storage_meter
from pages.parts.frame.frame import guard
from pages.parts.run.past_epochs import past_epochs


def chosen_runs() -> tuple[list[Run], list[StoreError]]:
    """The runs that the address names, in its order, and why others of them cannot be shown."""
    runs, refused = [], []
    for run_id in chosen_ids():
        try:
            runs.append(store().run(run_id))
        except StoreError as error:
            refused.append(error)
    return runs, refused


def listed(timed: bool) -> None:
    """The table; while something trains, once a second."""
    with guard():
        chosen = chosen_runs()[0]
        runs = store().runs(learner_id())
        runs += [run for run in chosen if run.learner != learner_id()]
        drawn = dict(zip([run.id for run in chosen], lines(chosen), strict=False))
        sweeps = engine().sweep_queue.sweeps.of_runs(learner_id())
        rows = [
            row_of(
                run,
                drawn.get(run.id),
                latest(run),
                run.learner == learner_id(),
                apart,
                sweeps[run.id].id if run.id in sweeps else "",
            )
            for run, apart in zip(runs, distinctions(runs), strict=True)
        ]
        listed_sweeps = {sweeps[run.id].id: sweeps[run.id] for run in runs if run.id in sweeps}
        groups = [
            group_of(sweep, [row for row in rows if row.group == id]) for id, sweep in listed_sweeps.items()
        ]
        changed, opened = run_table(
            rows, groups, [run.id for run in chosen], key="run_table", on_choose=choose
        )
        if opened in listed_sweeps:
            kind = listed_sweeps[opened].kind
            st.switch_page(SWEEP if kind == "sweep" else TRANSFER, query_params={kind: opened})
        elif opened:
            open_in_lab(store().run(opened))
        if changed or (timed and over(runs)):
            st.rerun()


def compared(timed: bool) -> None:
    """The comparison; while something in it trains, once a second."""
    with guard():
        chosen = chosen_runs()[0][:MOST]
        drawn = lines(chosen)
        # Beside the curves there is room for three columns of figures, not for six.
        left, right = (
            st.columns([2, 3], gap="large") if len(chosen) <= 3 else (st.container(), st.container())
        )
        with left:
            draw_table(chosen, drawn)
        with right:
            draw_curves(chosen, drawn, [past_epochs(run) for run in chosen])
        draw_garments(chosen, drawn, store())
        draw_confusions(chosen, drawn, store())
        if timed and over(chosen):
            st.rerun()


def latest(run: Run) -> Epoch | None:
    """The last whole epoch of a run that has no test figures yet."""
    epochs = past_epochs(run) if run.test_loss is None else ()
    return epochs[-1] if epochs else None


def over(runs: list[Run]) -> bool:
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
    timed = any(run.status in OPEN for run in runs + chosen)
    st.fragment(listed, run_every=1.0 if timed else None)(timed)
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
