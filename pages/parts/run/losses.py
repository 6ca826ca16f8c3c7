"""The chart of a run's losses, with a legend that switches its curves and two switches for its axes.

What a learner switches is remembered by the browser, for all runs.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import streamlit as st

from fmnist_core.spec import RunSpec
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _
from pages.parts.base.preferences import keep_preferences, prefer, preference
from pages.parts.base.spec_words import rates_in_words
from pages.parts.run.fork import fork_notes
from pages.parts.run.watched import Watched
from pages.parts.widgets.chart import Levels
from pages.parts.widgets.curves import Lines, Series, curves
from pages.parts.widgets.legends import all_off, curve_legend
from pages.parts.widgets.notes import Notes

SHOWN, LOG, LATE = "curves_shown", "curves_log", "curves_late"  # in the session and among the preferences


def losses(latest: Watched, height: int | Literal["stretch"], levels: Levels = ()) -> None:
    """At the end of each epoch the mean losses (of training images also as they were trained, with dropout),
    and behind them, faint, the loss of each batch.
    """
    run = latest.run
    shown, log, late = _switches()
    late = late and len(latest.along_the_axis) > 1  # else there is nothing behind the first
    curves(
        latest.in_words(("losses", shown, late), lambda: _lines(latest, shown, late)),
        key=f"losses_{run.id}",
        x=_("Epoch"),
        y=_("Loss (MSE)") if run.spec.loss == "mse" else _("Cross-entropy"),
        alt=_("Loss over the epochs, for training and validation images"),
        log=log,
        levels=levels,
        height=height,
        own_legend=True,
        moving=True,
    )
    if height != "stretch":
        st.caption(_explained(shown))


def rate_notes(spec: RunSpec, begin: float, end: float, left_at: float = 0.0) -> Notes:
    """Each change of the learning rate between two epochs, with what it was and became.

    A branch begins at `left_at`, where it left its parent.
    """
    placed = [
        (left_at + change.step / spec.steps_per_epoch, change)
        for change in sorted(spec.learning_rate_changes, key=lambda change: change.step)
    ]
    seen = [(place, change) for place, change in placed if begin <= place <= end]

    def words(first: int, last: int) -> str:
        before = spec.learning_rate_at(seen[first][1].step - 1)
        rates = [before, *(change.learning_rate for _place, change in seen[first:last])]
        return _("rate {rates}").format(rates=rates_in_words(rates))

    return Notes([place for place, _change in seen], words)


def _switches() -> tuple[tuple[str, ...], bool, bool]:
    """The curves shown, whether the losses stand on a log scale, and whether the first epoch is left out."""
    for switch in (LOG, LATE):
        st.session_state.setdefault(switch, preference(switch, "off") == "on")
    with st.container(key="curve_switches", horizontal=True, vertical_alignment="center", gap="small"):
        shown = curve_legend(_names(), ("batch",), key=SHOWN)
        log = _switch(
            LOG,
            _("Log scale"),
            _("Equal ratios take equal room, so that late, small gains are seen beside the first fall."),
        )
        late = _switch(
            LATE,
            _("From epoch 1"),
            _("Leaves out the first epoch, whose losses are so large that they flatten all that follows."),
        )
        keep_preferences()
    return shown, log, late


def _switch(key: str, label: str, help: str) -> bool:
    return st.toggle(label, key=key, on_change=_remember, args=(key,), help=help, persist_state="session")


def _names() -> dict[str, str]:
    """What the curves are called, in the order in which they are drawn."""
    return {
        "training": _("training"),
        "validation": _("validation"),
        "dropout": _("with dropout"),
        "batch": _("each batch"),
    }


def _remember(switch: str) -> None:
    prefer(switch, "on" if held(switch) else "off")


def _explained(shown: Collection[str]) -> str:
    """What the curves mean that do not say it themselves."""
    if not shown:
        return all_off()
    texts = {
        "dropout": _(
            "**With dropout**: over the epoch’s own batches, units switched off, weights still moving."
        ),
        "batch": _("**Each batch**: the loss of every single step, before it was taken."),
    }
    return " ".join(text for name, text in texts.items() if name in shown)


def _lines(latest: Watched, shown: Collection[str], late: bool) -> Lines:
    (steps, batch_losses), spec = latest.batches, latest.run.spec
    fork, called = latest.fork, _names()
    left_at = fork.epoch if fork else 0.0
    xs = [place for place, _epoch in latest.along_the_axis]
    epochs = [epoch for _place, epoch in latest.along_the_axis]
    batches = left_at + steps / spec.steps_per_epoch
    begin, end = (0.0 if latest.past else left_at) + late, max([*xs[-1:], *batches[-1:]], default=0.0)
    seen = batches >= begin
    series = {
        "training": Series(called["training"], xs, [epoch.train_loss_eval for epoch in epochs]),
        "validation": Series(called["validation"], xs, [epoch.validation_loss for epoch in epochs]),
        "dropout": Series(called["dropout"], xs, [epoch.train_loss for epoch in epochs]),
        "batch": Series(called["batch"], batches[seen], batch_losses[seen], faint=True),
    }
    return Lines.of(
        [
            line if name in shown else Series(line.name, [], [], faint=line.faint)
            for name, line in series.items()
        ],
        [rate_notes(spec, begin, end, left_at), *([fork_notes([fork])] if fork and left_at >= begin else [])],
    )
