"""How images are dealt out to training, validation and test, to try for oneself."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import LABELS, LIMITS
from pages.parts.base.i18n import _, say
from pages.parts.base.pins import pin_button
from pages.parts.base.typed_text import as_typed
from pages.parts.dataset.gallery import parts
from pages.parts.forms.number_field import number_field, whole_within
from pages.parts.widgets import mosaics
from pages.parts.widgets.bars import stacked
from pages.parts.widgets.pinning.reading import in_lines

FIRST = 10


def split() -> None:
    dataset = fashion_mnist.load()
    available = len(dataset.train_labels)
    st.markdown(
        _(
            "The makers put **{test:,}** images aside for the test. The lab never trains on them. The "
            "other **{there:,}** are shuffled by a seed; training takes its images from one end, "
            "validation from the other, so no image is ever in both. The same seed deals the same way, and "
            "a larger training set contains the smaller one."
        ).format(test=len(dataset.test_labels), there=available),
        width=720,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fields = (
            _number("train_size", round(available * 5 / 6), 100, available),
            _number("validation_size", round(available / 6), 0, available),
            _number("seed", 0, *LIMITS["seed"]),
        )
    try:
        train_size, validation_size, seed = (whole_within(*field) for field in fields)
    except LabError as error:
        st.warning(as_typed(say(error)), icon=":material/edit_note:")
        return
    train, validation = fashion_mnist.split(dataset, train_size, validation_size, seed)
    counts = [
        np.bincount(dataset.train_labels[train], minlength=10),
        np.bincount(dataset.train_labels[validation], minlength=10),
        np.bincount(dataset.test_labels, minlength=10),
    ]
    table, first = st.columns(2, gap="large")
    with table:
        st.header(_("Images of each class"))
        stacked(
            [say(name) for name in fashion_mnist.CLASS_NAMES],
            dict(zip(parts().values(), counts, strict=True)),
            key="split_counts",
            x=_("Images"),
            y=_("Class"),
            alt=_("How many images of each class are in training, validation and test"),
        )
        st.caption(
            _(
                "Test is balanced by its makers. Chance makes training a little uneven: here from "
                "{least:,} to {most:,} images a class. In common between training and validation: {both}."
            ).format(least=counts[0].min(), most=counts[0].max(), both=len(np.intersect1d(train, validation)))
        )
    with first:
        st.header(_("First in training"))
        _first(dataset.train_images[train[:FIRST]], _("First training garments"), seed, "split_train")
        st.header(_("First in validation"))
        if validation_size:
            what = _("First validation garments")
            _first(dataset.train_images[validation[:FIRST]], what, seed, "split_validation")
        else:
            st.caption(_("None: without validation images there is no early stopping."))


def _first(images: np.ndarray, what: str, seed: int, key: str) -> None:
    dealt = _("dealt by seed {seed}").format(seed=seed)
    st.html(mosaics.gallery(images, alt=what, columns=5))
    pin_button(lambda: in_lines(images, [""] * len(images)), f"{what}, {dealt}", key)


def _number(name: str, usual: int, low: float, high: float) -> tuple[Sentence, str, int, int]:
    """The field of a setting: its label, what was typed, and the limits."""
    text = number_field(
        say(LABELS[name]), f"split_{name}", value=str(usual), width=180, persist_state="session"
    )
    return LABELS[name], text, int(low), int(high)
