"""Lab: train a classifier and watch it learn to tell ten kinds of garment apart."""

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.lecture.wall import on_the_wall
from pages.parts.run.page import lab_page

if not on_the_wall("classifier"):
    st.title(_("Classifier"), anchor=False)
    st.markdown(_("It looks at a garment and says which of ten kinds it is. Which kinds does it confuse?"))
    lab_page("classifier")
