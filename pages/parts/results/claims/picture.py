"""The pictures that decide a claim, drawn large: every seed is seen, and what cannot be drawn is said."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.replication.claims import Claim, picture
from fmnist_core.replication.claims.claim import Confusion, Curves, Points
from fmnist_core.replication.claims.quantities import TEST_LOSS
from fmnist_core.replication.evidence.records import Records
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.spec import LABELS, RunSpec
from pages.parts.base.formatting import listed
from pages.parts.base.i18n import _, say
from pages.parts.dataset import pca
from pages.parts.run.confusions import hardest
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.seed_curves import SeedLine, seed_curves
from pages.parts.widgets.seed_points import SeedPoint, seed_points

ALL = -1  # no seed
LOGARITHMIC = ("hidden_sizes", "learning_rate", "batch_size")


def claim_pictures(claim: Claim, records: Records) -> None:
    """One after the other, two in a row where there is room; a sentence where nothing can be drawn yet."""
    if not any(records.get(id) for drawn in claim.pictures for id in drawn.experiments):
        with st.container(border=True):
            st.markdown(
                _("The picture that decides this will stand here, with every seed, as soon as runs end.")
            )
        return
    with st.grid(min(2, len(claim.pictures)), min_column_width=380, gap="large"):
        for k, drawn in enumerate(claim.pictures):
            with st.container():
                key = f"{claim.id}_{k}"
                match drawn:
                    case Points():
                        _points(claim, drawn, records, key)
                    case Curves():
                        _curves(claim, drawn, records, key)
                    case Confusion():
                        _matrices(claim, drawn, records, key)


def _points(claim: Claim, drawn: Points, records: Records, key: str) -> None:
    points = picture.points(claim, drawn, records)
    marks = [SeedPoint(say(p.name), p.seed, p.x, p.y) for p in points]
    field, quantity = picture.axis(claim, drawn), say(drawn.quantity.label)
    setting = say(LABELS[field]) if field else _("Setting")
    st.html(f'<p class="lab-title">{quantity}</p>')
    chart, reference = st.container(), {}
    specs = {say(p.name): EXPERIMENTS[p.experiment].spec for p in points}
    if drawn.quantity is TEST_LOSS and _wants_linear(key, list(specs.values())):
        reference = pca.of_images("test", specs)
    with chart:
        seed_points(
            marks,
            key=key,
            x=setting,
            y=quantity,
            alt=_("{quantity}: a mark for each setting and seed").format(quantity=quantity),
            unit=drawn.quantity.unit,
            log=field in LOGARITHMIC,
            borders=borders(claim, drawn),
            reference=reference,
        )
    diverged = [f"{p.name} ({p.seed})" for p in marks if not math.isfinite(p.y)]
    st.caption(_("A mark for each seed, joined to that seed’s others; the grey ticks are the means."))
    if reference:
        st.caption(_("Grey diamonds: what PCA with as many components leaves of the test images."))
    if diverged:
        message = _("Diverged, and so not drawn: {runs} (seed in brackets).")
        st.caption(message.format(runs=listed(diverged)))


def _wants_linear(key: str, specs: Sequence[RunSpec]) -> bool:
    """A toggle, where all are autoencoders."""
    encodes = bool(specs) and all(spec.task == "autoencoder" for spec in specs)
    return encodes and pca.wanted(f"{key}_pca", specs)


def borders(claim: Claim, drawn: Points) -> tuple[float, ...]:
    """The numbers, if any, that the claim holds this very quantity against."""
    own = [p for p in claim.parts if len(p.experiments) == 1 and p.quantity is drawn.quantity]
    ends = {end for part in own for end in (part.within.low, part.within.high)}
    return tuple(sorted(end for end in ends if math.isfinite(end)))


def _curves(claim: Claim, drawn: Curves, records: Records, key: str) -> None:
    lines = picture.lines(claim, drawn, records)
    series = [
        SeedLine(say(line.name), say(picture.COLUMNS[line.column]), line.seed, line.values) for line in lines
    ]
    columns = [say(picture.COLUMNS[column]) for column in drawn.columns]
    share = all("accuracy" in column for column in drawn.columns)
    title = " · ".join(columns)
    st.html(f'<p class="lab-title">{title}</p>')
    chart, levels = st.container(), []
    specs = [EXPERIMENTS[id].spec for id in dict.fromkeys(line.experiment for line in lines)]
    parts = [pca.PARTS[column] for column in drawn.columns if column in pca.PARTS]
    if parts and _wants_linear(key, specs):
        levels = pca.levels(specs, parts[-1])
    with chart:
        seed_curves(
            series,
            key=key,
            x=_("Epoch"),
            y=title if len(columns) == 1 else _("Accuracy") if share else _("Loss"),
            alt=_("{quantity} of every seed, epoch by epoch").format(quantity=title),
            unit="share" if share else "loss",
            height=290,
            levels=levels,
        )
    st.caption(_("A line for each seed."))


def _matrices(claim: Claim, drawn: Confusion, records: Records, key: str) -> None:
    """The seeds' matrices added up, or that of one seed, as chosen."""
    matrices = picture.matrices(claim, drawn, records)
    if not matrices:
        st.caption(_("Our matrix will stand here as soon as there is evidence."))
        return
    names = {ALL: _("All seeds"), **{m.seed: _("seed {n}").format(n=m.seed) for m in matrices}}
    title = _("Confusion matrix of the test images")
    st.html(f'<p class="lab-title">{title}</p>')
    chosen = st.segmented_control(
        _("Seed"),
        list(names),
        default=ALL,
        required=True,
        wrap=True,
        format_func=names.get,
        key=f"{key}_seed",
        label_visibility="collapsed",
    )
    counts = sum(m.counts for m in matrices if chosen in (ALL, m.seed))
    classes = [say(name) for name in CLASS_NAMES]
    alt = _("Confusion matrix: true classes in rows, predicted classes in columns")
    draw_confusion(counts, classes, key=key, alt=alt, height=360)
    st.caption(hardest(counts, classes))
