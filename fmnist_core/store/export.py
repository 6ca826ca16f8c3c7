"""A run to take away: a zip of spec.json, history.csv and model.safetensors. It needs no torch."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping

import numpy as np
from safetensors import numpy as safetensors

from fmnist_core.events import Epoch
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Store

BEST, LATEST = "best.", "model."  # of a saved state: the weights of its best epoch, and its last
UNITS = {"mse": "mse", "cross_entropy": "nats"}


def zip_run(store: Store, run_id: str) -> bytes:
    """The files that there are: a run that has not begun has no weights. Raises `StoreError`."""
    run = store.run(run_id)
    checkpoint = store.checkpoint(run_id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("spec.json", run.spec.to_json())
        files.writestr("history.csv", history_csv(run.spec, store.epochs(run_id, confusion=False)))
        if checkpoint is not None:
            files.writestr("model.safetensors", model_weights(run.spec, checkpoint))
    return packed.getvalue()


def history_csv(spec: RunSpec, epochs: Iterable[Epoch]) -> str:
    """A row an epoch. Losses are in squared brightness ("mse") or nats, accuracies fractions of one."""
    unit = UNITS[spec.loss]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(
        [
            "epoch",
            "batches",
            f"train_loss_{unit}",
            f"train_loss_without_dropout_{unit}",
            f"validation_loss_{unit}",
            "train_accuracy_fraction",
            "validation_accuracy_fraction",
            "learning_rate",
            "duration_seconds",
        ]
    )
    for epoch in epochs:
        rows.writerow(
            [
                epoch.epoch,
                epoch.step,
                epoch.train_loss,
                epoch.train_loss_eval,
                epoch.validation_loss,
                epoch.train_accuracy,
                epoch.validation_accuracy,
                epoch.learning_rate,
                epoch.seconds,
            ]
        )
    return text.getvalue()


def model_weights(spec: RunSpec, checkpoint: bytes) -> bytes:
    """The network's weights out of a saved training state: the best ones if early stopping has kept them.

    What comes out is what `fmnist_core.nets.training.weights` would make of the state.
    """
    tensors = safetensors.load(checkpoint)
    weights = tensors_of(tensors, BEST) or tensors_of(tensors, LATEST)
    return safetensors.save(weights, {"spec": spec.to_json()})


def tensors_of(state: Mapping[str, np.ndarray], part: str) -> dict[str, np.ndarray]:
    """Those of a saved training state that belong to a part of it, by their names within it."""
    return {name.removeprefix(part): tensor for name, tensor in state.items() if name.startswith(part)}
