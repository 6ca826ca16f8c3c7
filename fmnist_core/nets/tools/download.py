"""Downloads the full data into the cache, by torchvision's list of mirrors and its checksums.

Each file arrives whole or not at all; after an interruption the next call goes on with those still missing.
"""

import io
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from http.client import HTTPException
from pathlib import Path

from fmnist_core.data import fashion_mnist, idx
from fmnist_core.nets.tools.torchvision_import import datasets
from fmnist_core.sentences import Sentence

TRIES = 3
STALL_SECONDS = 30.0


def fetch(cache: Path) -> None:
    """Downloads what the cache lacks, about 30 MB in all, with a progress bar if a person watches.

    Raises `DataError` when a file cannot be had; those before it are kept.
    """
    checksums = dict(datasets.FashionMNIST.resources)
    for file in fashion_mnist.FULL.values():
        if not idx.is_kept(file, cache):
            _fetch(file, checksums[f"{file.name}.gz"], cache)
    fashion_mnist.forget()


def _fetch(file: idx.IdxFile, md5: str, cache: Path) -> None:
    name, reason = f"{file.name}.gz", ""
    for mirror in datasets.FashionMNIST.mirrors * TRIES:
        try:
            with tempfile.TemporaryDirectory() as folder, _stalls_end(), _bar_for_a_person():
                datasets.utils.download_url(f"{mirror}{name}", folder, name, md5)
                idx.keep(idx.unpacked(Path(folder) / name, file), file, cache)
            return
        except (OSError, HTTPException, RuntimeError) as error:
            reason = str(error)
    raise idx.DataError(
        Sentence(
            "{file} could not be downloaded ({reason}). Check the connection and the room on the disk, then "
            "run “python -m fmnist_core data” again; files that came whole are kept.",
            file=name,
            reason=reason,
        )
    )


@contextmanager
def _stalls_end() -> Iterator[None]:
    """torchvision sets no timeout, and would wait for ever on a server that falls silent."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _bar_for_a_person() -> nullcontext[None] | redirect_stderr[io.StringIO]:
    """torchvision draws its bar on any stderr, a log file included."""
    return nullcontext() if sys.stderr.isatty() else redirect_stderr(io.StringIO())
