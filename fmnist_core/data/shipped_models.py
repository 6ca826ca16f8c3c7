"""Reads the files of the models that the lab ships trained, and refuses those that are not as shipped.

SHA256SUMS beside the models holds the checksum of every file, as `sha256sum --check` reads it. What it does
not name is not the lab's, and read as it is.
"""

from __future__ import annotations

import logging
from pathlib import Path

from fmnist_core.data import checksums, folders
from fmnist_core.data.checksums import SUMS
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec, read_spec

FILES = ("film.npz", "history.json", "metrics.json", "model.safetensors", "spec.json")


class ModelDamaged(LabError):
    """A file of a shipped model that is not as it was shipped."""


def names(file: str = "spec.json") -> list[str]:
    """The models that this copy of the lab ships, of those that have such a file."""
    return sorted(path.parent.name for path in folders.SHIPPED_MODELS.glob(f"*/{file}"))


def specs() -> dict[str, RunSpec]:
    """By name, of the models whose spec is as it was shipped; of others the log says so."""
    sound = {}
    for model in names():
        try:
            sound[model] = read_spec(read(model, "spec.json"))
        except ModelDamaged as damaged:
            logging.getLogger(__name__).error("%s", damaged)
    return sound


def read(model: str, file: str) -> bytes:
    """Raises `ModelDamaged` or, if there is no such file, `OSError`."""
    content = (folders.SHIPPED_MODELS / model / file).read_bytes()
    if not checksums.is_sound(folders.SHIPPED_MODELS, f"{model}/{file}", content):
        raise ModelDamaged(
            Sentence(
                "The trained model “{model}” that came with the lab is damaged: its file {file} is not as it "
                "was shipped. Choose another model; whoever runs the lab: install the lab again.",
                model=model,
                file=file,
            )
        )
    return content


def sums(models: Path) -> str:
    """The content of SHA256SUMS for the models in a folder."""
    files = sorted(path for path in models.glob("*/*") if path.name in FILES)
    return checksums.lines(
        (f"{path.parent.name}/{path.name}", checksums.digest(path.read_bytes())) for path in files
    )


def written_sums(models: Path) -> str:
    """SHA256SUMS as it is; nothing where there is none."""
    return (models / SUMS).read_text("utf-8") if (models / SUMS).exists() else ""
