"""A class behind one address shares the lab: few scripts at once, nobody who asks for little is starved.

The real middleware serves made-up scripts that take turns at one processor, as Python's threads do at the
interpreter lock. The clock is the event loop's own, which leaps to whatever comes next.
"""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.server import address, session
from pages.server.bucket import Bucket
from pages.server.middleware import BoundedSessions
from tests.server.browser_session import finished, frame

SECONDS = 30
SLICE = 0.005  # seconds for which a script keeps the processor while others want it
LOOK, PAGE = 0.01, 0.1  # seconds of the processor


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop that waits for nothing: its clock moves on instead."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        select = self._selector.select

        def leap(timeout):
            events = select(0)
            self.now += 0 if events else timeout or 0
            return events

        self._selector.select = leap

    def time(self) -> float:
        return self.now


class Scripts:
    """In Streamlit's place: a script for each socket, which the socket's next request breaks off."""

    def __init__(self, lag: float):
        self.lag = lag  # seconds from the end of a script until its last message is sent
        self.processor = asyncio.Lock()
        self.running = 0
        self.most_running = 0

    async def __call__(self, scope, receive, send) -> None:
        await receive()
        asked: asyncio.Queue = asyncio.Queue()
        running = asyncio.create_task(self._run_all(asked, send))
        while (event := await receive())["type"] == "websocket.receive":
            asked.put_nowait(BackMsg.FromString(event["bytes"]).rerun_script)
        running.cancel()

    async def _run_all(self, asked: asyncio.Queue, send) -> None:
        while True:
            rerun = await asked.get()
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            try:
                for _ in range(round((LOOK if rerun.fragment_id else PAGE) / SLICE)):
                    if not asked.empty():
                        break
                    async with self.processor:
                        await asyncio.sleep(SLICE)
            finally:
                self.running -= 1
            await asyncio.sleep(self.lag)
            if asked.empty():
                await send({"type": "websocket.send", "bytes": finished()})


class Tab:
    """A browser tab of the class's address."""

    def __init__(self, app: BoundedSessions):
        self._events: asyncio.Queue = asyncio.Queue()
        self._events.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "client": ("192.0.2.1", 1)}
        self._served = asyncio.create_task(app(scope, self._events.get, self._answer))
        self.answers: list[float] = []  # when each came

    async def _answer(self, message: dict) -> None:
        self.answers.append(asyncio.get_running_loop().time())

    def ask(self, data: bytes) -> None:
        self._events.put_nowait({"type": "websocket.receive", "bytes": data})

    async def watch(self, first: float) -> None:
        """A page, and then a look a second by the browser's timer."""
        await asyncio.sleep(first)
        self.ask(frame())
        for _ in range(SECONDS):
            await asyncio.sleep(1)
            self.ask(frame(fragment="live", timer=True))
        await self.leave()

    async def flood(self) -> None:
        """Thirty pages a second: just not enough to be hung up on."""
        for _ in range(30 * SECONDS):
            self.ask(frame())
            await asyncio.sleep(1 / 30)
        await self.leave()

    async def leave(self) -> None:
        self._events.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self._served


def share(monkeypatch: pytest.MonkeyPatch, watchers: int, within: float, floods: int = 0, lag: float = 0.0):
    """The scripts, and the tabs of those who watch; these open their pages within so many seconds."""
    loop = LeapingLoop()
    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=loop.time))
    monkeypatch.setattr(Bucket.__init__, "__defaults__", (loop.time,))

    async def all_of_it() -> tuple[Scripts, list[Tab]]:
        scripts = Scripts(lag)
        app = BoundedSessions(scripts)
        tabs = [Tab(app) for _ in range(watchers)]
        flooding = [Tab(app) for _ in range(floods)]
        await asyncio.gather(
            *(tab.watch(within * k / watchers) for k, tab in enumerate(tabs)),
            *(tab.flood() for tab in flooding),
        )
        return scripts, tabs

    try:
        return loop.run_until_complete(all_of_it())
    finally:
        loop.close()


def pauses(tab: Tab) -> np.ndarray:
    """Seconds from each answer of a tab to the next, its page being the first."""
    return np.diff(tab.answers)


@pytest.mark.parametrize(("watchers", "within"), [(30, 8), (100, 20)])
def test_nobody_of_a_class_is_kept_from_looking(monkeypatch, watchers: int, within: float):
    _, tabs = share(monkeypatch, watchers, within)
    assert max(pauses(tab).max() for tab in tabs) < 3
    assert min(len(tab.answers) for tab in tabs) > SECONDS / 3


def test_a_class_is_not_held_up_where_messages_are_slow_to_leave(monkeypatch):
    """As where many scripts and the event loop share one interpreter lock, beside others on the machine."""
    _, tabs = share(monkeypatch, 100, within=20, lag=0.1)
    assert max(pauses(tab).max() for tab in tabs) < 2.5


def test_a_class_that_comes_all_at_once_is_served_a_few_at_a_time(monkeypatch):
    scripts, tabs = share(monkeypatch, 100, within=0)
    assert scripts.most_running <= address.MOST_CALM
    firsts = [tab.answers[0] for tab in tabs]
    assert max(firsts) < 100 * PAGE * 2


def test_floods_of_the_same_address_keep_nobody_from_looking(monkeypatch):
    scripts, tabs = share(monkeypatch, 20, within=5, floods=5)
    assert max(pauses(tab).max() for tab in tabs) < 3
    assert scripts.most_running <= address.MOST_CALM
