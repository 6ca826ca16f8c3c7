"""Garbage is collected for all sessions together, not after every script, and its memory given back."""

import ctypes
import gc
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator

import psutil
import pytest
import streamlit as st

from pages.server import collector
from pages.server.middleware import COUNTS
from tests.waiting import wait_for


class Cycle:
    """Garbage that only the collector can find."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def collections() -> Iterator[list[int]]:
    """The generations that were collected since, none of them by Python itself."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.disable()
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.enable()


def test_streamlit_does_not_walk_what_all_sessions_hold_at_the_end_of_every_script():
    assert st.get_option("runner.postScriptGC") is False


def test_what_scripts_leave_behind_is_collected_while_requests_come(collections, monkeypatch):
    monkeypatch.setattr(collector, "COLLECT_SECONDS", 0.01)
    ending = threading.Event()
    thread = threading.Thread(target=collector.collect, args=(ending,))
    thread.start()
    try:
        for _ in range(3):
            garbage = weakref.ref(Cycle())
            COUNTS["passed"] += 1
            wait_for(lambda garbage=garbage: garbage() is None)
        done = len(collections)
        assert not ending.wait(0.1)
        assert len(collections) <= done + 1, "nobody has asked for anything since"
    finally:
        ending.set()
        thread.join()


def alone(function: str) -> float:
    """What a function of this module returns in a process of its own."""
    code = f"from tests.server import test_collector; print(test_collector.{function}())"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


def arenas_of_sixteen_threads() -> int:
    """How many parts the C library has divided its memory into."""
    collector.use_few_arenas()
    libc = ctypes.CDLL(None)
    barrier = threading.Barrier(16)
    threads = [threading.Thread(target=lambda: (libc.malloc(1 << 12), barrier.wait())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    libc.fopen.restype = ctypes.c_void_p
    with tempfile.NamedTemporaryFile() as file:
        stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
        libc.malloc_info(0, stream)
        libc.fclose(stream)
        return file.read().count(b"<heap nr=")


def megabytes_given_back() -> float:
    """Of 200 MB in small pieces, all freed but the last, which keeps the C library from doing so itself."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    pieces = [libc.malloc(1 << 12) for _ in range(50_000)]
    for piece in pieces:
        ctypes.memset(piece, 1, 1 << 12)
    for piece in pieces[:-1]:
        libc.free(ctypes.c_void_p(piece))
    before = resident()
    collector.give_back()
    return before - resident()


def resident() -> float:
    return psutil.Process().memory_info().rss / 1e6


def test_threads_share_two_arenas():
    assert alone("arenas_of_sixteen_threads") <= collector.ARENAS


def test_free_memory_goes_back_to_the_system():
    assert alone("megabytes_given_back") > 150
