"""Lab: does an encoder that learned to draw garments help to tell them apart? Four starts race."""

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.transfer.page import race

st.title(_("Transfer"), anchor=False)
st.markdown(
    _(
        "An encoder has learned to draw garments without being told what they are. Does that help a "
        "classifier that has only a few labels? Four starts race."
    )
)
race()
