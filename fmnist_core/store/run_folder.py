"""A run as a folder of files: what `train --out` writes, and what the shipped models are made of.

spec.json, history.json (an object for each epoch), metrics.json (the test figures), film.npz (the ten
garments), model.safetensors, and until the run has ended checkpoint.safetensors; SHA256SUMS for all of them.
Each file is replaced whole, and the checkpoint last, so that a kill at any moment leaves a folder from which
the run goes on.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from fmnist_core.data import checksums
from fmnist_core.events import Epoch, Event, Finished, Snapshot
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec

CHECKPOINT, MODEL = "checkpoint.safetensors", "model.safetensors"


class FolderError(LabError):
    """A folder that cannot take a run, or from which none can go on."""


class DamagedError(FolderError):
    """Files of a run that are missing or cannot be read."""


@dataclass
class RunFolder:
    """A folder and what has been reported of its run so far."""

    path: Path
    history: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)

    def add(self, event: Event) -> None:
        match event:
            case Epoch():
                self.history.append(epoch_fields(event))
            case Snapshot():
                self.snapshots.append(event)

    def save(self, spec: RunSpec, checkpoint: bytes) -> None:
        """Raises `FolderError` if there is no room; what was saved before is still there then."""
        self._write({**self._reports(spec), CHECKPOINT: checkpoint})

    def keep(self, name: str, content: bytes) -> None:
        """One more file beside the run's own. Raises `FolderError` if there is no room."""
        self._write({name: content})

    def finish(self, spec: RunSpec, finished: Finished, weights: bytes) -> None:
        """Raises `FolderError` if there is no room."""
        files = {"metrics.json": json_bytes(fields(finished)), MODEL: weights}
        self._write({**self._reports(spec), **files}, remove=(CHECKPOINT,))

    def _write(self, files: Mapping[str, bytes], remove: tuple[str, ...] = ()) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            checksums.write(self.path, files, remove)
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def _reports(self, spec: RunSpec) -> dict[str, bytes]:
        reports = {"spec.json": spec.to_json().encode(), "history.json": json_bytes(self.history)}
        if self.snapshots:
            film = io.BytesIO()
            np.savez_compressed(
                film,
                steps=np.array([snapshot.step for snapshot in self.snapshots]),
                epochs=np.array([snapshot.epoch for snapshot in self.snapshots]),
                outputs=np.stack([snapshot.outputs for snapshot in self.snapshots]),
            )
            reports["film.npz"] = film.getvalue()
        return reports


def new(path: Path) -> RunFolder:
    """Raises `FolderError` if a run lies there already: nobody's training is overwritten."""
    if os.path.exists(path / "spec.json"):
        raise FolderError(
            Sentence(
                "The folder {folder} holds a run already. Go on with it by --resume, or name another.",
                folder=str(path),
            )
        )
    return RunFolder(path)


def replace(path: Path, content: bytes) -> None:
    """A file of a folder that is not a run's. Raises `FolderError` if there is no room."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        checksums.replace(path, content)
    except OSError as error:
        raise _cannot_write(path.parent, error) from None


def read(path: Path, name: str) -> bytes:
    """A file as it was written there. Raises `DamagedError`, or `OSError` if it cannot be read."""
    content = (path / name).read_bytes()
    if not checksums.is_sound(path, name, content):
        raise DamagedError(
            Sentence(
                "The file {file} in {folder} is damaged: it is not what was written there. Remove that "
                "folder to begin the run anew.",
                file=name,
                folder=str(path),
            )
        )
    return content


def checkpoint(path: Path) -> bytes:
    """The state from which the run goes on. Raises `FolderError`."""
    try:
        return read(path, CHECKPOINT)
    except OSError:
        raise FolderError(
            Sentence(
                "The folder {folder} holds no checkpoint: the run there has ended, or there is none.",
                folder=str(path),
            )
        ) from None


def reopen(path: Path, step: int) -> RunFolder:
    """The folder of a run that goes on from `step`; what was reported beyond will be reported again."""
    try:
        history = [epoch for epoch in json.loads(read(path, "history.json")) if epoch["step"] <= step]
        snapshots = [snapshot for snapshot in _read_film(path) if snapshot.step <= step]
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile):
        raise DamagedError(
            Sentence(
                "The files in {folder} cannot be read, so the run cannot go on. Remove that folder to begin "
                "the run anew.",
                folder=str(path),
            )
        ) from None
    return RunFolder(path, history, snapshots)


def epoch_fields(epoch: Epoch) -> dict[str, Any]:
    """The epoch's fields without the confusion matrix, as JSON has them."""
    return {name: value for name, value in fields(epoch).items() if name != "confusion"}


def fields(event: Event) -> dict[str, Any]:
    """An event's fields as JSON has them: lists for arrays, null for not-a-number."""
    return {name: as_json(value) for name, value in asdict(event).items()}


def as_json(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, np.ndarray | np.generic):
        return as_json(value.tolist())
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Sentence) else value


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False).encode()


def _read_film(path: Path) -> list[Snapshot]:
    if not (path / "film.npz").exists():
        return []
    with np.load(io.BytesIO(read(path, "film.npz"))) as film:
        columns = zip(film["steps"], film["epochs"], film["outputs"], strict=True)
        return [Snapshot(int(step), float(epoch), outputs, b"") for step, epoch, outputs in columns]


def _cannot_write(path: Path, error: OSError) -> FolderError:
    return FolderError(
        Sentence(
            "The run cannot be written to {folder} ({reason}). Make room there, or name another folder.",
            folder=str(path),
            reason=error.strerror,
        )
    )
