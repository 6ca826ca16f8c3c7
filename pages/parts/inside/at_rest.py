"""A run that trains is seen as it was at one step, until the learner looks again."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.base.services import engine
from pages.parts.inside.network_choice import Network


def at_rest(network: Network) -> Network:
    """The network that it is after one batch; of a run that trains, with a way to look again.

    Raises `EngineError`.
    """
    if network.training is None:
        return network
    key = f"inside_rests_{network.training}"
    with st.container(horizontal=True, vertical_alignment="center"):
        again = st.button(_("Look again"), icon=":material/refresh:", key="inside_look_again")
        if again or key not in st.session_state:
            st.session_state[key] = engine().ask("still", run_id=network.training)
        step = st.session_state[key]
        st.caption(_("The run trains: you see it after batch {step:,}.").format(step=step))
    return replace(network, asked={"run_id": network.training, "step": step}, training=None)
