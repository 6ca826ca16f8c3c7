"""The lesson's runs, each measured twice: with dropout off, and with as much dropout as the learner sets."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from fmnist_core.lessons.plays import PlaySettings
from fmnist_core.store.status import OPEN
from pages.parts.base.formatting import NONE, figure, number
from pages.parts.base.i18n import _, lesson_text
from pages.parts.base.word_slider import word_slider
from pages.parts.inside.answers import shared_answer
from pages.parts.lessons.plays.trained import Trained, network_of, not_trained
from pages.parts.widgets.figures_table import html_table, scrolled
from pages.parts.widgets.pinning.shown import shown

KEY = "lesson_dropout"
SHARES = tuple(k / 20 for k in range(13))  # 0 to 0.6


def dropout(settings: PlaySettings, trained: Trained) -> None:
    ended = {name: run for name, run in trained.runs.items() if run.status not in (*OPEN, "paused")}
    if not ended:
        not_trained(trained.lesson.runs[0].name)
        return
    share = word_slider(
        _("Dropout while measuring"),
        SHARES,
        lambda value: figure(value, ".2f"),
        key=KEY,
        value=0.5,
        width=420,
    )
    rows = []
    for name, run in ended.items():
        network = network_of(run)
        measured = shared_answer(
            "loss_with_dropout", *network.asked.items(), share, dropout=share, **network.asked
        )
        off, on = float(measured["off"]), float(np.mean(measured["on"]))
        ratio = figure(on / off, ".2f") if off and math.isfinite(on / off) else NONE
        rows.append((lesson_text(name), number(off), number(on), ratio))
    heads = (_("Run"), _("Loss, dropout off"), _("Loss, dropout on"), _("Times as high"))
    what = _("One network, measured twice")
    shown(
        scrolled(html_table(what, heads, rows)),
        what,
        "lesson_dropout_table",
    )
    st.caption(
        _(
            "On the run’s validation images, up to 1,000; with dropout on, the mean of three draws. Both "
            "times the weights are the same: only the way of measuring differs."
        )
    )
