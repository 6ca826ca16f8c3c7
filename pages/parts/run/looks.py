"""Which state of a run each tab shows, so that a look that would show the same again can be left out.

A thread reads the runs that are looked at, once a look for all tabs together, as long as there are any.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from streamlit.runtime.scriptrunner import get_script_run_ctx

from fmnist_core.sentences import LabError
from pages.parts.run.watched import Watched, latest_of, watched

log = logging.getLogger("fmnist_lab")

AGAIN = 30.0  # seconds after which a tab draws what it shows once more, in case something else has changed
GONE = 10.0  # seconds after which a tab that asks no more is forgotten
PAUSE = 0.2  # seconds between two rounds of the reader


@dataclass
class Shown:
    """What a tab shows, when it was drawn, and when the tab last asked for more."""

    state: Watched
    drawn_at: float
    asked_at: float


_shown: dict[tuple[str, str], Shown] = {}  # by session and fragment
_lock = threading.Lock()
_reader: threading.Thread | None = None


def forget_tab() -> None:
    """The tab whose script runs shows something else from now on."""
    if (context := get_script_run_ctx()) is not None:
        with _lock:
            for place in [place for place in _shown if place[0] == context.session_id]:
                del _shown[place]


def shows(state: Watched) -> None:
    """The tab whose fragment runs has just drawn this; a run of the whole page says nothing."""
    global _reader
    context = get_script_run_ctx()
    if context is None or len(context.fragment_ids_this_run or ()) != 1:
        return
    now = time.monotonic()
    with _lock:
        _shown[context.session_id, context.fragment_ids_this_run[0]] = Shown(state, now, now)
        if _reader is None:
            _reader = threading.Thread(target=_read_on, name="run reader", daemon=True)
            _reader.start()


def is_needless(session_id: str, fragment_id: str) -> bool:
    """Whether a look by this tab's timer would draw what it shows already. Never waits for the store."""
    with _lock:
        shown = _shown.get((session_id, fragment_id))
        if shown is None:
            return False
        shown.asked_at = time.monotonic()
    if shown.asked_at - shown.drawn_at > AGAIN:
        return False
    return latest_of(shown.state.run.id) is shown.state


def _read_on() -> None:
    global _reader
    while True:
        with _lock:
            now = time.monotonic()
            for place in [place for place, shown in _shown.items() if now - shown.asked_at > GONE]:
                del _shown[place]
            run_ids = {shown.state.run.id for shown in _shown.values()}
            if not run_ids:
                _reader = None
                return
        for run_id in run_ids:
            try:
                watched(run_id)
            except LabError:
                pass  # the tab's own look will say it
            except Exception:
                log.exception("A watched run could not be read.")
        time.sleep(PAUSE)
