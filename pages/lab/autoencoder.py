"""Lab: train an autoencoder and watch it learn to draw garments from a few numbers."""

import streamlit as st

from pages.parts.language import _
from pages.parts.workbench import workbench

st.title(_("Autoencoder"), anchor=False)
st.markdown(
    _("It squeezes each garment into a few numbers and draws it again from those alone. What survives?")
)
workbench("autoencoder")
