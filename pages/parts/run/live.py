"""The live view of a run: while the run moves, it looks at the store once a second and draws it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

import streamlit as st

from fmnist_core.diagnosis.curves import Curves
from fmnist_core.diagnosis.finding import Finding
from fmnist_core.diagnosis.rules import diagnose, remarks
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.dataset import pca
from pages.parts.diagnosis.panel import Said, panel
from pages.parts.forms import lab_frame
from pages.parts.forms.lab_frame import Start
from pages.parts.frame.announcement import announce
from pages.parts.frame.frame import guard
from pages.parts.run import looks, status
from pages.parts.run.confusions import confusions
from pages.parts.run.film import film, ten_garments
from pages.parts.run.fork import fork_notes
from pages.parts.run.losses import losses
from pages.parts.run.watched import SECONDS_A_LOOK, Watched, seen, watched
from pages.parts.widgets import mosaics
from pages.parts.widgets.curves import Lines, Series, curves
from pages.parts.widgets.legends import all_off, curve_legend

HEIGHT = 250


def live(run: Run, draw: Callable[[Watched], None]) -> None:
    """The run in view. Once its status changes, the whole page runs again: other buttons then make sense."""
    seen(run)
    announce(status.spoken(run))
    looks.forget_tab()
    st.fragment(_look, run_every=SECONDS_A_LOOK.get(run.status))(run.id, run.status, draw)


def _look(run_id: str, status: str, draw: Callable[[Watched], None]) -> None:
    with guard():
        looks.forget_tab()  # until it is drawn anew, whatever happens meanwhile
        latest = watched(run_id)
        if latest.run.status != status:
            st.rerun()
        draw(latest)
        looks.shows(latest)


def nothing_yet(
    task: str, train: Callable[[], None], ready: bool, last: Run | None, show: Callable[[str], None]
) -> None:
    """What a run will show, the click that begins one, and the one that brings the last run back."""
    if task == "autoencoder":
        promise = _(
            "The loss falls as the network learns, and these ten garments, which it never trains on, "
            "come back ever sharper from its hidden layer."
        )
    else:
        promise = _(
            "The loss falls as the network learns, the confusion matrix fills, and these ten "
            "garments, which it never trains on, are taken ever more surely for what they are."
        )
    go_on = None
    if last is not None:
        label = _("Go on with “{name}”").format(name=as_typed(last.name))
        go_on = Start("go_on", label, ":material/history:", partial(show, last.id), enabled=True)
    originals, _labels, names = ten_garments()
    lab_frame.nothing_yet(
        _("Your run appears here"),
        promise,
        Start("train_here", _("Train with these settings"), ":material/play_circle:", train, ready),
        picture=mosaics.captioned(originals, [say(name) for name in names], alt=_("Test garment")),
        go_on=go_on,
    )


def draw_run(latest: Watched, fill: Callable[[RunSpec], None]) -> None:
    """`fill` fills the form with the settings of an experiment on the run."""
    run, epochs = latest.run, latest.epochs
    engine_status = latest.engine_status
    with st.container(key="run_in_view", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_now"):
            status.badge(run, engine_status.is_stopping)
            st.markdown(status.in_words(run, engine_status))
        obstacle = st.empty()
        if engine_status.obstacle is not None:
            obstacle.warning(as_typed(say(engine_status.obstacle)), icon=":material/hourglass_empty:")
        replaying = engine_status.replaying
        st.progress(replaying.share if replaying else min(1.0, run.step / run.spec.total_steps))
        notice = st.empty()  # there or not, it must not move the charts, which would be embedded anew
        if run.notice is not None:
            notice.warning(as_typed(say(run.notice)), icon=":material/warning:")
        status.metrics(run, epochs, latest.speed)
        if run.spec.task == "autoencoder":
            beside_linear(latest)
            _diagnosis(latest, fill)
        else:
            left, right = st.columns([0.55, 0.45], gap="small")
            with left:
                losses(latest, HEIGHT)
            with right:
                accuracies(latest)
            _diagnosis(latest, fill)
            confusions(latest)
        film(latest)


def _diagnosis(latest: Watched, fill: Callable[[RunSpec], None]) -> None:
    findings = latest.once("diagnosis", lambda: _findings(latest))
    panel([latest.run], [Said(latest.run, finding) for finding in findings], fill)


def _findings(latest: Watched) -> list[Finding]:
    steps, losses = latest.batches
    curves = Curves(latest.run.spec, latest.epochs, steps, losses, latest.run.end_reason)
    return diagnose(curves) or remarks(curves)


def beside_linear(latest: Watched) -> None:
    """The losses and, if the learner wants, the error of as many principal components, with a sentence."""
    run, epochs = latest.run, latest.epochs
    chart, n = st.container(), pca.components(run.spec)
    part = "validation" if run.spec.validation_size else "train"
    known = None
    levels = []
    if pca.wanted(f"pca_{run.id}", [run.spec]):
        moving = run.status in OPEN
        (known,) = pca.errors([run.spec], moving) or (None,)
        levels = pca.levels([run.spec], part, moving) if known else []
    with chart:
        losses(latest, HEIGHT + 50, levels)
    if known and run.test_loss is not None:
        st.markdown(pca.sentence(run.test_loss, known["test"][n], "test", ended=True))
    elif known and epochs:
        mine = epochs[-1].validation_loss if part == "validation" else epochs[-1].train_loss_eval
        st.markdown(pca.sentence(mine, known[part][n], part, ended=False))


def accuracies(latest: Watched) -> None:
    """Of training and validation images, at the end of each epoch; `losses` keeps what is switched here."""
    with st.container(key="accuracy_switches", horizontal=True, vertical_alignment="center", gap="small"):
        names = {"training": _("training"), "validation": _("validation")}
        shown = curve_legend(names, key="accuracies_shown")
    curves(
        latest.in_words(("accuracies", shown), lambda: _accuracies(latest, shown)),
        key=f"accuracies_{latest.run.id}",
        x=_("Epoch"),
        y=_("Accuracy"),
        alt=_("Accuracy over the epochs, for training and validation images"),
        y_format=".1~%",
        height=HEIGHT,
        own_legend=True,
        moving=True,
    )
    if not shown:
        st.caption(all_off())


def _accuracies(latest: Watched, shown: Collection[str]) -> Lines:
    epochs, fork = latest.along_the_axis, latest.fork
    xs = [place for place, _epoch in epochs]
    accuracies = {
        "training": Series(_("training"), xs, [epoch.train_accuracy for _place, epoch in epochs]),
        "validation": Series(_("validation"), xs, [epoch.validation_accuracy for _place, epoch in epochs]),
    }
    return Lines.of(
        [line if name in shown else Series(line.name, [], []) for name, line in accuracies.items()],
        [fork_notes([fork])] if fork else (),
    )
