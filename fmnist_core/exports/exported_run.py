"""A run to be taken away, from the store or from the models that the lab ships: what all formats need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from safetensors import numpy as safetensors

from fmnist_core.data import shipped_models
from fmnist_core.events import Epoch
from fmnist_core.exports.opening import Opening, opening_of
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import past
from fmnist_core.store.export import LATEST, model_weights, tensors_of
from fmnist_core.store.runs import Run, Store

WEIGHTS = "model.safetensors"
RESULTS = {"test_loss": Sentence("Test loss"), "test_accuracy": Sentence("Test accuracy")}


class ExportError(LabError):
    """A run that cannot be taken away as wished."""


@dataclass(frozen=True)
class ExportedRun:
    """`weights` are a safetensors file with those that were tested, float32.

    `start` is one with the weights that the run began with, where those do not follow from its seed: a
    trained encoder's ("encoder") or those of a moment of another run ("branch"), as `started_from` says.
    `ended` is why training ended, `best_epoch` the one whose weights were kept, `results` the figures on test
    images, `hardware` what it was trained on, where that is known; `opening` says of a run for a claim when
    those were opened.
    """

    id: str
    name: str
    spec: RunSpec
    epochs: tuple[Epoch, ...]
    ended: str | None
    best_epoch: int | None
    results: Mapping[str, float]
    weights: bytes
    hardware: tuple[str, ...] = ()
    started_from: str | None = None
    start: bytes | None = None
    opening: Opening | None = None

    @property
    def trained_epochs(self) -> int:
        """Whole epochs that it has been trained for; a run may have been stopped in the middle of one."""
        return self.epochs[-1].epoch if self.epochs else 0


def of_run(store: Store, run_id: str) -> ExportedRun:
    """Raises `ExportError` for a run without weights, `StoreError` for one that is not there or damaged."""
    run = store.run(run_id)
    checkpoint = store.checkpoint(run_id)
    if checkpoint is None:
        raise ExportError(
            Sentence("“{name}” has not been trained yet, so there is nothing to export.", name=run.name)
        )
    started_from, start = _start_of(store, run)
    return ExportedRun(
        id=run.id,
        name=run.name,
        spec=run.spec,
        epochs=tuple(store.epochs(run_id, confusion=False)),
        ended=run.end_reason,
        best_epoch=run.best_epoch,
        results=results_of(vars(run)),
        weights=_file(safetensors.load(model_weights(run.spec, checkpoint))),
        hardware=tuple(past.hardware(store, run_id)),
        started_from=started_from,
        start=start,
        opening=opening_of(store, run_id),
    )


def of_runs(store: Store, run_ids: Iterable[str]) -> list[ExportedRun]:
    """Those that have been trained. Raises `ExportError` if none has, else as `of_run` does."""
    trained = []
    for run_id in run_ids:
        with suppress(ExportError):  # it has not been trained
            trained.append(of_run(store, run_id))
    if not trained:
        raise ExportError(Sentence("None of these runs has been trained yet, so there is nothing to export."))
    return trained


def of_shipped_model(model: str) -> ExportedRun:
    """Raises `ModelDamaged`, or `ExportError` if there is no such model."""
    if model not in shipped_models.names(WEIGHTS):
        raise ExportError(Sentence("There is no trained model “{model}”.", model=model[:80]))
    spec = read_spec(shipped_models.read(model, "spec.json"))
    metrics = json.loads(shipped_models.read(model, "metrics.json"))
    known = {field.name for field in fields(Epoch)}
    rows = json.loads(shipped_models.read(model, "history.json"))
    epochs = [Epoch(**{"confusion": None} | {k: v for k, v in row.items() if k in known}) for row in rows]
    started_from, start = _encoder_of(spec)
    return ExportedRun(
        id=model,
        name=model,
        spec=spec,
        epochs=tuple(epochs),
        ended=metrics["reason"],
        best_epoch=metrics.get("best_epoch"),
        results=results_of(metrics),
        weights=_file(safetensors.load(shipped_models.read(model, WEIGHTS))),
        hardware=tuple(metrics.get("hardware", ())),
        started_from=started_from,
        start=start,
    )


def results_of(values: Mapping[str, Any]) -> dict[str, float]:
    """Those of `RESULTS` that there are."""
    return {name: float(value) for name in RESULTS if (value := values.get(name)) is not None}


def _file(tensors: Mapping[str, np.ndarray]) -> bytes:
    """A safetensors file of them as float32."""
    return safetensors.save(
        {name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in tensors.items()},
        {"format": "pt"},
    )


def _start_of(store: Store, run: Run) -> tuple[str | None, bytes | None]:
    """Where first weights come from that no seed gives, and what they are, if they are still kept."""
    if not run.spec.starts_from_a_run:
        return _encoder_of(run.spec)
    state = store.snapshot_state(run.id, 0)
    weights = {} if state is None else tensors_of(safetensors.load(state), LATEST)
    return "encoder" if run.spec.branch is None else "branch", _file(weights) if weights else None


def _encoder_of(spec: RunSpec) -> tuple[str | None, bytes | None]:
    """The same of a run that may begin with the encoder of a shipped model."""
    if spec.encoder is None or spec.encoder.id is None:
        return None, None
    if spec.encoder.origin != "model" or spec.encoder.id not in shipped_models.names(WEIGHTS):
        return "encoder", None
    weights = safetensors.load(shipped_models.read(spec.encoder.id, WEIGHTS))
    return "encoder", _file({name: w for name, w in weights.items() if name.startswith("encoder.")})
