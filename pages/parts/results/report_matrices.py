"""Confusion matrices of a study: the published one where the report has it, ours, and their difference."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
import streamlit as st

from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.replication.claims.published import mean_confusion
from fmnist_core.replication.recipes import EXPERIMENTS
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.results.shipped_evidence import Evidence
from pages.parts.run.confusions import hardest
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.matrix_pair import draw_pair

HEIGHT = 340


def report_matrices(experiments: Mapping[str, str], evidence: Evidence, *, key: str) -> None:
    """`experiments` by id, with what each is called; those that are no classifiers have no matrix."""
    names = {id: name for id, name in experiments.items() if EXPERIMENTS[id].spec.task == "classifier"}
    if not names:
        return
    st.subheader(_("Confusion matrices"), anchor=False)
    st.caption(_("Each row is a true class; numbers are percent of its images."))
    chosen = next((id for id in names if id in evidence.records), next(iter(names)))
    if len(names) > 1:
        chosen = st.segmented_control(
            _("Experiment"),
            list(names),
            default=chosen,
            format_func=names.get,
            key=f"{key}_of",
            wrap=True,
            required=True,
            label_visibility="collapsed",
        )
    published, runs = published_matrix(chosen), evidence.records.get(chosen, {})
    ours, whole = mean_confusion(runs), [record for record in runs.values() if record.confusion is not None]
    classes = [say(name) for name in CLASS_NAMES]
    with st.grid(2, min_column_width=360):
        if published is not None:
            _matrix(published, classes, _("Published"), key=f"{key}_{chosen}_published")
        with st.container():
            if ours is None:
                title = _("Ours")
                st.html(f'<p class="lab-title">{escape(title)}</p>')
                with st.container(border=True):
                    st.caption(_("Our matrix will stand here as soon as there is evidence."))
            else:
                title = ngettext("Ours, of {n} seed", "Ours, the mean of {n} seeds", len(whole))
                _matrix(ours, classes, title.format(n=len(whole)), key=f"{key}_{chosen}_ours")
        if published is None and ours is not None:
            sentence = hardest(sum(np.array(record.confusion) for record in whole), classes)
            st.markdown(_("All seeds together: {told}").format(told=sentence))
        if published is not None and ours is not None:
            title = _("Ours minus the published one, in percentage points")
            draw_pair(published, ours, classes, title, key=f"{key}_{chosen}_difference", height=HEIGHT)


def published_matrix(experiment: str) -> np.ndarray | None:
    """As shares of each row, if the report prints one."""
    matrix = EXPERIMENTS[experiment].confusion
    return None if matrix is None else np.array(matrix)


def _matrix(matrix: np.ndarray, classes: list[str], title: str, *, key: str) -> None:
    with st.container():
        st.html(f'<p class="lab-title">{escape(title)}</p>')
        alt = _("Confusion matrix: {which}").format(which=title)
        draw_confusion(matrix, classes, key=key, alt=alt, height=HEIGHT)
