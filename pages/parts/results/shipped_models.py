"""The models that the lab ships trained, as pages show them: their curves and their film, read from files.

What is read raises `ModelDamaged` where a file is not as it was shipped.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.data import folders, shipped_models
from fmnist_core.spec import RunSpec, read_spec

FIRST = "conv_autoencoder"


@dataclass(frozen=True, eq=False)
class Trained:
    """`history` has one dict an epoch, as in `Epoch`, `outputs` one array a step, as in `Snapshot`."""

    spec: RunSpec
    history: list[dict[str, Any]]
    metrics: dict[str, Any]
    steps: np.ndarray
    epochs: np.ndarray
    outputs: np.ndarray


def first_trained() -> Trained | None:
    """What Home shows before anything has been trained, or `None` if this copy of the lab ships no models."""
    return trained(FIRST)


def trained(name: str) -> Trained | None:
    """A model by the name of its folder, or `None` if this copy of the lab does not ship it."""
    if name not in shipped_models.names():  # a name out of an address may be anything, and no path
        return None
    folder = folders.SHIPPED_MODELS / name
    complete = (folder / "film.npz").exists() and (folder / "metrics.json").exists()
    return _read(folder) if complete else None


def shipped_specs(task: str | None = None) -> dict[str, RunSpec]:
    """The models there are, of one task or of both, by name."""
    return {name: spec for name, spec in _specs(folders.SHIPPED_MODELS).items() if task in (None, spec.task)}


@st.cache_resource(show_spinner=False)
def _specs(models: Path) -> dict[str, RunSpec]:
    return shipped_models.specs()


@st.cache_resource(show_spinner=False)
def _read(folder: Path) -> Trained:
    def content(file: str) -> bytes:
        return shipped_models.read(folder.name, file)

    with np.load(io.BytesIO(content("film.npz"))) as film:
        steps, epochs, outputs = film["steps"], film["epochs"], film["outputs"]
    return Trained(
        spec=read_spec(content("spec.json")),
        history=json.loads(content("history.json")),
        metrics=json.loads(content("metrics.json")),
        steps=steps,
        epochs=epochs,
        outputs=outputs,
    )
