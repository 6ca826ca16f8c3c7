"""Results › My report: what was pinned and written, in order, to be shared and to be taken away."""

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.my_report.page import my_report

st.title(_("My report"), anchor=False)
my_report()
