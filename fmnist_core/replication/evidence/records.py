"""The evidence file: one JSON object a line for each experiment and seed, with all that verdicts are made of.

What is read is whole, valid and made with the recipes' settings of today, or it is refused in a sentence that
says which line is wrong. A line is added by replacing the file, so that no interruption can harm it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from fmnist_core.architecture.networks import CLASSES
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec

SHIPPED = Path(__file__).with_name("evidence.jsonl")
SCREENED = Path(__file__).with_name("screened.jsonl")  # of what hypotheses were trained
SCREENS = "verify --hypotheses"  # the command that makes it
REVISION = "revision"  # of the code, among the versions; records of before 27 November 2026 have none
DIGITS = 6  # significant ones, in the history


Reason = Literal["epochs", "early_stopping", "diverged"]


class EvidenceError(LabError):
    """An evidence file that cannot be relied on, or not be written."""


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


Numbers = Annotated[tuple[float | None, ...], BeforeValidator(_tuples)]
Counts = Annotated[tuple[tuple[int, ...], ...], BeforeValidator(_tuples)]


class Record(BaseModel):
    """One run of an experiment. `None` among numbers is one that was not finite.

    `history` has a column for each of `Epoch`'s losses and accuracies that the run measures, a value an
    epoch; without validation images it has `test_loss` instead of `validation_loss`. The test figures are
    those of the weights that the run ended with, the best ones after early stopping (`best_epoch`). `seconds`
    are of training. `hardware` says how many threads calculated, and in which precision; `versions` name the
    code's revision. `weights` is the SHA-256 of the final weights, `encoder` that of the encoder's at the
    start if it was trained before. `dropout_on` is the test loss, and the accuracy, of a network that goes on
    dropping units while it is tested; those of before 27 November 2026 say none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    experiment: str
    seed: Annotated[int, Field(ge=0)]
    spec: RunSpec
    epochs: Annotated[int, Field(ge=0)]
    reason: Reason
    best_epoch: int | None
    history: dict[str, Numbers]
    test_loss: float | None
    test_accuracy: float | None
    confusion: Counts | None
    seconds: float
    hardware: str
    versions: dict[str, str]
    weights: str
    encoder: str | None
    dropout_on: Annotated[tuple[float | None, float | None] | None, BeforeValidator(_tuples)] = None

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Record:
        if any(len(column) != self.epochs for column in self.history.values()):
            raise ValueError("a column of the history has another length")
        if self.reason == "diverged":
            return self
        if self.test_loss is None or (self.test_accuracy is None) != (self.spec.task == "autoencoder"):
            raise ValueError("a test figure is missing")
        if (self.confusion is None) != (self.test_accuracy is None):
            raise ValueError("accuracy and confusion matrix go together")
        if self.confusion is not None and self.test_accuracy is not None:
            counts = [count for row in self.confusion for count in row]
            correct = sum(row[k] for k, row in enumerate(self.confusion) if k < len(row))
            if len(counts) != CLASSES**2 or not math.isclose(correct / sum(counts), self.test_accuracy):
                raise ValueError("the confusion matrix does not give the accuracy")
        return self

    @property
    def precision(self) -> str | None:
        """What products were taken in; `None` of records that do not say it, which older code made."""
        *_device, last = self.hardware.split(", ")
        return None if last.endswith((" thread", " threads")) else last

    @property
    def trained_on(self) -> str:
        return f"{self.hardware}, torch {self.versions['torch']}"

    def to_line(self) -> bytes:
        return self.model_dump_json().encode() + b"\n"


Records = Mapping[str, Mapping[int, Record]]  # by experiment and seed


def read(path: Path, experiments: Mapping[str, Experiment], command: str = "verify") -> tuple[Record, ...]:
    """All records, none if there is no file; `command` makes them. Raises `EvidenceError`."""
    records = tuple(_parse(path, number, line) for number, line in enumerate(_lines(path), 1))
    seen: set[tuple[str, int]] = set()
    for record in records:
        if not is_current(record, experiments):
            raise EvidenceError(
                Sentence(
                    "The evidence for {experiment}, seed {seed}, was made with other settings than the "
                    "recipe has now. Set what is out of date aside with: python -m fmnist_core {command}",
                    experiment=record.experiment,
                    seed=record.seed,
                    command=f"{command} --renew --evidence {path}",
                )
            )
        if (record.experiment, record.seed) in seen:
            raise EvidenceError(
                Sentence(
                    "The evidence file {file} has two lines for {experiment}, seed {seed}. Remove one of "
                    "them.",
                    file=str(path),
                    experiment=record.experiment,
                    seed=record.seed,
                )
            )
        seen.add((record.experiment, record.seed))
    return records


def is_current(record: Record, experiments: Mapping[str, Experiment]) -> bool:
    """Whether the record's settings are still those of its recipe."""
    experiment = experiments.get(record.experiment)
    return experiment is not None and record.spec == experiment.spec.changed(seed=record.seed)


def append(path: Path, record: Record) -> None:
    """Raises `EvidenceError`; the file is then as it was before."""
    _write(path, [*_lines(path), record.to_line()])


def set_aside(path: Path, experiments: Mapping[str, Experiment]) -> int:
    """Moves what is out of date to a file of its own beside it, and says how many records that were."""
    current_lines: list[bytes] = []
    outdated: list[bytes] = []
    for number, line in enumerate(_lines(path), 1):
        current = is_current(_parse(path, number, line), experiments)
        (current_lines if current else outdated).append(line)
    if outdated:
        aside = path.with_suffix(".outdated.jsonl")
        _write(aside, [*_lines(aside), *outdated])
        _write(path, current_lines)
    return len(outdated)


def column(values: Iterable[float | None]) -> tuple[float | None, ...]:
    """A column of the history, rounded."""
    return tuple(
        None if value is None or not math.isfinite(value) else float(f"{value:.{DIGITS}g}")
        for value in values
    )


def _lines(path: Path) -> list[bytes]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise EvidenceError(
            Sentence(
                "The evidence file {file} cannot be read ({reason}).", file=str(path), reason=error.strerror
            )
        ) from None
    lines = content.splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):
        raise EvidenceError(
            Sentence(
                "The evidence file {file} is cut short: line {line} breaks off. Nothing was changed. Fetch "
                "the file again, or remove that line and run the verification again.",
                file=str(path),
                line=len(lines),
            )
        )
    return lines


def _parse(path: Path, number: int, line: bytes) -> Record:
    try:
        return Record.model_validate(json.loads(line))
    except (ValueError, RecursionError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "no JSON"
        raise EvidenceError(
            Sentence(
                "Line {line} of the evidence file {file} is not valid ({reason}). Nothing was changed. "
                "Fetch the file again, or remove that line and run the verification again.",
                file=str(path),
                line=number,
                reason=reason,
            )
        ) from None


def _write(path: Path, lines: Iterable[bytes]) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise EvidenceError(
            Sentence(
                "The evidence cannot be written to {file} ({reason}). Make room there, or name another file.",
                file=str(path),
                reason=error.strerror,
            )
        ) from None
