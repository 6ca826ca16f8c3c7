"""The bar that steers a sweep or a race: buttons that start one, then Pause or Resume, and Stop.

A click is one call of the engine; what it refuses is told under the bar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fmnist_core.store.status import OPEN
from pages.parts.base.attempt import attempt, tell_refusal
from pages.parts.base.i18n import _
from pages.parts.base.learner import learner_id
from pages.parts.base.services import engine
from pages.parts.sweep.progress import Progress


@dataclass(frozen=True)
class Start:
    """A button that starts something. `click` is called in a callback, with the values of that moment."""

    key: str
    label: str
    icon: str
    help: str
    click: Callable[[], Any]
    enabled: bool


def sweep_bar(progress: Progress | None, starts: Sequence[Start]) -> None:
    """`progress` is what is in view; only its learner may steer it. The first of `starts` stands out."""
    mine = progress is not None and progress.sweep.learner == learner_id()
    status = progress.status if progress else None
    sweep_queue = engine().sweep_queue
    with st.container(key="run_bar", horizontal=True, vertical_alignment="center", gap="small"):
        for k, start in enumerate(starts):
            st.button(
                start.label,
                type="secondary" if k else "primary",
                icon=start.icon,
                key=start.key,
                help=start.help,
                disabled=not start.enabled,
                on_click=start.click,
            )
        moving = mine and status in OPEN
        if status == "paused":
            _button("resume", _("Resume"), ":material/play_arrow:", mine, progress, sweep_queue.resume)
        else:
            _button("pause", _("Pause"), ":material/pause:", moving, progress, sweep_queue.pause)
        stoppable = moving or (mine and status == "paused")
        _button("stop", _("Stop"), ":material/stop:", stoppable, progress, sweep_queue.stop)
    tell_refusal()


def _button(
    name: str, label: str, icon: str, enabled: bool, progress: Progress | None, call: Callable[..., Any]
) -> None:
    st.button(
        label,
        icon=icon,
        key=f"bar_{name}",
        disabled=not enabled,
        on_click=attempt,
        args=(call, progress and progress.sweep.id, learner_id()),
    )
