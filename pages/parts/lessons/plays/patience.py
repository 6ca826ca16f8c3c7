"""How long to wait for a better validation loss: when early stopping ends a run, and with what."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.lessons.plays import OfRun
from pages.parts.base.formatting import count, number, percent
from pages.parts.base.i18n import _, ngettext
from pages.parts.lessons.plays.trained import Trained, ended_run
from pages.parts.run.watched import watched
from pages.parts.widgets.curves import Lines, Series, curves
from pages.parts.widgets.notes import Notes

MOST = 20
KEY = "lesson_patience"


def patience(settings: OfRun, trained: Trained) -> None:
    run = ended_run(settings, trained)
    if run is None:
        return
    epochs = [epoch for epoch in watched(run.id).epochs if epoch.validation_loss is not None]
    if len(epochs) < 3:
        st.info(_("This run has too few validation losses to stop early by."), icon=":material/info:")
        return
    longest = min(MOST, len(epochs) - 1)
    st.session_state[KEY] = min(st.session_state.get(KEY, 3), longest)
    wait = st.slider(_("Epochs to wait for a better validation loss"), 1, longest, key=KEY, width=420)
    losses = [float(epoch.validation_loss or 0.0) for epoch in epochs]
    ended, best = early_stop(losses, wait)
    place = {"ended": count(epochs[ended].epoch), "best": count(epochs[best].epoch)}
    words = _("Training would have ended after epoch **{ended}**, and kept the network of epoch **{best}**.")
    if ended == len(epochs) - 1 and ended - best < wait:
        words = _("Training would have gone on to its end, epoch **{ended}**. The best was epoch **{best}**.")
    st.markdown(words.format(**place))
    with st.container(horizontal=True, gap="large"):
        st.metric(_("Validation loss kept"), number(losses[best]), width="content")
        st.metric(_("Validation loss at the end"), number(losses[-1]), width="content")
        accuracy = epochs[best].validation_accuracy
        if accuracy is not None:
            st.metric(_("Validation accuracy kept"), percent(accuracy), width="content")
            st.metric(
                _("Validation accuracy at the end"), percent(epochs[-1].validation_accuracy), width="content"
            )
        saved = len(epochs) - 1 - ended
        st.metric(
            _("Saved"), ngettext("{n} epoch", "{n} epochs", saved).format(n=count(saved)), width="content"
        )
    x = [float(epoch.epoch) for epoch in epochs]
    lines = (
        Series(_("Validation loss"), x, losses),
        Series(_("Training loss"), x, [epoch.train_loss_eval for epoch in epochs]),
    )
    notes = [_note(x[best], _("kept")), _note(x[ended], _("ended"))]
    curves(
        Lines.of(lines, notes),
        key="lesson_patience_curves",
        x=_("Epoch"),
        y=_("Loss"),
        alt=_("Training and validation loss, and where early stopping would have ended"),
    )


def _note(place: float, words: str) -> Notes:
    return Notes((place,), lambda _first, _last: words)


def early_stop(losses: Sequence[float], wait: int) -> tuple[int, int]:
    """Where training ends, and where its lowest loss so far is, both counted from 0.

    It ends once so many epochs in a row brought no lower loss, as in the lab's own training.
    """
    best = 0
    for place, loss in enumerate(losses):
        if loss < losses[best]:
            best = place
        if place - best >= wait:
            return place, best
    return len(losses) - 1, best
