"""Memory that scripts leave behind is found for all sessions together, and given back to the system.

Streamlit would walk everything that all sessions hold after every look at a run (`runner.postScriptGC`, which
`.streamlit/config.toml` therefore sets to false): with a hundred watchers half of the time of the server.
"""

from __future__ import annotations

import ctypes
import gc
import platform
import threading

from pages.server.middleware import COUNTS

COLLECT_SECONDS = 2.0
GIVE_BACK = 2  # collections, four seconds: what was given back costs a little when it is needed again
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # of glibc's malloc.h
ARENAS = 2
LARGE = 256 * 1024  # bytes: what is as large goes back to the system as soon as it is free, and leaves no gap


def collect(ending: threading.Event) -> None:
    """Collect until the server is `ending`, as long as requests come; for a thread of its own."""
    requests, collections = 0, 0
    while not ending.wait(COLLECT_SECONDS):
        quiet, requests = COUNTS["passed"] == requests, COUNTS["passed"]
        if not quiet:
            collections += 1
            gc.collect()
        if collections == GIVE_BACK or (quiet and collections):
            collections = 0
            give_back()


def use_few_arenas() -> None:
    """Let threads that are started from now on share their memory.

    Every script runs in a thread of its own, only one of them at a time, and up to eight arenas a core would
    each keep what a script once needed.
    """
    if (glibc := _glibc()) is not None:
        glibc.mallopt(M_ARENA_MAX, ARENAS)
        glibc.mallopt(M_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Memory that is free goes back to the system."""
    if (glibc := _glibc()) is not None:
        glibc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """The C library, where it is that of GNU."""
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
