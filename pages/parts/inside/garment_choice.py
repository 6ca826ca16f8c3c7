"""Which garment is looked at: a test image, or the learner's own picture. It stands in the address."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _, say
from pages.parts.base.routes import TRY_IT
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import set_out, underway
from pages.parts.inside.own_garment import OWN, held_image
from pages.parts.run.film import ten_garments
from pages.parts.widgets import mosaics

GARMENT = "garment"  # in the address: the number of a test image, or "own"
THUMBNAIL = 40  # px, as high as the controls beside it


@dataclass(frozen=True)
class Garment:
    """A test image; of the learner's own, `index` and `label` are −1."""

    index: int
    image: np.ndarray
    label: int

    @property
    def is_own(self) -> bool:
        return self.index < 0

    @property
    def asked(self) -> int | bytes:
        """What workers are asked about."""
        return self.image.tobytes() if self.is_own else self.index


def choose_garment(network: str | None = None, shows_own: bool = False) -> Garment:
    """One of the ten of the film, or another of its class; with a `network`, also the way to try one's own.

    With `shows_own` the page can show it, and it is one of what can be chosen.
    """
    names = {str(label): say(name) for label, name in enumerate(fashion_mnist.CLASS_NAMES)}
    mine = held_image() if shows_own else None
    if mine is not None:
        names[OWN] = _("Your own picture")
    garment = Garment(-1, mine, -1) if mine is not None and _own_asked() else _test_garment(shows_own)
    word = OWN if garment.is_own else str(garment.label)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with mosaics.private(garment.is_own):
            st.html(
                mosaics.gallery(garment.image[None], alt=names[word], columns=1, tile=THUMBNAIL),
                width="content",
            )
        st.session_state["inside_class"] = word
        st.selectbox(
            _("Garment"),
            list(names),
            format_func=names.get,
            key="inside_class",
            placeholder=_("Choose a class"),
            on_change=_of_class,
            width=165,
        )
        st.button(
            _("Another"),
            icon=":material/casino:",
            key="inside_another",
            help=_("Another test garment of this class."),
            on_click=_another,
            args=(garment.index, garment.label),
            disabled=garment.is_own,
        )
        if network is not None:
            st.page_link(
                TRY_IT,
                label=_("Your own"),
                icon=":material/draw:",
                query_params={"networks": network},
                help=_("Draw a garment, or send a photo of one."),
            )
    st.query_params[GARMENT] = OWN if garment.is_own else str(garment.index)
    st.session_state["inside_garment"] = OWN if garment.is_own else garment.index
    return garment


def _test_garment(shows_own: bool) -> Garment:
    if shows_own and _own_asked():
        st.info(
            _(
                "A picture of your own is nowhere but in the tab in which you brought it, and here is none. "
                "Bring it under “Try it”; until then you see a test garment."
            ),
            icon=":material/draw:",
        )
    dataset = fashion_mnist.load()
    asked = garment_asked()
    kept = _garment_kept() if asked is None else asked
    index = int(fashion_mnist.snapshot_indices(dataset)[9]) if kept is None else kept
    return Garment(index, np.asarray(dataset.test_images[index]), int(dataset.test_labels[index]))


def _own_asked() -> bool:
    asked = None if underway(GARMENT) else st.query_params.get(GARMENT)
    return (asked or st.session_state.get("inside_garment")) == OWN


def garment_asked() -> int | None:
    """The test image that was just chosen or the address names; a sentence where there is none such.

    `None` also for the learner's own.
    """
    if underway(GARMENT) and (chosen := _garment_kept()) is not None:
        return chosen
    asked = st.query_params.get(GARMENT, "")
    count = len(fashion_mnist.load().test_labels)
    if len(asked) < 9 and asked.isascii() and asked.isdigit() and int(asked) < count:
        return int(asked)
    if asked and asked != OWN:
        st.warning(
            _("There is no test garment “{asked}”: they are numbered from 0 to {last:,}.").format(
                asked=as_typed(asked[:40]), last=count - 1
            )
        )
    return None


def _garment_kept() -> int | None:
    """The test image that was shown last in this session, if the data in use have as many."""
    kept = st.session_state.get("inside_garment", -1)
    return kept if kept != OWN and 0 <= kept < len(fashion_mnist.load().test_labels) else None


def _of_class() -> None:
    word = held("inside_class")
    if word == OWN:
        _choose(OWN)
        return
    label = int(word)
    _originals, labels, _names = ten_garments()
    place = int(np.flatnonzero(labels == label)[0])
    show_garment(int(fashion_mnist.snapshot_indices(fashion_mnist.load())[place]))


def _another(index: int, label: int) -> None:
    same = np.flatnonzero(fashion_mnist.load().test_labels == label)
    after = same[same > index]
    show_garment(int(after[0] if len(after) else same[0]))


def show_garment(index: int) -> None:
    """Another garment from the next run of the page on: for callbacks."""
    _choose(index)


def _choose(garment: int | str) -> None:
    st.session_state["inside_garment"] = garment
    st.query_params[GARMENT] = str(garment)
    set_out(GARMENT)
