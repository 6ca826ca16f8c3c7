"""FMNIST Lab: the frame around every page. Start it with `streamlit run app.py`."""

import streamlit as st

from pages.parts import frame
from pages.parts.language import _
from pages.parts.learner import remember_learner

st.set_page_config(
    page_title="FMNIST Lab",
    layout="wide",
    menu_items={"About": _("FMNIST Lab: learn what neural networks do, by training them live.")},
)
st.html(frame.STYLES)
frame.language_switch()
page = st.navigation(frame.pages())
remember_learner()
with frame.guard():
    page.run()
