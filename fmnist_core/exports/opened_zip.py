"""Reads a zip that somebody hands in: nothing of it is unpacked to disk, run or believed."""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.exports import manifest
from fmnist_core.exports.manifest import Manifest, ManifestError
from fmnist_core.sentences import Sentence

# What Python's zip reader raises for bytes that are no zip, or no longer one.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
MOST_BYTES = 500_000_000  # unpacked, all files together
PIECE = 1 << 20


@dataclass(frozen=True)
class OpenedZip:
    """What its `lab.json` says; the files that are not as the lab made them, or not there; and those added.

    This finds what was changed by hand, and no forger: whoever changes a file can write its new digest.
    """

    said: Manifest
    changed: tuple[str, ...]
    added: tuple[str, ...] = ()


def open_zip(path: Path) -> OpenedZip:
    """Raises `ManifestError`, in a sentence, for what is no zip of the lab's."""
    try:
        with zipfile.ZipFile(path) as packed:
            return _read(packed)
    except DAMAGED as error:
        reason = str(error)[:100] or type(error).__name__
        raise ManifestError(Sentence("This is not a whole zip file ({reason}).", reason=reason)) from error


def _read(packed: zipfile.ZipFile) -> OpenedZip:
    entries = packed.infolist()
    names = [entry.filename for entry in entries]
    if len(names) > manifest.MOST_FILES or len(set(names)) < len(names):
        raise ManifestError(Sentence("It has too many files, or two of one name: the lab makes no such zip."))
    if manifest.NAME not in names and any(name.endswith(f"/{manifest.NAME}") for name in names):
        raise ManifestError(
            Sentence("Its lab.json lies in a folder. Pack the files themselves, not the folder around them.")
        )
    if manifest.NAME not in names:
        raise ManifestError(
            Sentence("It has no lab.json, which lies in every zip that the lab makes. Hand that in whole.")
        )
    content = _content(packed, manifest.NAME, manifest.MOST_BYTES + 1)
    said = manifest.read_manifest(content)
    left, changed = MOST_BYTES, []
    for name, digest in said.files.items():
        found, size = _digest(packed, name, left) if name in names else ("", 0)
        left -= size
        if found != digest:
            changed.append(name)
    added = [name for name in names if name not in said.files and name != manifest.NAME]
    return OpenedZip(said, tuple(changed), tuple(added))


def _content(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    with packed.open(name) as file:
        return file.read(most)


def _digest(packed: zipfile.ZipFile, name: str, most: int) -> tuple[str, int]:
    """SHA-256 and size, read piece by piece. Raises `ManifestError` where it unpacks to too much."""
    digest, size = hashlib.sha256(), 0
    with packed.open(name) as file:
        while piece := file.read(PIECE):
            size += len(piece)
            if size > most:
                raise ManifestError(Sentence("It unpacks to more than the lab ever makes."))
            digest.update(piece)
    return digest.hexdigest(), size
