"""Precision, recall and F1 of each class, the class that is told worst first."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.confusion import class_scores
from pages.parts.base.i18n import _, say
from pages.parts.inside.network_choice import Network
from pages.parts.mistakes.answered import Answered
from pages.parts.widgets.bars import bars
from pages.parts.widgets.matrix_tables import scores_table
from pages.parts.widgets.pinning.shown import shown


def classes(network: Network, answered: Answered) -> None:
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    f1 = np.nan_to_num(class_scores(answered.confusion).f1)
    order = np.argsort(f1, kind="stable")
    left, right = st.columns(2, gap="large")
    with left:
        bars(
            [names[k] for k in order],
            f1[order].tolist(),
            key="mistakes_f1",
            x="F1",
            y=_("Class"),
            alt=_("F1 of each class, the lowest first"),
            value_format=".1~%",
            height=320,
        )
    with right:
        html = f'<div class="lab-scores" tabindex="0">{scores_table(answered.confusion, names)}</div>'
        shown(html, _("Precision, recall and F1 of each class"), "class_scores")
        st.caption(_("In the mean each class counts alike, however many images it has (macro mean)."))
