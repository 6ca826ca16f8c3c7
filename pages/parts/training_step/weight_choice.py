"""Which weight is looked at: its layer, its unit or feature map, and which of the weights into that.

They stand in the address, units and weights counted from 1. At first it is one with a clear gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import streamlit as st

from fmnist_core.architecture.layers import Conv2d, ConvTranspose2d, Linear, Placed
from fmnist_core.architecture.networks import learning_layers
from pages.parts.base.i18n import _
from pages.parts.base.spec_words import numbered_layers
from pages.parts.forms.linked_choice import choose, linked_choice
from pages.parts.inside.network_choice import LAYER
from pages.parts.inside.place import STRENGTH, UNIT, WEIGHT, linked_nth
from pages.parts.training_step.step import Step


@dataclass(frozen=True)
class Weight:
    """The `weight`-th into the `unit`-th unit or map of a layer, both from 0 on."""

    placed: Placed
    unit: int
    weight: int

    @property
    def asked(self) -> dict[str, str | int]:
        """The arguments by which a worker finds it."""
        return {"layer": self.placed.name, "unit": self.unit, "weight": self.weight}


def choose_weight(step: Step) -> Weight:
    """Raises `LabError` where no worker answers."""
    spec = step.network.spec
    layers = {placed.name: placed for placed in learning_layers(spec)}
    names = {name: words for name, words in numbered_layers(spec).items() if name in layers}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = linked_choice(
            _("Layer"),
            names,
            key=LAYER,
            control="list",
            within=(UNIT, STRENGTH, WEIGHT),
            default=_usual(list(layers.values())),
        )
        placed = layers[chosen]
        clear = _clear(step, placed)
        label = _("Unit") if len(placed.behind) == 1 else _("Feature map")
        unit = linked_nth(label, placed.behind[0], UNIT, clear[0], within=(STRENGTH, WEIGHT))
        of_unit = _clear(step, placed, unit)
        weight = linked_nth(_("Weight into it"), prod(weight_shape(placed)), WEIGHT, of_unit[1])
        st.button(
            _("Largest gradient"),
            icon=":material/my_location:",
            key="step_clear",
            help=_("The weight of this layer with the largest gradient."),
            on_click=_choose,
            args=clear,
        )
    return Weight(placed, unit, weight)


def weight_shape(placed: Placed) -> tuple[int, ...]:
    """Of the weights into one unit or map."""
    match placed.layer:
        case Conv2d(kernel=kernel) | ConvTranspose2d(kernel=kernel):
            return (placed.before[0], kernel, kernel)
        case _:
            return placed.before


def _usual(layers: list[Placed]) -> str:
    """The last linear one ahead of the output: its chain is short, and has every kind of link."""
    *hidden, output = layers
    return next((placed.name for placed in hidden[::-1] if isinstance(placed.layer, Linear)), output.name)


def _clear(step: Step, placed: Placed, unit: int = -1) -> tuple[int, int]:
    found = step.answer("clear_weight", layer=placed.name, unit=unit)
    return int(found["unit"]), int(found["weight"])


def _choose(unit: int, weight: int) -> None:
    """The widgets are drawn after this, and the address has to say the same."""
    for key, place in ((UNIT, unit), (WEIGHT, weight)):
        st.session_state[key] = place + 1
        choose(key, ())
