"""Which step is looked at: of which network, on how many garments, with which drawing of dropout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist_core.sentences import LabError, Sentence
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import choose, linked_choice, underway
from pages.parts.inside.answers import answer
from pages.parts.inside.network_choice import Network

COUNTS, USUAL_COUNT = (1, 2, 4, 8), "4"
BATCH, DRAW = "batch", "draw"
MOST_DRAWS = 999


@dataclass(frozen=True)
class Step:
    """`network` stands still; `count` garments go through it together, in the mask number `draw`."""

    network: Network
    count: int
    draw: int

    def answer(self, query: str, **arguments: str | int | float) -> dict[str, np.ndarray]:
        """What a worker says of this step, or of one of another `count`. Raises `LabError`."""
        answered = answer(query, self.network, **{"count": self.count, "draw": self.draw, **arguments})
        if not all(np.isfinite(values).all() for values in answered.values()):
            raise LabError(
                Sentence("The numbers in this network have grown beyond all bounds: there is nothing to see.")
            )
        return answered


def choose_step(network: Network) -> Step:
    options = {str(n): ngettext("{n} garment", "{n} garments", n).format(n=n) for n in COUNTS}
    count = linked_choice(_("Garments in the batch"), options, key=BATCH, control="list", default=USUAL_COUNT)
    return Step(network, int(count), _drawing())


def draw_again(draw: int) -> None:
    """For callbacks: another mask from the next run of the page on."""
    st.session_state[DRAW] = str(draw % MOST_DRAWS + 1)
    choose(DRAW, ())


def _drawing() -> int:
    """The number of the mask, which the address may name."""
    asked = None if underway(DRAW) else st.query_params.get(DRAW)
    number = asked or st.session_state.get(DRAW, "1")
    if number not in map(str, range(1, MOST_DRAWS + 1)):
        st.warning(
            _("This link asks for dropout’s drawing “{asked}”: they are numbered from 1 to {most:,}.").format(
                asked=as_typed(number[:40]), most=MOST_DRAWS
            )
        )
        number = "1"
    st.session_state[DRAW] = st.query_params[DRAW] = number
    return int(number)
