"""`lab.json`, which lies beside what leaves the lab: where each number comes from, so that it can be checked.

It names runs with spec, seed, figures, a hash of their weights and the hardware that trained them, the
software, and the SHA-256 of every file that it came with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import numpy as safetensors

from fmnist_core.data import checksums
from fmnist_core.exports.exported_run import ExportedRun, results_of
from fmnist_core.exports.opening import Opening
from fmnist_core.replication.evidence.records import Record
from fmnist_core.replication.evidence.revision import code_revision
from fmnist_core.sentences import LabError, Sentence

NAME, FORMAT = "lab.json", 1
# What a report of forty pins may rest on, each of a sweep's eighty runs, and four files of each run.
MOST_RUNS = 40 * 80
MOST_BYTES, MOST_FILES = 4_000 * MOST_RUNS, 4 * MOST_RUNS
PACKAGES = ("torch", "numpy")


def manifest(runs: Sequence[Mapping[str, object]], files: Mapping[str, bytes]) -> str:
    """The content of `lab.json` for the `files` that it goes with; of runs what `provenance` says."""
    content = {
        "format": FORMAT,
        "lab": code_revision(),
        "versions": {package: version(package) for package in PACKAGES},
        "runs": list(runs),
        "files": {name: checksums.digest(content) for name, content in sorted(files.items())},
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def fingerprint(weights: bytes) -> str:
    """`checksums.of_tensors` of a file of weights: the same that the evidence keeps of a run."""
    return checksums.of_tensors(safetensors.load(weights))


def provenance(run: ExportedRun) -> dict[str, object]:
    """Where a run's figures come from; of a run for a claim also when they were opened."""
    return {
        "id": run.id,
        "name": run.name,
        "spec": run.spec.model_dump(mode="json"),
        "seed": run.spec.seed,
        "epochs": run.trained_epochs,
        "ended": run.ended,
        "best_epoch": run.best_epoch,
        "figures": dict(run.results),
        "weights": fingerprint(run.weights),
        "hardware": list(run.hardware),
        **_claimed(run.opening),
    }


def _claimed(opening: Opening | None) -> dict[str, object]:
    if opening is None:
        return {}
    opened = None if opening.opened is None else opening.opened.isoformat()
    return {"claim": {"stated": opening.stated.isoformat(), "opened": opened, "opening": opening.number}}


def provenance_of_record(record: Record) -> dict[str, object]:
    """The same of a run of the evidence."""
    return {
        "id": f"{record.experiment}, seed {record.seed}",
        "name": record.experiment,
        "spec": record.spec.model_dump(mode="json"),
        "seed": record.seed,
        "epochs": record.epochs,
        "ended": record.reason,
        "best_epoch": record.best_epoch,
        "figures": results_of(vars(record)),
        "weights": record.weights,
        "hardware": [record.trained_on],
    }


class ManifestError(LabError):
    """A `lab.json` that cannot be read, or a zip without one."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class RunSaid(_Part):
    """What a `lab.json` says of a run. Only its form is checked: its spec is read when it is trained."""

    id: Annotated[str, Field(max_length=100)]
    name: Annotated[str, Field(max_length=1000)]
    spec: dict[str, Any]
    figures: dict[Annotated[str, Field(pattern="^test_(loss|accuracy)$")], float]
    ended: str | None = None
    weights: Annotated[str, Field(max_length=64)] = ""


class Manifest(_Part):
    """`files` are the SHA-256 of those that it came with."""

    format: Annotated[int, Field(ge=1)]
    lab: Annotated[str, Field(max_length=200)]
    runs: Annotated[list[RunSaid], Field(max_length=MOST_RUNS)]
    files: Annotated[dict[str, str], Field(max_length=MOST_FILES)]


def read_manifest(content: bytes) -> Manifest:
    """Raises `ManifestError`."""
    if len(content) > MOST_BYTES:
        raise ManifestError(Sentence("Its lab.json is too long to be one of the lab's."))
    try:
        read = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "lab.json"
        raise ManifestError(
            Sentence("Its lab.json cannot be read: {place}: {reason}.", place=place[:80], reason=first["msg"])
        ) from None
    if read.format > FORMAT:
        raise ManifestError(
            Sentence(
                "Its lab.json is of a later version of the lab (format {found}; this one knows {known}).",
                found=read.format,
                known=FORMAT,
            )
        )
    return read
