"""The other end of a session of the server: what a browser sends, and what comes back to it."""

import asyncio
from collections import Counter

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.server.address import Address
from pages.server.poll_interval import PollInterval
from pages.server.session import Session


def frame(value: int | None = None, click: str = "", fragment: str = "", timer: bool = False) -> bytes:
    """A rerun with the value of a slider, and perhaps a click on a button."""
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    message.rerun_script.is_auto_rerun = timer
    if value is not None:
        message.rerun_script.widget_states.widgets.add(id="slider", int_value=value)
    if click:
        message.rerun_script.widget_states.widgets.add(id=click, trigger_value=True)
    return message.SerializeToString()


class Browser:
    """The other end of a session: what it has sent waits here until it is read."""

    def __init__(self, address: Address | None = None) -> None:
        self.events: asyncio.Queue = asyncio.Queue()
        self.sent: list[dict] = []
        self.counts: Counter[str] = Counter()
        self.poll_interval = PollInterval()
        self.session = Session(
            self.events.get, self._send, address or Address(), self.counts, self.poll_interval
        )

    async def _send(self, message: dict) -> None:
        self.sent.append(message)

    def ask(self, *frames: bytes) -> None:
        for sent in frames:
            self.events.put_nowait({"type": "websocket.receive", "bytes": sent})

    async def passed(self, seconds: float) -> list[bytes]:
        """What reaches Streamlit within some seconds, where every script ends at once."""
        reading = asyncio.create_task(self.session.read())
        frames: list[bytes] = []
        try:
            async with asyncio.timeout(seconds):
                while (event := await self.session.receive())["type"] == "websocket.receive":
                    frames.append(event["bytes"])
                    await self.session.send({"type": "websocket.send", "bytes": finished()})
        except TimeoutError:
            pass
        reading.cancel()
        return frames


def finished() -> bytes:
    message = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
    return message.SerializeToString()


def begun(session_id: str) -> bytes:
    message = ForwardMsg()
    message.new_session.initialize.session_id = session_id
    return message.SerializeToString()
