"""Chosen runs in pictures: the same ten garments through every network, and their confusion matrices.

Each run's pictures are of its latest kept moment, so they move while it trains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.sentences import share_text
from fmnist_core.store.runs import Run, Store
from pages.parts.base.formatting import listed
from pages.parts.base.i18n import _, say
from pages.parts.base.pins import pin_button
from pages.parts.compare.comparison import Line
from pages.parts.run.film import ten_garments
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.matrix_pair import draw_pair, minus, two_of
from pages.parts.widgets.mosaics import TILE, content, error_images, mosaic, png_uri
from pages.parts.widgets.pinning.shown import shown


@dataclass(frozen=True)
class Outputs:
    """What a run makes of the ten garments: images uint8 (10, 28, 28) or probabilities (10, 10)."""

    line: Line
    epoch: float
    outputs: np.ndarray


@dataclass(frozen=True)
class Confusion:
    """A run's latest confusion matrix of counts, (10, 10), and what images it counts."""

    line: Line
    counts: np.ndarray
    of: str


def draw_garments(runs: Sequence[Run], drawn: Sequence[Line], store: Store) -> None:
    """The ten garments, and under them a row a run: reconstructions, then the classifiers' answers."""
    made = [
        (run, outputs)
        for run, line in zip(runs, drawn, strict=True)
        if (outputs := _latest(run, line, store))
    ]
    originals, _labels, classes = ten_garments()
    names = [say(name) for name in classes]
    reconstructed = [outputs for run, outputs in made if run.spec.task == "autoencoder"]
    classified = [outputs for run, outputs in made if run.spec.task == "classifier"]
    if reconstructed:
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            st.subheader(_("The same ten garments"))
            errors = st.toggle(
                _("Show the errors"),
                key="compared_errors",
                help=_(
                    "Under each reconstruction, where it differs from the original: the brighter, the more."
                ),
            )
        st.html(_reconstructions(originals, names, reconstructed, errors))
        rows = [(_("Originals"), originals)]
        for run in reconstructed:
            rows.append((run.line.name, run.outputs))
            if errors:
                rows.append((_("The errors of {run}").format(run=run.line.name), _errors(originals, run)))
        captions = "; ".join(caption for caption, _images in rows)
        what = _("The same ten garments, from top to bottom: {rows}").format(rows=captions)
        pin_button(lambda: content(rows), what, "garments")
    if classified:
        st.subheader(_("What the classifiers see in the same ten garments"))
        html = _answers(originals, names, classified)
        shown(html, _("What the classifiers see in the same ten garments"), "answers")


def draw_confusions(runs: Sequence[Run], drawn: Sequence[Line], store: Store) -> None:
    """The classifiers' confusion matrices, and how two of them differ."""
    matrices = [
        matrix
        for run, line in zip(runs, drawn, strict=True)
        if run.spec.task == "classifier" and (matrix := _confusion(run, line, store))
    ]
    if not matrices:
        return
    names = [say(name) for name in CLASS_NAMES]
    st.subheader(_("Confusion matrices"))
    st.caption(_("Each row is a true class; numbers are percent of its images."))
    with st.grid(min(2, len(matrices)), min_column_width=360):
        for k, matrix in enumerate(matrices):
            with st.container():
                title = f"{matrix.line.mark()}{escape(matrix.line.name)} · {escape(matrix.of)}"
                st.html(f'<p class="lab-title">{title}</p>')
                draw_confusion(
                    matrix.counts,
                    names,
                    key=f"compared_confusion_{k}",
                    alt=_("Confusion matrix of {run}").format(run=matrix.line.name),
                    height=340,
                )
    if len(matrices) > 1:
        counts = {matrix.line.name: matrix.counts for matrix in matrices}
        first, second = two_of(counts, key="compared_difference")
        with st.grid(2, min_column_width=360):
            draw_pair(counts[first], counts[second], names, minus(first, second), key="compared_difference")


def _latest(run: Run, line: Line, store: Store) -> Outputs | None:
    snapshots = store.snapshots(run.id)
    if not snapshots:
        return None
    return Outputs(line, snapshots[-1].epoch, store.snapshot_outputs(run.id, snapshots[-1].step))


def _confusion(run: Run, line: Line, store: Store) -> Confusion | None:
    tested = store.run(run.id).test_confusion
    if tested is not None:
        return Confusion(line, tested, _("test images"))
    validated = store.confusion(run.id, run.epoch) if run.epoch else None
    if validated is None:
        return None
    return Confusion(line, validated, _("validation images, epoch {epoch}").format(epoch=run.epoch))


def _reconstructions(
    originals: np.ndarray, names: Sequence[str], shown: Sequence[Outputs], errors: bool
) -> str:
    rows = [_strip(_("Originals"), "", originals, _("The ten garments: {names}").format(names=listed(names)))]
    for run in shown:
        label = f"{run.line.mark()}{escape(run.line.name)}"
        alt = _("The ten garments reconstructed by {run}").format(run=run.line.name)
        rows.append(_strip(label, _epoch(run.epoch), run.outputs, alt))
        if errors:
            alt = _("The errors of {run}").format(run=run.line.name)
            rows.append(_strip("", _("error"), _errors(originals, run), alt))
    return _scrolled("".join(rows), "lab-strips", _("The same ten garments"))


def _errors(originals: np.ndarray, run: Outputs) -> np.ndarray:
    return error_images(originals, run.outputs)


def _strip(label: str, note: str, images: np.ndarray, alt: str) -> str:
    width = 10 * TILE + 9 * 4
    picture = f'<img src="{png_uri(mosaic(images, 10))}" alt="{escape(alt)}" width="{width}">'
    return f"<div><span>{label}<small>{escape(note)}</small></span></div>{picture}"


def _answers(originals: np.ndarray, names: Sequence[str], shown: Sequence[Outputs]) -> str:
    heads = "".join(
        f'<th scope="col"><img src="{png_uri(image)}" alt="" width="{TILE}">{escape(name)}</th>'
        for image, name in zip(originals, names, strict=True)
    )
    body = ""
    for run in shown:
        cells = ""
        for k, chances in enumerate(run.outputs):
            best = int(np.argmax(chances))
            sign, kind = ("✓", "right") if best == k else ("✗", "wrong")
            answer = f"{escape(names[best])}<small>{sign} {say(share_text(chances[best], 0))}</small>"
            cells += f'<td class="{kind}">{answer}</td>'
        label = f"{run.line.mark()}{escape(run.line.name)}<small>{escape(_epoch(run.epoch))}</small>"
        body += f'<tr><th scope="row">{label}</th>{cells}</tr>'
    table = (
        f'<table class="lab-answers"><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>'
    )
    return _scrolled(table, "", _("What the classifiers see in the same ten garments"))


def _epoch(epoch: float) -> str:
    return _("epoch {epoch:.3g}").format(epoch=epoch)


def _scrolled(inside: str, kind: str, label: str) -> str:
    cue = _("Slide sideways to see all ten.")
    return (
        f'<div class="lab-scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<div class="{kind}">{inside}</div></div><p class="lab-more">{escape(cue)}</p>'
    )
