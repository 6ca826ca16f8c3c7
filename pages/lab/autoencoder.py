"""Lab: train an autoencoder and watch it learn to draw garments from a few numbers."""

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.lecture.wall import on_the_wall
from pages.parts.run.page import lab_page

if not on_the_wall("autoencoder"):
    st.title(_("Autoencoder"), anchor=False)
    st.markdown(
        _("It squeezes each garment into a few numbers and draws it again from those alone. What survives?")
    )
    lab_page("autoencoder")
