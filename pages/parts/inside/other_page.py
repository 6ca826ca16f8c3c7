"""The way from one page of Inside to another, with the network and the garment."""

from __future__ import annotations

import streamlit as st

from pages.parts.inside.garment_choice import GARMENT, Garment
from pages.parts.inside.moments import STEP
from pages.parts.inside.network_choice import NETWORK, Network


def other_page(script: str, label: str, icon: str, network: Network, garment: Garment) -> None:
    """`icon` is the name of one of Material's."""
    address = {NETWORK: network.name}
    if not garment.is_own:
        address[GARMENT] = str(garment.index)
    if moment := st.query_params.get(STEP):
        address[STEP] = moment
    st.page_link(script, label=label, icon=f":material/{icon}:", query_params=address)
