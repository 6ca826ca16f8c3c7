"""The bar that steers a sweep or a race: buttons that start one, then Pause or Resume, and Stop.

A click is one call of the engine; what it refuses is told under the bar.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.store.status import OPEN
from pages.parts.base.attempt import steering_button, tell_refusal
from pages.parts.base.learner import learner_id
from pages.parts.base.services import engine
from pages.parts.forms.lab_frame import Start
from pages.parts.sweep.progress import Progress


def sweep_bar(progress: Progress | None, starts: Sequence[Start]) -> None:
    """`progress` is what is in view; only its learner may steer it. The first of `starts` stands out."""
    mine = progress is not None and progress.sweep.learner == learner_id()
    status, sweep_id = (progress.status, progress.sweep.id) if progress else (None, None)
    sweep_queue = engine().sweep_queue
    with st.container(key="run_bar", horizontal=True, vertical_alignment="center", gap="small"):
        for k, start in enumerate(starts):
            start.draw("secondary" if k else "primary")
        moving = mine and status in OPEN
        if status == "paused":
            steering_button("resume", sweep_id, sweep_queue.resume, mine)
        else:
            steering_button("pause", sweep_id, sweep_queue.pause, moving)
        steering_button("stop", sweep_id, sweep_queue.stop, moving or (mine and status == "paused"))
    tell_refusal()
