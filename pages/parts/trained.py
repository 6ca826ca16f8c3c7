"""The models that the lab ships trained, as pages show them: their curves and their film, read from files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.spec import RunSpec, read_spec

MODELS = Path(__file__).parents[2] / "models_pretrained"
FIRST = "conv_autoencoder"


@dataclass(frozen=True, eq=False)
class Trained:
    """`history` has one dict an epoch, as in `Epoch`; `outputs` is uint8 (k, 10, 28, 28), at `steps`."""

    spec: RunSpec
    history: list[dict[str, Any]]
    metrics: dict[str, Any]
    steps: np.ndarray
    epochs: np.ndarray
    outputs: np.ndarray


def first_trained() -> Trained | None:
    """What Home shows before anything has been trained, or `None` if this copy of the lab ships no models."""
    folder = MODELS / FIRST
    return _read(folder) if (folder / "film.npz").exists() else None


@st.cache_resource(show_spinner=False)
def _read(folder: Path) -> Trained:
    with np.load(folder / "film.npz") as film:
        steps, epochs, outputs = film["steps"], film["epochs"], film["outputs"]
    return Trained(
        spec=read_spec((folder / "spec.json").read_bytes()),
        history=json.loads((folder / "history.json").read_bytes()),
        metrics=json.loads((folder / "metrics.json").read_bytes()),
        steps=steps,
        epochs=epochs,
        outputs=outputs,
    )
