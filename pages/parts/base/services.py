"""The one store and the one engine of this process, shared by every session.

They own connections and processes, so they live in this module and not in Streamlit's cache, which anybody's
browser can ask to be cleared.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

from fmnist_core.engine.engine import Engine
from fmnist_core.store.runs import Run, Store

CLICK_SECONDS = 2.0

_lock = threading.RLock()
_store: Store | None = None
_engine: Engine | None = None
_frozen: set[str] = set()  # the states of the engine after which the collector was relieved


def store() -> Store:
    """The store of runs. Raises `StoreError` when it cannot be opened; the next call tries again."""
    global _store
    with _lock:
        if _store is None:
            _store = Store()
        return _store


def engine() -> Engine:
    """The engine; it comes up in the background, and `state` says how far it is. Raises `LabError`s."""
    global _engine
    with _lock:
        if _engine is None:
            _engine = Engine(store())
            _engine.start()
        return _engine


def started() -> Engine | None:
    """The engine if there is one yet; starts nothing and waits for nothing."""
    return _engine


def close() -> None:
    """Save every run and end the engine, at the end of the process: no other will be made."""
    if (ending := _engine) is not None:
        ending.close()


def forget() -> None:
    """Close all, so that the next call of either makes a new one: for tests, whose labs are many."""
    global _store, _engine
    with _lock:
        close()
        if _store is not None:
            _store.close()
        _store = _engine = None
        _frozen.clear()


def await_run(run_id: str, done: Callable[[Run], bool], seconds: float = CLICK_SECONDS) -> Run:
    """The run once `done`, or as it is after some seconds.

    What a learner has just clicked takes effect within a fraction of a second, and the live view looks only
    once a second. Nothing is waited for while there are no workers.
    """
    end = time.monotonic() + seconds
    while not done(run := store().run(run_id)) and time.monotonic() < end and engine().state == "ready":
        time.sleep(0.02)
    return run


def settle() -> None:
    """Take what is imported out of the collector's sight: once for the pages, once for the cluster's client.

    Streamlit collects garbage after every script run; walking all loaded modules then would hold up every
    session at each poll.
    """
    state = engine().state
    if state not in _frozen:
        _frozen.add(state)
        gc.collect()
        gc.freeze()
