"""A shipped, trained model to look at: ten garments at every moment of its training, its curves, its matrix.

All of it lies in files beside the weights, so it opens at once; a worker is asked for PCA alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.exports.exported_run import of_shipped_model
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.replication.recipes.naming import name as setting_words
from pages.parts.base import pins
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.routes import LAB_PAGES, LAYERS, MISTAKES
from pages.parts.base.typed_text import as_typed
from pages.parts.base.word_slider import word_slider
from pages.parts.dataset import pca
from pages.parts.exports.export_menu import export_menu
from pages.parts.forms.encoders import in_words
from pages.parts.frame.frame import guard
from pages.parts.results.shipped_models import Trained, shipped_specs, trained
from pages.parts.run.confusions import hardest
from pages.parts.run.film import ten_garments
from pages.parts.run.status import summary
from pages.parts.widgets import mosaics
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.curves import Lines, Series, curves
from pages.parts.widgets.pinning.shown import shown


def trained_dialog(name: str, on_close: Callable[[], None]) -> None:
    """The model of a recipe in front of the page, or why there is none to show."""
    st.dialog(title(name), width="large", on_dismiss=on_close)(_shown)(name)


def title(name: str) -> str:
    """What the model of an experiment is called: its report, the study it first stands in, its setting."""
    for report in REPORTS.values():
        for study in report.studies:
            if name in study.experiments:
                return (
                    f"{report.id} · {say(study.title)}: {say(setting_words(EXPERIMENTS[name], study.varied))}"
                )
    spec = shipped_specs().get(name)
    return in_words(name, spec) if spec is not None else as_typed(name[:40])


def _shown(name: str) -> None:
    with guard():  # a damaged model is named
        _described(name)


def _described(name: str) -> None:
    model = trained(name)
    if model is None:
        missing = _("This copy of the lab ships no trained model named “{name}”.")
        st.info(missing.format(name=as_typed(name[:40])), icon=":material/info:")
        return
    st.caption(summary(model.spec))
    with pins.while_about(pins.of_names(name)):
        trained_view(model, name, key=f"trained_{name}")
    with st.container(horizontal=True):
        st.page_link(LAYERS, label=_("Look inside"), icon=":material/layers:", query_params={"network": name})
        if model.spec.task == "classifier":
            st.page_link(
                MISTAKES, label=_("Mistakes"), icon=":material/rule:", query_params={"network": name}
            )
        export_menu(lambda: [of_shipped_model(name)], name, key="model_export", type="tertiary")
        if model.spec.task == "autoencoder":
            st.page_link(
                LAB_PAGES["classifier"],
                label=_("Build a classifier on its encoder"),
                icon=":material/category:",
                query_params={"cl_architecture": "encoder_classifier", "cl_encoder": f"model:{name}"},
            )


def trained_view(model: Trained, name: str, *, key: str) -> None:
    """The test figures, the garments, the curves; of a classifier also the test images' matrix."""
    metrics = model.metrics
    figures = [_("Test error {loss}").format(loss=number(metrics["test_loss"]))]
    if metrics.get("test_accuracy") is not None:
        figures.append(_("test accuracy {accuracy}").format(accuracy=percent(metrics["test_accuracy"])))
    figures.append(ngettext("{n} epoch", "{n} epochs", len(model.history)).format(n=len(model.history)))
    st.markdown(" · ".join(figures))
    st.fragment(garments)(model, name, key=f"{key}_film")
    matrix = metrics.get("test_confusion")
    left, right = st.columns(2, gap="medium") if matrix else (st.container(), None)
    with left:
        if model.spec.task == "autoencoder":
            beside_linear(model, key=key)
        else:
            history_curves(model, key=key)
    if matrix:
        counts, names = np.array(matrix), [say(name) for name in CLASS_NAMES]
        with right:
            draw_confusion(
                counts,
                names,
                key=f"{key}_confusion",
                alt=_("Confusion matrix: true classes in rows, predicted classes in columns"),
                height=340,
            )
            st.caption(hardest(counts, names))


def garments(model: Trained, name: str, *, key: str) -> None:
    """The scrubber and the garments; best drawn as a fragment, so that scrubbing redraws nothing else."""
    steps = [int(step) for step in model.steps]
    names = {
        step: _("before training")
        if step == 0
        else ngettext("after {n:,} batch", "after {n:,} batches", step).format(n=step)
        for step in steps
    }
    step = word_slider(
        _("Moment of the training"),
        steps,
        names.__getitem__,
        key=key,
        value=steps[-1],
        help=_("Drag to the left to see what the network made of the same garments before it had learned."),
    )
    originals, labels, classes = ten_garments()
    classes, outputs = [say(name) for name in classes], model.outputs[steps.index(step)]
    if model.spec.task == "autoencoder":
        what = _("Original, reconstruction and error")
        html = mosaics.triptychs(originals, outputs, classes, alt=what)
    else:
        what = _("Ten test garments and the likeliest classes")
        html = mosaics.guesses(originals, outputs, labels, classes, alt=_("Test garment"))
    with pins.while_about(pins.of_names(name)):
        shown(html, f"{what}: {names[step]}", key)


def beside_linear(model: Trained, *, key: str) -> None:
    """The curves and, if the learner wants, what as many principal components leave of the test images."""
    chart, left = st.container(), {}
    if pca.wanted(f"{key}_pca", [model.spec]):
        left = pca.of_images("test", {key: model.spec})
    words = pca.called(pca.components(model.spec))
    with chart:
        history_curves(model, key=key, levels=[(error, words) for error in left.values()])
    for error in left.values():
        st.markdown(pca.sentence(model.metrics["test_loss"], error, "test", ended=True))


def history_curves(model: Trained, *, key: str, levels: Sequence[tuple[float, str]] = ()) -> None:
    """Losses epoch by epoch; of a classifier the accuracies too."""
    epochs = [row["epoch"] for row in model.history]
    titles = {
        "train_loss_eval": _("training"),
        "validation_loss": _("validation"),
        "test_loss": _("test"),
        "train_accuracy": _("training"),
        "validation_accuracy": _("validation"),
    }
    recorded = [n for n in titles if any(row.get(n) is not None for row in model.history)]
    for kind, y, alt, y_format in (
        ("loss", _("Loss"), _("Losses of the trained model, epoch by epoch"), ".4~f"),
        ("accuracy", _("Accuracy"), _("Accuracies of the trained model, epoch by epoch"), ".1~%"),
    ):
        chosen = [name for name in recorded if kind in name]
        if chosen:
            curves(
                Lines.of([Series(titles[n], epochs, [row.get(n) for row in model.history]) for n in chosen]),
                key=f"{key}_{kind}",
                x=_("Epoch"),
                y=y,
                alt=alt,
                y_format=y_format,
                height=230 if model.spec.task == "classifier" else 260,
                markers=len(epochs) <= 60,
                levels=levels,
            )
