"""A run as a folder of files: what `train --out` writes, and what the shipped models are made of.

spec.json, history.json (an object for each epoch), metrics.json (the test figures), film.npz (the ten
garments), model.safetensors, and until the run has ended checkpoint.safetensors. Each file is replaced whole,
and the checkpoint last, so that a kill at any moment leaves a folder from which the run goes on.
"""

from __future__ import annotations

import io
import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from fmnist_core.events import Epoch, Event, Finished, Snapshot
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec

CHECKPOINT = "checkpoint.safetensors"


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
        try:
            self._save_reports(spec)
            _replace(self.path / CHECKPOINT, checkpoint)
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def keep(self, name: str, content: bytes) -> None:
        """One more file beside the run's own. Raises `FolderError` if there is no room."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _replace(self.path / name, content)
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def finish(self, spec: RunSpec, finished: Finished, weights: bytes) -> None:
        """Raises `FolderError` if there is no room."""
        try:
            self._save_reports(spec)
            _replace(self.path / "metrics.json", _json(fields(finished)))
            _replace(self.path / "model.safetensors", weights)
            (self.path / CHECKPOINT).unlink(missing_ok=True)
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def _save_reports(self, spec: RunSpec) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        _replace(self.path / "spec.json", spec.to_json().encode())
        _replace(self.path / "history.json", _json(self.history))
        if self.snapshots:
            film = io.BytesIO()
            np.savez_compressed(
                film,
                steps=np.array([snapshot.step for snapshot in self.snapshots]),
                epochs=np.array([snapshot.epoch for snapshot in self.snapshots]),
                outputs=np.stack([snapshot.outputs for snapshot in self.snapshots]),
            )
            _replace(self.path / "film.npz", film.getvalue())


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


def checkpoint(path: Path) -> bytes:
    """The state from which the run goes on. Raises `FolderError`."""
    try:
        return (path / CHECKPOINT).read_bytes()
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
        history = [
            epoch for epoch in json.loads((path / "history.json").read_bytes()) if epoch["step"] <= step
        ]
        snapshots = [snapshot for snapshot in _read_film(path / "film.npz") if snapshot.step <= step]
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


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False).encode()


def _read_film(path: Path) -> list[Snapshot]:
    if not path.exists():
        return []
    with np.load(io.BytesIO(path.read_bytes())) as film:
        columns = zip(film["steps"], film["epochs"], film["outputs"], strict=True)
        return [Snapshot(int(step), float(epoch), outputs, b"") for step, epoch, outputs in columns]


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)


def _cannot_write(path: Path, error: OSError) -> FolderError:
    return FolderError(
        Sentence(
            "The run cannot be written to {folder} ({reason}). Make room there, or name another folder.",
            folder=str(path),
            reason=error.strerror,
        )
    )
