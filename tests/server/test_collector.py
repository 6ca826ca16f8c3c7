"""Garbage is collected for all sessions together, and not at the end of every script."""

import gc
import threading
import weakref
from collections.abc import Iterator

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
    monkeypatch.setattr(collector, "EVERY_SECONDS", 0.01)
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
