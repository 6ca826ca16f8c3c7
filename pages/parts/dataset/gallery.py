"""Garments by the page, filtered by part and class, one of them enlarged. A page is one image on the wire."""

from __future__ import annotations

import secrets

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.attempt import held
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.pins import pin_button
from pages.parts.dataset.garment_picker import pick_garment
from pages.parts.widgets import mosaics
from pages.parts.widgets.pinning.reading import in_lines
from pages.parts.widgets.pinning.shown import shown

PER_PAGE = 60
ENLARGED = 280
ALL = "all"
DEFAULT_VALIDATION = 1 / 6


def parts() -> dict[str, str]:
    return {
        "train": _("Training images"),
        "validation": _("Validation images"),
        "test": _("Test images"),
    }


def part_of(dataset: fashion_mnist.Dataset, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The images and labels that a part of the default split draws from, and its indices into them."""
    if part == "test":
        return dataset.test_images, dataset.test_labels, np.arange(len(dataset.test_labels))
    available = len(dataset.train_labels)
    validation = round(available * DEFAULT_VALIDATION)
    indices = fashion_mnist.split(dataset, available - validation, validation, seed=0)[part == "validation"]
    return dataset.train_images, dataset.train_labels, np.sort(indices)


def gallery() -> None:
    dataset = fashion_mnist.load()
    with st.container(horizontal=True, vertical_alignment="center"):
        part = st.selectbox(
            _("Part of the data"),
            list(parts()),
            format_func=parts().get,
            key="gallery_part",
            placeholder=_("Choose a part"),
            persist_state="session",
            label_visibility="collapsed",
            width=250,
        )
        kind = st.selectbox(
            _("Class"),
            [ALL, *range(len(fashion_mnist.CLASSES))],
            format_func=lambda k: _("All classes") if k == ALL else say(fashion_mnist.CLASS_NAMES[k]),
            key="gallery_class",
            placeholder=_("Choose a class"),
            persist_state="session",
            label_visibility="collapsed",
            width=200,
        )
        surprise = st.button(
            _("Any garment"),
            icon=":material/shuffle:",
            key="gallery_random",
            help=_("Picks a garment at random from those shown here, and goes to its page."),
        )
    images, labels, indices = part_of(dataset, part)
    if kind != ALL:
        indices = indices[labels[indices] == kind]
    pages = -(-len(indices) // PER_PAGE)
    page_key = f"gallery_page_{part}_{kind}"
    if surprise:
        place = secrets.randbelow(len(indices))
        st.session_state[page_key] = place // PER_PAGE + 1
        st.session_state["gallery_picked"] = (part, int(indices[place]))
    wall, beside = st.columns([604, 300], gap="large")
    with wall:
        page = min(st.session_state.get(page_key, 1), pages)
        here = indices[(page - 1) * PER_PAGE : page * PER_PAGE]
        picked = _wall(part, images[here], labels[here], here)
        st.pagination(pages, key=page_key, persist_state="session")
        pin_button(
            lambda: in_lines(images[here], _names(labels[here], here)),
            parts()[part] if kind == ALL else f"{parts()[part]}, {say(fashion_mnist.CLASS_NAMES[kind])}",
            "gallery_wall",
        )
        st.caption(
            _("{first:,} to {last:,} of {all:,} garments").format(
                first=(page - 1) * PER_PAGE + 1, last=(page - 1) * PER_PAGE + len(here), all=len(indices)
            )
        )
    with beside:
        _closer(images[picked], int(labels[picked]), picked, part)


def _wall(part: str, images: np.ndarray, labels: np.ndarray, shown: np.ndarray) -> int:
    """The garments of a page as buttons. Returns the index of the one to look at closer."""
    chosen_part, chosen = st.session_state.get("gallery_picked", (part, None))
    # What a browser sends may be anything.
    here = [int(i) for i in shown if chosen_part == part and i == chosen]
    chosen = here[0] if here else int(shown[0])
    pick_garment(
        images,
        _names(labels, shown),
        shown.tolist(),
        chosen,
        key="gallery_wall",
        on_pick=_pick,
    )
    return chosen


def _names(labels: np.ndarray, indices: np.ndarray) -> list[str]:
    return [
        f"{say(fashion_mnist.CLASS_NAMES[k])} {count(i)}"
        for k, i in zip(labels, indices.tolist(), strict=True)
    ]


def numbered(part: str, index: int, name: str) -> str:
    """Which garment it is, for a caption."""
    of = _("test images") if part == "test" else _("training images")
    return _("{name}, number {index:,} of the {source}").format(name=name, index=index, source=of)


def _pick() -> None:
    st.session_state["gallery_picked"] = (
        held("gallery_part"),
        held("gallery_wall").picked,
    )


def _closer(image: np.ndarray, label: int, index: int, part: str) -> None:
    name = say(fashion_mnist.CLASS_NAMES[label])
    closer = mosaics.gallery(image[None], alt=name, columns=1, tile=ENLARGED)
    shown(closer, numbered(part, index, name), "gallery_closer")
    st.markdown(f"**{name}**")
    st.caption(
        _(
            "Number {index:,} of the {source}. Mean brightness {mean:.0f} of 255; {black} of its "
            "pixels are black."
        ).format(
            index=index,
            source=_("test images") if part == "test" else _("training images"),
            mean=image.mean(),
            black=percent((image == 0).mean()),
        )
    )
