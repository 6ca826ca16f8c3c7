"""The page on which a learner tries networks on a garment of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from fmnist_core.data.photo import Photo
from fmnist_core.sentences import LabError
from pages.parts.base.attempt import say_error
from pages.parts.base.i18n import _
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.frame.frame import guard
from pages.parts.inside import own_garment
from pages.parts.try_it import networks
from pages.parts.try_it.disturbing import disturbing
from pages.parts.try_it.is_it_a_garment import is_it_a_garment
from pages.parts.try_it.robustness import robustness
from pages.parts.try_it.sources import source
from pages.parts.try_it.steps import steps

STYLES = Path(__file__).with_name("try_it.css")
FROM = "from"


def try_it_page() -> None:
    st.html(STYLES)
    st.title(_("Try it"), anchor=False)
    st.markdown(
        _(
            "Draw a garment, or send or take a photo of one, and see what becomes of it on its way into a "
            "network, and what networks make of it. Of your picture nothing is kept."
        ),
        width=720,
    )
    sources = {
        "draw": _("Draw"),
        "file": _("Send a photo"),
        "camera": _("Take a photo"),
        "garment": _("A test garment"),
    }
    name = linked_choice(_("Where the picture comes from"), sources, key=FROM)
    brought = source(name)
    image = _image(brought)
    own_garment.hold(None)  # until it is known what becomes of this one
    chosen = networks.choose()
    if image is None:
        st.info(
            _(
                "Once there is a picture, its steps to 28 × 28 pixels stand here, and below them what each "
                "network makes of it."
            ),
            icon=":material/checkroom:",
        )
        return
    if not chosen:
        st.info(_("Choose at least one network."), icon=":material/layers:")
        return
    st.fragment(_tried)(chosen, image, isinstance(brought, Photo))
    st.fragment(robustness)(chosen)


def _image(brought: Photo | np.ndarray | None) -> np.ndarray | None:
    """uint8 (28, 28), the steps to it drawn."""
    if not isinstance(brought, Photo):
        return brought
    st.header(_("From the picture to 28 × 28 pixels"))
    return steps(brought)


def _tried(chosen: dict[str, str], image: np.ndarray, is_own: bool) -> None:
    """A fragment, so that its sliders draw nothing else anew."""
    with guard():
        st.header(_("What the networks make of it"))
        shown = disturbing(image)
        is_own = is_own or not np.array_equal(shown, image)  # as no test garment is
        own_garment.hold(shown if is_own else None)
        answers = networks.side_by_side(chosen, shown, is_own)
        try:
            is_it_a_garment(answers, chosen)
        except LabError as error:
            say_error(error, "tryit")
