"""A learner's latest runs, as links into the lab."""

from __future__ import annotations

import streamlit as st

from fmnist_core.sentences import Sentence
from fmnist_core.store import Run
from pages.parts import lab
from pages.parts.language import _, say
from pages.parts.learner import learner_id

MOST = 5
PAGES = {"autoencoder": "pages/lab/autoencoder.py", "classifier": "pages/lab/classifier.py"}
STATUSES = {
    "queued": Sentence("waiting"),
    "running": Sentence("training"),
    "paused": Sentence("paused"),
    "stopped": Sentence("stopped"),
    "finished": Sentence("finished"),
    "failed": Sentence("failed"),
}


def recent_runs() -> None:
    """The last few runs under a heading, or nothing when there are none. Raises `StoreError`."""
    runs = lab.store().runs(learner=learner_id())
    if not runs:
        return
    st.header(_("Your latest runs"))
    for run in runs[:MOST]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                PAGES[run.spec.task],
                label=run.name,
                icon=":material/play_circle:",
                query_params={"run": run.id},
            )
            st.caption(summary(run))
    if len(runs) > MOST:
        st.page_link("pages/results/runs.py", label=_("All your runs"), icon=":material/stacked_line_chart:")


def summary(run: Run) -> str:
    parts = [
        say(STATUSES[run.status]),
        _("epoch {epoch} of {epochs}").format(epoch=run.epoch, epochs=run.spec.epochs),
    ]
    if run.test_loss is not None:
        parts.append(_("test loss {loss}").format(loss=f"{run.test_loss:.4f}"))
    if run.test_accuracy is not None:
        parts.append(_("accuracy {share}").format(share=f"{run.test_accuracy:.1%}"))
    return " · ".join(parts)
