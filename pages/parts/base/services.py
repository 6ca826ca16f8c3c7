"""The one store and the one engine of this process, shared by every session."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import streamlit as st

from fmnist_core.engine.engine import Engine
from fmnist_core.store.runs import Run, Store

MOMENT = 2.0  # seconds


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The store of runs. Raises `StoreError` when it cannot be opened."""
    return Store()


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The engine; it comes up in the background, and `state` says how far it is."""
    running = Engine(store())
    running.start()
    return running


def await_run(run_id: str, done: Callable[[Run], bool], seconds: float = MOMENT) -> Run:
    """The run once `done`, or as it is after a moment.

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
    _freeze(engine().state)


@st.cache_resource(show_spinner=False)
def _freeze(state: str) -> None:
    gc.collect()
    gc.freeze()
