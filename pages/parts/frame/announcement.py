"""What a screen reader says when something begins or ends: one polite live region for the whole lab.

Streamlit replaces what it draws, and a region that comes with its words is not read out. So this one stands
outside of all that, at the end of the page's body, and only its words change.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_REGION = st.components.v2.component(
    "announcement", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"), isolate_styles=False
)


def announce(text: str) -> None:
    """Read out this text, unless it is what was read out last. Draws nothing; once a run of the script."""
    with st.container(key="announcement"):
        _REGION(data={"text": text}, key="announced")
