import streamlit as st

from pages.parts.language import _

st.title(_("Runs"))
