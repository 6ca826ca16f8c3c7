"""IDX files, plain or gzipped: verified to the last byte, unpacked once, mapped into memory by every process.

It knows what a file should hold, and no place where files are looked for.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import mmap
import os
import struct
import sys
import tempfile
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from pathlib import Path

import numpy as np

from fmnist_core.sentences import LabError, Sentence

ABANDONED_SECONDS = 600


class DataError(LabError):
    """Data that cannot be used: which file, why, and what to do."""


@dataclass(frozen=True)
class IdxFile:
    """What an IDX file of unsigned bytes should hold; `sha256` is that of the whole file, unpacked."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        return struct.pack(f">HBB{len(self.shape)}I", 0, 0x08, len(self.shape), *self.shape)

    @property
    def size(self) -> int:
        """Bytes, header included."""
        return len(self.header) + prod(self.shape)


def read(folder: Path, file: IdxFile, cache: Path | None) -> tuple[np.ndarray, Sentence | None]:
    """The file's array, uint8 and read-only, and what kept a packed file out of the cache if something did.

    A plain file is mapped where it lies; NAME.gz is unpacked into the cache and mapped there, or else, with
    no cache or no room in it, held in memory. Raises `DataError`, or `OSError` if a file cannot be read.
    """
    plain, packed = folder / file.name, folder / f"{file.name}.gz"
    if plain.exists():
        verify(plain, file)
        return _mapped(plain, file), None
    if not packed.exists():
        raise DataError(
            Sentence("{file} is not in the folder {folder}.", file=packed.name, folder=str(folder))
        )
    content, kept_out = unpacked(packed, file), None
    if cache is not None:
        try:
            return _mapped(keep(content, file, cache), file), None
        except OSError as error:
            kept_out = Sentence(
                "The data could not be unpacked into {folder} ({reason}), so every process holds a copy in "
                "memory. Make 60 MB of room there, or set FMNIST_HOME to a folder that has it.",
                folder=str(cache),
                reason=error.strerror,
            )
    return np.frombuffer(content, np.uint8, offset=len(file.header)).reshape(file.shape), kept_out


def verify(path: Path, file: IdxFile) -> None:
    """Raises `DataError`, in one sentence, unless the plain file at `path` is the one meant by `file`."""
    with path.open("rb") as stream:
        _verify(stream, file, path)


def unpacked(packed: Path, file: IdxFile) -> bytes:
    """The verified content of a .gz file. Raises `DataError`, or `OSError` if it cannot be read."""
    try:
        with gzip.open(packed) as stream:
            content = stream.read(file.size + 1)  # one more than there should be, to notice if there is
    except EOFError:
        raise DataError(Sentence("{file} is cut short.", file=str(packed))) from None
    except (gzip.BadGzipFile, zlib.error):
        raise DataError(Sentence("{file} is damaged: it cannot be unpacked.", file=str(packed))) from None
    _verify(io.BytesIO(content), file, packed)
    return content


def keep(content: bytes, file: IdxFile, cache: Path) -> Path:
    """Puts verified content into the cache, whole or not at all. Raises `OSError`, as on a full disk.

    Several processes may do this at once: each writes a file of its own, and the last to be renamed stays.
    """
    target = cache / file.name
    if is_kept(file, cache):
        return target
    cache.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(cache)
    descriptor, part = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".part", dir=cache)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
        os.replace(part, target)
    except BaseException:
        os.unlink(part)
        raise
    return target


def is_kept(file: IdxFile, cache: Path) -> bool:
    """Whether the cache holds this file, whole."""
    try:
        verify(cache / file.name, file)
    except (OSError, DataError):
        return False
    return True


def _remove_abandoned(cache: Path) -> None:
    """What processes left behind that were killed while they wrote."""
    for part in cache.glob("*.part"):
        with suppress(FileNotFoundError):  # another process has finished with it, or removed it, meanwhile
            if time.time() - part.stat().st_mtime > ABANDONED_SECONDS:
                part.unlink()


def _mapped(path: Path, file: IdxFile) -> np.ndarray:
    return np.memmap(path, np.uint8, mode="r", offset=len(file.header), shape=file.shape)


def let_go(images: np.ndarray) -> None:
    """Frees the memory of images that were read through a mapped file, until they are read again.

    Whoever reads all of them once, for a figure that is then kept, would hold 47 MB of the file from then on.
    """
    if isinstance(images.base, mmap.mmap) and sys.platform == "linux":
        images.base.madvise(mmap.MADV_DONTNEED)


def _verify(stream: BufferedReader | io.BytesIO, file: IdxFile, path: Path) -> None:
    header = stream.read(len(file.header))
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if header[:3] != file.header[:3]:
        fault = Sentence("{file} is not an IDX file of bytes.", file=str(path))
    elif header != file.header[: len(header)]:
        fault = Sentence(
            "{file} holds something else: its header is {header} in place of {expected}.",
            file=str(path),
            header=header.hex(" ", 4),
            expected=file.header.hex(" ", 4),
        )
    elif size < file.size:
        fault = Sentence(
            "{file} is cut short: {size:,} of {expected:,} bytes.",
            file=str(path),
            size=size,
            expected=file.size,
        )
    elif size > file.size or hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
        fault = Sentence(
            "{file} is damaged or of another data set: its checksum is not that of Fashion-MNIST.",
            file=str(path),
        )
    else:
        return
    raise DataError(fault)
