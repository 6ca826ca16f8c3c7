"""A network that stands still, also one whose run trains on: it is looked at once, and again when asked."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.base.services import engine
from pages.parts.inside.network_choice import Network

LOOK = "latent_look"


def standing_still(network: Network) -> Network:
    """Raises `LabError`."""
    if network.training is None:
        return network
    run_id, step = st.session_state.get(LOOK, (None, 0))
    if run_id != network.training:
        step = engine().ask("still", run_id=network.training)
        st.session_state[LOOK] = (network.training, step)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            _("The run trains on: you see it after batch {step:,}.").format(step=step), width="content"
        )
        st.button(
            _("Look again"), icon=":material/refresh:", key="latent_again", on_click=_forget, type="tertiary"
        )
    return replace(network, asked={"run_id": network.training, "step": step})


def _forget() -> None:
    st.session_state.pop(LOOK, None)
