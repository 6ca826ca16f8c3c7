"""Lab: train one setting at several values, several times each, and see which differences are no luck."""

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.sweep.page import sweep

st.title(_("Sweep"), anchor=False)
st.markdown(
    _(
        "One setting, several values, several seeds each. Which differences come from the setting, and "
        "which from luck?"
    )
)
sweep()
