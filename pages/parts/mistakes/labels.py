"""Test garments whose label may be wrong: not the network's mistake, perhaps, but the data's."""

from __future__ import annotations

import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.formatting import count
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.inside.garment_choice import garment_asked
from pages.parts.inside.network_choice import Network
from pages.parts.mistakes.answered import Answered
from pages.parts.mistakes.garment import garment_panel
from pages.parts.mistakes.label_doubts import label_doubts
from pages.parts.mistakes.wall import wall


def labels(network: Network, answered: Answered) -> None:
    doubts = label_doubts(answered.labels, answered.probabilities)
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    n = len(doubts.indices)
    st.markdown(
        ngettext(
            "**{n}** of the labels is doubtful to this network.",
            "**{n}** of the labels are doubtful to this network.",
            n,
        ).format(n=count(n))
    )
    st.caption(
        _(
            "Confident learning (Northcutt and others, 2021): the network is confident of another class, "
            "surer than it is on average of that class’s own garments. The label may be right all the "
            "same: look for yourself. The better the network, the fewer of these are its own mistakes."
        )
    )
    if n:
        buttons = [
            _("{name} {index:,}, more like: {other}").format(
                name=names[answered.labels[i]], index=i, other=names[k]
            )
            for i, k in zip(doubts.indices.tolist(), doubts.suggested.tolist(), strict=True)
        ]
        what = _("Garments whose labels are doubtful")
        chosen = wall(doubts.indices, buttons, garment_asked(), what, key="mistakes_labels")
        garment_panel(network, answered, chosen)
