"""From the start of the server to its end: training goes on without a visitor, and nothing of it is lost.

The engine is started in a thread, since a database may take its time. At SIGTERM it saves every run at once,
also while browsers that do not hang up keep the server from ending. It ends, whatever stands still then.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import sys
import threading
import webbrowser
from asyncio import selector_events
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.abc import MetaPathFinder
from types import FrameType
from typing import Any

import pyarrow
import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base import services
from pages.server import collector
from pages.server.theme import use_one_theme
from pages.server.warm_up import warm_up

log = logging.getLogger("fmnist_lab")

RETRY_SECONDS = 3.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)
PARTING_SECONDS = 5.0
LONGEST_END = 25.0  # seconds; those who send SIGTERM send SIGKILL after 10 to 90
SWITCH_SECONDS = 0.001
READ_BYTES = 16 << 10


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """For `st.App`."""
    _answer_promptly()
    _leave_pandas_out()
    use_one_theme()
    collector.use_few_arenas()
    ending = threading.Event()
    threading.Thread(target=_run_engine, args=(ending,), name="engine", daemon=True).start()
    threading.Thread(target=collector.collect, args=(ending,), name="collector", daemon=True).start()
    if not st.get_option("server.headless"):
        _open_browser()
    with _prompt_end(ending):
        yield
    ending.set()
    await asyncio.to_thread(services.close)


def _answer_promptly() -> None:
    """Keep the event loop quick while scripts run, and while somebody sends many messages at once.

    It waits for the interpreter lock as often as it does anything, each time as long as a script may hold it.
    That is why it is uvloop's: Streamlit takes that where it is installed, and it needs the lock less often.
    Where it is not, on Windows, of what asyncio reads at once from a socket every message is decoded before
    anybody else is served.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    # It has no public name.
    selector_events._SelectorSocketTransport.max_size = READ_BYTES  # type: ignore[attr-defined]


class _NoPandas(MetaPathFinder):
    """Says that there is none."""

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)


def _leave_pandas_out() -> None:
    """Charts get their tables from pyarrow, which with its first array imports pandas, if it can.

    It asks only once. No page needs any of it: 42 MB, and a second of the first visitor's time.
    """
    sys.meta_path.insert(0, _NoPandas())
    try:
        pyarrow.array([0.0])
    finally:
        del sys.meta_path[0]


def _run_engine(ending: threading.Event) -> None:
    """Start the engine, however many attempts that takes, unless the server is `ending`."""
    said = None
    while not ending.is_set():
        try:
            services.engine()
            warm_up(ending)
            break
        except LabError as error:
            if str(error) != said:
                said = str(error)
                log.error("Training does not start: %s", said)
        except Exception:
            log.exception("The engine does not start.")
            break
        ending.wait(RETRY_SECONDS)


@contextmanager
def _prompt_end(ending: threading.Event) -> Iterator[None]:
    """At the first signal to end the saving begins, and connections that stay open are soon given up."""
    if threading.current_thread() is not threading.main_thread():  # signals are somebody else's affair
        yield
        return
    loop = asyncio.get_running_loop()
    before: dict[int, Any] = {number: signal.getsignal(number) for number in SIGNALS}

    def end(number: int, frame: FrameType | None) -> None:
        if not ending.is_set():
            ending.set()
            faulthandler.dump_traceback_later(LONGEST_END, exit=True)
            loop.call_soon_threadsafe(loop.create_task, hang_up())
        before[number](number, frame)

    async def hang_up() -> None:
        await asyncio.to_thread(services.close)
        await asyncio.sleep(PARTING_SECONDS)
        before[signal.SIGINT](signal.SIGINT, None)  # to uvicorn a second signal says: wait no longer

    for number in SIGNALS:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _open_browser() -> None:
    """As `streamlit run` does for a script; for an application object it leaves that to the application."""
    address = f"http://localhost:{st.get_option('server.port')}"
    threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()
