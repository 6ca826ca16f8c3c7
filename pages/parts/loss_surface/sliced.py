"""What workers answer about a slice of the loss surface, which they compute while the page asks again.

Nobody who leaves the page keeps a worker at it: each answer takes less than a second, and is asked for anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.engine.engine import QueryRefused
from fmnist_core.messages import PATH
from pages.parts.base.services import engine
from pages.parts.inside.network_choice import Network

SLICES = "loss_surface_slices"
KEPT = 6  # whole ones, of 5 kB each
SECONDS = 30.0  # the first answer about a path, on a worker that trains


@dataclass(frozen=True)
class Slice:
    """Which slice: its `directions`, by a `seed` if random, the loss on a `part`, the path's moments."""

    network: Network
    directions: str
    seed: int
    part: str
    moments: tuple[int, ...]

    @property
    def asked(self) -> dict[str, Any]:
        """As a worker is asked for it."""
        mine = {name: getattr(self, name) for name in ("directions", "seed", "part", "moments")}
        return {**self.network.asked, **mine}

    @property
    def is_of_path(self) -> bool:
        return self.directions == PATH

    @property
    def is_settled(self) -> bool:
        """Whether this session has all of it, or knows that there is none."""
        return tuple(self.asked.items()) in st.session_state.get(SLICES, {})

    def answer(self) -> Mapping[str, np.ndarray]:
        """What is known so far (see the query `loss_surface`). Raises `LabError`."""
        whole = st.session_state.setdefault(SLICES, {})
        key = tuple(self.asked.items())
        if key not in whole:
            try:
                answered: Mapping[str, np.ndarray] = engine().ask(
                    "loss_surface", timeout=SECONDS, **self.asked
                )
            except QueryRefused as refused:
                whole[key] = refused
                raise
            if not answered["known"].all():
                return answered
            whole[key] = answered
            while len(whole) > KEPT:
                del whole[next(iter(whole))]
        kept: Mapping[str, np.ndarray] | QueryRefused = whole[key]
        if isinstance(kept, QueryRefused):
            raise kept
        return kept

    def outputs(self, a: float, b: float, image: int) -> np.ndarray:
        """What the network at a place of the slice makes of a test image. Raises `LabError`."""
        answered = engine().ask("surface_outputs", timeout=SECONDS, a=a, b=b, image=image, **self.asked)
        output: np.ndarray = answered["output"]
        return output


def filled(losses: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The losses (21, 21); where one is not known yet, that in the middle of its block, or NaN."""
    blocks = np.where(known, losses, np.nan)[1::3, 1::3]
    return np.where(known, losses, np.kron(blocks, np.ones((3, 3))))
