"""Garbage is collected for all sessions together, every few seconds, and not at the end of every script.

Streamlit would walk everything that all sessions hold after every look at a run (`runner.postScriptGC`, which
`.streamlit/config.toml` therefore sets to false): with a hundred watchers half of the time of the server.
"""

from __future__ import annotations

import gc
import threading

from pages.server.middleware import COUNTS

EVERY_SECONDS = 2.0


def collect(ending: threading.Event) -> None:
    """Collect until the server is `ending`, as long as requests come; for a thread of its own."""
    seen = 0
    while not ending.wait(EVERY_SECONDS):
        if COUNTS["passed"] != seen:
            seen = COUNTS["passed"]
            gc.collect()
