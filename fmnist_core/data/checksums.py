"""Files of a folder with their checksums beside them, in SHA256SUMS as `sha256sum --check` reads it.

Each file is replaced whole. Meanwhile SHA256SUMS names what was there and what is to come, so that a kill at
any moment leaves no file that seems to be damaged.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

SUMS = "SHA256SUMS"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def of_tensors(tensors: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over tensors in the order of their names: name, shape and float32 values."""
    whole = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        whole.update(f"{name} {tuple(tensor.shape)} ".encode())
        whole.update(np.ascontiguousarray(tensor, dtype=np.float32).tobytes())
    return whole.hexdigest()


def lines(sums: Iterable[tuple[str, str]]) -> str:
    """The content of SHA256SUMS for files, each with its digest."""
    return "".join(f"{digest}  {file}\n" for file, digest in sums)


def is_sound(folder: Path, file: str, content: bytes) -> bool:
    """Whether the file's content is what was written; one that SHA256SUMS does not name counts as such."""
    return digest(content) in (known := _digests(folder).get(file, [])) or not known


def write(folder: Path, files: Mapping[str, bytes], remove: Iterable[str] = ()) -> None:
    """Replaces files in this order, then removes others, and keeps their checksums. Raises `OSError`."""
    known = _digests(folder)
    now = {file: [digest(content)] for file, content in files.items()}
    _write_sums(folder, known | {file: [*known.get(file, []), *digests] for file, digests in now.items()})
    for file, content in files.items():
        replace(folder / file, content)
    for file in remove:
        (folder / file).unlink(missing_ok=True)
        known.pop(file, None)
    _write_sums(folder, known | now)


def replace(path: Path, content: bytes) -> None:
    """The whole file or nothing of it. Raises `OSError`."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)


def _digests(folder: Path) -> dict[str, list[str]]:
    try:
        text = (folder / SUMS).read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    digests: dict[str, list[str]] = {}
    for line in text.splitlines():
        digest, _blanks, file = line.partition("  ")
        digests.setdefault(file, []).append(digest)
    return digests


def _write_sums(folder: Path, digests: Mapping[str, list[str]]) -> None:
    sums = [(file, digest) for file in sorted(digests) for digest in digests[file]]
    replace(folder / SUMS, lines(sums).encode())
