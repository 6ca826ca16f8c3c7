"""Dropout: which units rest at a step, and that nothing comes back through them."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import ReLUDropout
from fmnist_core.architecture.networks import learning_layers, made_by, network_layers
from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _, ngettext
from pages.parts.base.spec_words import numbered_layers
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.inside.place import nth
from pages.parts.training_step.numbers import words
from pages.parts.training_step.source import source
from pages.parts.training_step.step import Step, draw_again
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown
from pages.parts.widgets.pinning.small_table import small_table

ACTIVATION = "dropout"
MAP, GRID = 56, 320
RESTS, KEPT, OFF = (150, 156, 166), (0, 114, 178), (214, 228, 240)
SHOWN = 8


def dropout(step: Step) -> None:
    layers = _with_dropout(step)
    if not layers:
        st.info(
            _("This network has no dropout: no unit ever rests. Choose one that was trained with dropout."),
            icon=":material/info:",
        )
        return
    st.markdown(
        _(
            "At every step dropout lets each unit rest with probability p: its value becomes 0. So no unit "
            "can rely on another. What is kept is multiplied by 1 / (1 − p), so that sums stay as large on "
            "average."
        ),
        width=720,
    )
    names = {name: _after(step, name) for name in layers}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = linked_choice(_("Layer"), names, key=ACTIVATION, control="pills")
        st.button(
            _("Draw again"),
            icon=":material/casino:",
            key="step_draw",
            on_click=draw_again,
            args=(step.draw,),
        )
    found = step.answer("dropout_mask", layer=name)
    p, scale = layers[name].p, float(found["scale"])
    kept = found["kept"].astype(bool)
    if kept.ndim == 1:
        left, right = st.columns([2, 3], gap="large")
        with left:
            _grid(found, kept)
        with right:
            _table(found, kept, scale)
    else:
        _maps(found, kept)
    _resting(found, kept, p, scale)
    layer = learning_layers(step.network.spec)[-1].name
    left, right = st.columns(2, gap="medium")
    with left:
        source(step, layer, "relu", _("ReLU and dropout, as the lab runs them"))
    with right:
        source(step, layer, "dropout", _("What draws the units that rest"))


def _with_dropout(step: Step) -> dict[str, ReLUDropout]:
    return {
        placed.name: placed.layer
        for placed in network_layers(step.network.spec)
        if isinstance(placed.layer, ReLUDropout) and placed.layer.p > 0
    }


def _after(step: Step, name: str) -> str:
    """Which layer with weights an activation follows."""
    spec = step.network.spec
    return _("behind {layer}").format(layer=numbered_layers(spec)[made_by(network_layers(spec), name).name])


def _grid(found: dict[str, np.ndarray], kept: np.ndarray) -> None:
    """A cell a unit, in reading order."""
    side = _columns(len(kept))
    cells = np.full((ceil(len(kept) / side) * side, 3), 255, np.uint8)
    cells[: len(kept)] = _coloured(found["inputs"], kept)
    what = _("Which units rest")
    units = cells.reshape(-1, side, 3)
    shown(pictures.grid([units], [_("first garment")], alt=what, tile=GRID), what, "step_resting")
    _legend()


def _columns(cells: int) -> int:
    """As square as can be without a gap; with one, where that would be a strip."""
    root = ceil(sqrt(cells))
    return next((side for side in range(root, 2 * root + 1) if cells % side == 0), root)


def _maps(found: dict[str, np.ndarray], kept: np.ndarray) -> None:
    coloured = _coloured(found["inputs"], kept)
    what, numbers = _("Which values of a map rest"), [str(k + 1) for k in range(len(coloured))]
    shown(pictures.grid(list(coloured), numbers, alt=what, tile=MAP), what, "step_resting")
    _legend()


def _coloured(inputs: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """(…, 3) uint8: at rest, kept and off by itself, kept and on."""
    on = (inputs > 0)[..., None]
    awake = np.where(on, np.array(KEPT), np.array(OFF))
    return np.where(kept[..., None], awake, np.array(RESTS)).astype(np.uint8)


def _legend() -> None:
    st.caption(
        _(
            "Grey rests at this step. Dark blue is kept and reacts to the garment; pale blue is kept, but "
            "ReLU makes it 0."
        )
    )


def _table(found: dict[str, np.ndarray], kept: np.ndarray, scale: float) -> None:
    """Some units, from a chosen one on: what goes in, what comes out, what comes back."""
    n = len(kept)
    first = min(nth(_("From unit"), n, "step_from_unit"), max(0, n - SHOWN))
    rows = []
    for unit in range(first, min(n, first + SHOWN)):
        value = float(found["inputs"][unit])
        out = max(value, 0.0) * scale if kept[unit] else 0.0
        back = words(float(found["errors"][unit]), 3) if "errors" in found else "–"
        state = _("kept") if kept[unit] else _("rests")
        rows.append((str(unit + 1), words(value, 3), state, words(out, 3), back))
    heads = (_("Unit"), _("Its sum"), _("Dropout"), _("Value"), _("Error that comes back"))
    small_table(_("Unit by unit"), heads, rows, "step_units")


def _resting(found: dict[str, np.ndarray], kept: np.ndarray, p: float, scale: float) -> None:
    rests = int((~kept).sum())
    lines = [
        ngettext(
            "{rests} of {n} value rests, {share}; p is {p}.",
            "{rests} of {n} values rest, {share}; p is {p}.",
            kept.size,
        ).format(rests=count(rests), n=count(kept.size), share=percent(rests / kept.size), p=percent(p)),
        _("What is kept is multiplied by 1 / (1 − {p}) = {scale}.").format(p=words(p), scale=words(scale)),
    ]
    if "errors" in found:
        largest = float(np.abs(found["errors"][~kept]).max(initial=0.0))
        lines.append(
            _(
                "The largest error that comes back through a value at rest: {largest}. So this garment adds "
                "nothing to the gradients of the weights into it."
            ).format(largest=words(largest, 3))
        )
    else:
        lines.append(_("The layer ahead of it is frozen, so nothing has to come back."))
    st.markdown("\n".join(f"- {line}" for line in lines))
