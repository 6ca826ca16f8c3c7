"""The numbers that pass an autoencoder's waist, each with a slider: what it draws from others."""

from __future__ import annotations

import streamlit as st

from fmnist_core.lessons.plays import OfAutoencoder
from pages.parts.base.i18n import _, lesson_text
from pages.parts.base.typed_text import as_typed
from pages.parts.latent_space.latent_numbers import sliders
from pages.parts.latent_space.space import space_of
from pages.parts.lessons.plays.garment import choose_class
from pages.parts.lessons.plays.trained import Trained, ended_run, name_of, network_of


def numbers(settings: OfAutoencoder, trained: Trained) -> None:
    run = ended_run(settings, trained)
    if run is None:
        return
    st.markdown(
        _(
            "The network “{name}” makes these numbers of the garment and draws it from them alone. Move one: "
            "what does it stand for?"
        ).format(name=as_typed(lesson_text(name_of(settings, trained))))
    )
    network, garment = network_of(run), choose_class("lesson_numbers_class")
    with st.spinner(_("A worker looks at 2,000 garments …")):
        space = space_of(network)
    sliders(network, space, garment)
