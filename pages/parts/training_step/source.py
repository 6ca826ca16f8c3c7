"""The source of what the lab runs, beside what it says; it is that of the running code."""

from __future__ import annotations

import streamlit as st

from pages.parts.inside.answers import answer
from pages.parts.training_step.step import Step


def source(step: Step, layer: str, name: str, title: str, unfolded: bool = False) -> None:
    """Unfolds a text of `step_source`, if there is one of that name. Raises `LabError`."""
    texts = answer("step_source", step.network, layer=layer)
    if name in texts:
        with st.expander(title, icon=":material/code:", expanded=unfolded):
            st.code(str(texts[name]), language="python", wrap_lines=True)
