"""Garments as buttons, many in one image on the wire: a click or the keys pick one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.widgets import mosaics

COLUMNS = 10

_HERE = Path(__file__)
_picker = st.components.v2.component(
    "garment_picker",
    html='<div class="garments" role="group"></div>',
    css=_HERE.with_name("garment_picker.css").read_text("utf-8"),
    js=_HERE.with_name("garment_picker.js").read_text("utf-8"),
)


def pick_garment(
    images: np.ndarray,
    names: Sequence[str],
    indices: Sequence[int],
    picked: int,
    *,
    key: str,
    on_pick: Callable[[], Any],
) -> None:
    """Images, uint8 (n, 28, 28), of which that of the index `picked` is marked.

    When another is picked, its index stands in `st.session_state[key].picked`, and `on_pick` is called: what
    a browser sends may be anything.
    """
    _picker(
        data={  # tuples: to ask whether a list is a table Streamlit imports pandas
            "sprite": mosaics.png_uri(mosaics.mosaic(images, COLUMNS, gap=0)),
            "names": tuple(names),
            "indices": tuple(indices),
            "picked": picked,
            "columns": COLUMNS,
            "tile": mosaics.TILE,
            "label": _("Garments"),
        },
        key=key,
        on_picked_change=on_pick,
    )
