"""Lab: train a classifier and watch it learn to tell ten kinds of garment apart."""

import streamlit as st

from pages.parts.language import _
from pages.parts.workbench import workbench

st.title(_("Classifier"), anchor=False)
st.markdown(_("It looks at a garment and says which of ten kinds it is. Which kinds does it confuse?"))
workbench("classifier")
