"""The work folder of `verify`: a run folder for each trial, from which it goes on after any interruption.

Final weights stay, so that classifiers find their encoders and models can be shipped. Beside them stays the
last state of a run that another experiment continues. One process at a time works here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.messages import TrialResult, TrialStart
from fmnist_core.replication.evidence.plan import Trial
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.store import run_folder
from fmnist_core.store.run_folder import DamagedError, RunFolder

WEIGHTS, LAST_STATE, LOCK = run_folder.MODEL, "last.safetensors", "lock"


@dataclass(frozen=True)
class WorkFolder:
    path: Path
    experiments: Mapping[str, Experiment]

    def folder(self, trial: Trial) -> Path:
        return self.path / trial.experiment / str(trial.seed)

    def spec(self, trial: Trial) -> RunSpec:
        return self.experiments[trial.experiment].spec.changed(seed=trial.seed)

    def is_continued(self, trial: Trial) -> bool:
        return any(trial.experiment == other.continues for other in self.experiments.values())

    def ready(self, trial: Trial) -> bool:
        """Whether what others need of the trial has been kept."""
        file = LAST_STATE if self.is_continued(trial) else WEIGHTS
        return self._is_current(trial) and (self.folder(trial) / file).exists()

    def broken_off(self, trial: Trial) -> bool:
        """Whether the trial has begun here and has not come to its last file."""
        return self._is_current(trial) and not (self.folder(trial) / WEIGHTS).exists()

    def progress(self, trial: Trial) -> float:
        """The share of the run's epochs that an interruption has left done, in [0, 1]."""
        path, spec = self.folder(trial), self.spec(trial)
        if not self._is_current(trial) or not (path / run_folder.CHECKPOINT).exists():
            return 0.0
        with suppress(OSError, ValueError):
            return min(1.0, len(json.loads((path / "history.json").read_bytes())) / spec.epochs)
        return 0.0

    def start(self, trial: Trial) -> TrialStart:
        """Where the trial goes on, or begins. Raises `LabError` if that cannot be read."""
        spec, path = self.spec(trial), self.folder(trial)
        if path.exists() and not self._is_current(trial):  # other settings, made before the recipe changed
            shutil.rmtree(path)
        if (path / run_folder.CHECKPOINT).exists():
            return TrialStart(spec.to_json(), checkpoint=run_folder.checkpoint(path))
        experiment = self.experiments[trial.experiment]
        if experiment.continues is not None:
            before = self.folder(Trial(experiment.continues, trial.seed))
            state = self._read(before, LAST_STATE)
            for name in ("history.json", "film.npz"):
                RunFolder(path).keep(name, self._read(before, name))
            return TrialStart(spec.to_json(), checkpoint=state)
        shutil.rmtree(path, ignore_errors=True)
        return TrialStart(spec.to_json(), encoder=self.encoder(trial))

    def encoder(self, trial: Trial) -> bytes | None:
        """The weights that the trial's encoder starts from, if those are another trial's."""
        other = self.experiments[trial.experiment].encoder
        return self._read(self.folder(Trial(other, trial.seed)), WEIGHTS) if other else None

    def open(self, trial: Trial, step: int) -> RunFolder:
        """The folder of a trial that goes on from `step`. Raises `FolderError` if there is no room."""
        path = self.folder(trial)
        files = run_folder.reopen(path, step) if step else RunFolder(path)
        files.keep("spec.json", self.spec(trial).to_json().encode())
        return files

    def add(self, files: RunFolder, result: TrialResult) -> None:
        for frame in result.frames:
            files.add(frame)
        for number, epoch in enumerate(result.epochs):
            files.add(epoch)
            if result.test_losses:
                files.history[-1]["test_loss"] = run_folder.as_json(result.test_losses[number])

    def finish(self, trial: Trial, files: RunFolder, result: TrialResult) -> None:
        """Keeps what the run ended with. Raises `FolderError` if there is no room."""
        assert result.finished is not None, "the run has not ended"
        assert result.weights is not None, "a run that has ended has weights"
        if result.state is not None:
            files.keep(LAST_STATE, result.state)
        files.finish(self.spec(trial), result.finished, result.weights)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Raises `LabError` if another process works here; held until the block, or this process, ends."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / LOCK).open("w")
        except OSError as error:
            raise LabError(
                Sentence(
                    "The work folder {folder} cannot be written ({reason}). Name another one with --work.",
                    folder=str(self.path),
                    reason=error.strerror,
                )
            ) from None
        with lock:
            if not _locked(lock.fileno()):
                raise LabError(
                    Sentence(
                        "Another verification is at work in {folder}. Wait for it, stop it, or name another "
                        "folder with --work.",
                        folder=str(self.path),
                    )
                )
            yield

    def _is_current(self, trial: Trial) -> bool:
        """Whether what lies in the trial's folder was made with the settings that its recipe has now."""
        try:
            return (self.folder(trial) / "spec.json").read_text() == self.spec(trial).to_json()
        except OSError:
            return False

    def _read(self, folder: Path, name: str) -> bytes:
        try:
            return run_folder.read(folder, name)
        except OSError as error:
            raise DamagedError(
                Sentence("{file} cannot be read ({reason}).", file=str(folder / name), reason=error.strerror)
            ) from None


def _locked(descriptor: int) -> bool:
    """Takes the lock of an open file, if it is free. Where there are no such locks, it always is."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
