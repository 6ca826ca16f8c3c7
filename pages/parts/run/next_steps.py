"""Under a run that has ended: what it has shown, and what could be tried next, one click each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from pages.parts.base import lesson
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.routes import CLASSIFIER, TRANSFER
from pages.parts.dataset import pca
from pages.parts.run.film import ten_garments
from pages.parts.run.toolbar import settings, start
from pages.parts.run.watched import Watched, watched

ENDED = ("finished", "stopped")
FEW_NUMBERS, MANY_NUMBERS = 8, 64
FEW_LABELS = 1000


def next_steps(run: Run, show: Callable[[str], None], use_settings: Callable[[RunSpec], None]) -> None:
    """Two sentences and two or three buttons; nothing before the run has ended, with an epoch behind it.

    `show` brings a run into view, `use_settings` a spec into the form.
    """
    if run.status not in ENDED or not run.epoch:
        return
    latest = watched(run.id)
    with st.container(border=True, key="next_steps", gap="small"):
        st.markdown(" ".join(say(sentence) for sentence in latest.once("lesson", lambda: _shown(latest))))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_("And now?"), width="content")
            if run.spec.task == "autoencoder":
                _after_autoencoder(run, show)
            else:
                _after_classifier(run, show, use_settings)


def _shown(latest: Watched) -> Sequence[Sentence]:
    run, sentences = latest.run, []
    if len(latest.batches[1]):
        sentences.append(lesson.what_fell(latest.epochs, float(latest.batches[1][0])))
    originals, _labels, names = ten_garments()
    if run.spec.task == "autoencoder" and latest.snapshots:
        outputs = latest.outputs(latest.snapshots[-1].step)
        sentences.append(lesson.what_stayed_blurred(originals, outputs, names))
    elif run.test_confusion is not None:
        sentences.append(lesson.what_stayed_confused(run.test_confusion, names))
    return [sentence for sentence in sentences if sentence is not None]


def _after_autoencoder(run: Run, show: Callable[[str], None]) -> None:
    n = FEW_NUMBERS if run.spec.hidden_sizes[0] > FEW_NUMBERS else MANY_NUMBERS
    _train(_("Train it with {n} numbers").format(n=n), "next_size", run, show, hidden_sizes=(n,))
    asked_for = f"pca_{run.id}"
    if not st.session_state.get(asked_for):
        st.button(
            _("Can PCA do better?"),
            key="next_pca",
            icon=":material/horizontal_rule:",
            help=ngettext(
                "Draws the error of {n} principal component into the chart of losses.",
                "Draws the error of {n} principal components into the chart of losses.",
                pca.components(run.spec),
            ).format(n=pca.components(run.spec)),
            on_click=st.session_state.update,
            args=({asked_for: True},),
        )
    if st.button(_("Build a classifier on its encoder"), key="next_classifier", icon=":material/category:"):
        st.switch_page(
            CLASSIFIER,
            query_params={"cl_architecture": "encoder_classifier", "cl_encoder": f"run:{run.id}"},
        )


def _after_classifier(run: Run, show: Callable[[str], None], use_settings: Callable[[RunSpec], None]) -> None:
    if run.spec.train_size > FEW_LABELS:
        label = _("Train it on {n:,} images").format(n=FEW_LABELS)
        _train(label, "next_few", run, show, train_size=FEW_LABELS)
    if run.spec.architecture == "ff_classifier":
        sizes = ARCHITECTURES["conv_classifier"].default_hidden_sizes
        st.button(
            _("Set up a convolutional network"),
            key="next_conv",
            icon=":material/tune:",
            help=_("Fills the form with the same settings for a convolutional network; Train starts it."),
            on_click=use_settings,
            args=(settings(run.spec).changed(architecture="conv_classifier", hidden_sizes=sizes),),
        )
    if st.button(_("Does a trained encoder help?"), key="next_transfer", icon=":material/move_up:"):
        st.switch_page(TRANSFER)


def _train(label: str, key: str, run: Run, show: Callable[[str], None], **changes: object) -> None:
    st.button(
        label,
        key=key,
        icon=":material/play_circle:",
        on_click=start,
        args=(lambda: settings(run.spec).changed(**changes), show),
    )
