"""The requests of one browser tab on their way to Streamlit, no more of them than the lab can work on.

They wait where there are too many, and are handed on one by one; of those that wait, the ones that a newer
one replaces are left out, so nothing that a learner did is lost. A connection over which more comes than any
browser sends is ended.

What a tab asks for by its timer, without the learner, is left out where it would draw again what is there, or
where the lab is too busy to be looked at so often.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from starlette.types import Message, Receive, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.parts.run import looks
from pages.server.address import FRAGMENT, PAGE, Address
from pages.server.bucket import Bucket
from pages.server.poll_interval import PollInterval
from pages.server.requests import Request, read

READING = (200, 50.0)  # frames at once, and a second
WORKING = (40, 10.0)  # requests that are worked on
MOST_WAITING = 16
ABNORMAL_CLOSURE = 1006  # of the websocket protocol
LONGEST_END = 4096  # bytes: the message that a script has ended is a short one


class Session:
    """One websocket; its `receive` and `send` take the place of the server's. `counts` are added to.

    `poll_interval` is that of all tabs together.
    """

    def __init__(
        self,
        receive: Receive,
        send: Send,
        address: Address,
        counts: Counter[str],
        poll_interval: PollInterval,
    ) -> None:
        self.bucket = Bucket(*WORKING)
        self._reading = Bucket(*READING)
        self._receive = receive
        self._send = send
        self._address = address
        self._counts = counts
        self._poll_interval = poll_interval
        self._id: str | None = None  # which Streamlit gives the session
        self._looked_at = 0.0
        self._look_began: float | None = None  # of the look that is not answered yet
        self._requests: list[Request] = []
        self._last: Message | None = None  # the browser is gone
        self._changed = asyncio.Event()

    async def read(self) -> None:
        """Take in what the browser sends, until it is gone or has sent too much."""
        try:
            while (event := await self._receive())["type"] != "websocket.disconnect":
                if self._reading.wait() or len(self._requests) >= MOST_WAITING:
                    # Without a word: a server that has said goodbye must read on until it is answered.
                    self._counts["hung_up"] += 1
                    return
                self._reading.take()
                self._add(event.get("bytes"))
            self._last = event
        finally:
            self.lost()

    async def receive(self) -> Message:
        """The next event for Streamlit, once it may be worked on."""
        while self._last is None:
            seconds = self._seconds_to_wait()
            if seconds == 0:
                return self._take()
            self._changed.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
            except TimeoutError:
                continue
        return self._last

    async def send(self, message: Message) -> None:
        """To the browser, from Streamlit, which hears that it is gone by what it receives."""
        if self._last is not None:
            return
        try:
            await self._send(message)
        except OSError:
            self.lost()
            return
        if content := message.get("bytes"):
            self._id = self._id or _session_id(content)
            if _is_end(content):
                self._address.ended(self)
                self._answered()

    def lost(self) -> None:
        """Nothing more will come from the browser, and nothing that waits is worked on."""
        self._last = self._last or {"type": "websocket.disconnect", "code": ABNORMAL_CLOSURE}
        self._address.gives_up(self)
        self.wake()

    def close(self) -> None:
        self._address.left(self)

    def wake(self) -> None:
        self._changed.set()

    def _add(self, frame: bytes | None) -> None:
        request = None if frame is None else read(frame)  # Streamlit speaks in bytes only, not in text
        if request is None:
            self._counts["dropped"] += 1
            return
        if request.is_look and self._may_skip(request):
            self._counts["skipped"] += 1
            return
        waiting = [earlier for earlier in self._requests if not request.replaces(earlier)]
        self._counts["replaced"] += len(self._requests) - len(waiting)
        self._requests = [*waiting, request]
        self.wake()

    def _may_skip(self, look: Request) -> bool:
        """Whether a look would show nothing new, or comes too early after this tab's last one."""
        now = time.monotonic()
        if self._id is not None and looks.is_needless(self._id, look.fragment_id):
            return True
        if now - self._looked_at < self._poll_interval.seconds:
            return True
        self._looked_at = now
        self._look_began = self._look_began or now
        return False

    def _answered(self) -> None:
        if self._look_began is not None:
            self._poll_interval.took(time.monotonic() - self._look_began)
            self._look_began = None

    def _seconds_to_wait(self) -> float | None:
        """0 if a request may be worked on now; `None` until something changes."""
        if not self._requests:
            return None
        if seconds := self.bucket.wait():
            return seconds
        rerun = self._requests[0].rerun
        if rerun is None or self._address.may_run(self, FRAGMENT if rerun.fragment_id else PAGE):
            return 0
        return None

    def _take(self) -> Message:
        self.bucket.take()
        self._counts["passed"] += 1
        return {"type": "websocket.receive", "bytes": self._requests.pop(0).frame}


def _is_end(message: bytes) -> bool:
    """Whether the browser is told that its script has come to an end, and not only because of another run."""
    if len(message) > LONGEST_END:
        return False
    parsed = ForwardMsg()
    parsed.ParseFromString(message)
    early = ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return parsed.WhichOneof("type") == "script_finished" and parsed.script_finished != early


def _session_id(message: bytes) -> str | None:
    """The id by which Streamlit knows the session, from the message that begins a script."""
    parsed = ForwardMsg()
    parsed.ParseFromString(message)
    begins = parsed.WhichOneof("type") == "new_session"
    return parsed.new_session.initialize.session_id or None if begins else None
