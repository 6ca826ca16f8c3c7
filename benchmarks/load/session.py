"""One browser tab as the server sees it: a websocket that speaks Streamlit's own messages.

It opens pages, presses buttons by their keys, and asks for fragments again at the interval that the page
sets, whether the last look has been answered or not, as a browser does. What stands on the page is kept as
text. Nothing is drawn: what is timed is the server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SECONDS = 60.0  # for any answer; a tab whose answer takes longer counts as dropped


class Dropped(Exception):
    """The server closed the socket, or did not answer in time."""


class NoButton(KeyError):
    """The page has none of that key; what it says instead."""


class Session:
    """One tab of one learner. A method that returns seconds has waited until the script had finished."""

    def __init__(self, socket: websockets.ClientConnection, url: str) -> None:
        self._socket = socket
        self._url = url
        self._page = ""
        self._page_hash = ""
        self._query = ""
        self._widgets: dict[str, str] = {}  # key to id
        self._texts: dict[tuple[int, ...], str] = {}  # by the place on the page
        self._due: dict[str, float] = {}  # when each fragment that runs by itself is to run next
        self._intervals: dict[str, float] = {}
        self._asked_at = 0.0  # when the last look was sent
        self._look_asked_at: float | None = None  # of the look whose script runs; `None` for the whole page

    @classmethod
    async def connect(cls, url: str, learner: str, from_address: str = "127.0.0.1") -> Session:
        """A new tab of the browser whose cookie says `learner`. Raises `Dropped`."""
        try:
            socket = await websockets.connect(
                f"{url.replace('http', 'ws', 1)}/_stcore/stream",
                subprotocols=[websockets.Subprotocol("streamlit")],
                additional_headers={"Cookie": f"fmnist_learner={learner}"},
                local_addr=(from_address, 0),
                max_size=None,
                open_timeout=SECONDS,
            )
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            raise Dropped(str(error)) from error
        return cls(socket, url)

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Also after whatever went wrong in the tab."""
        await self._socket.close()

    @property
    def text(self) -> str:
        """Every heading, paragraph, notice and metric on the page."""
        return "\n".join(self._texts[place] for place in sorted(self._texts))

    @property
    def fragments(self) -> list[str]:
        """The fragments that run by themselves."""
        return list(self._intervals)

    def parameter(self, name: str) -> str | None:
        """A value of the address, as the page has written it."""
        return parse_qs(self._query).get(name, [None])[0]

    async def open(self, page: str, query: str = "") -> float:
        """Go to a page by a link. Raises `Dropped`."""
        self._page, self._page_hash, self._query = page, "", query
        return await self._run(ClientState(page_name=page))

    async def press(self, key: str) -> float:
        """Press the button of this key. Raises `NoButton` where the page has none, and `Dropped`."""
        if key not in self._widgets:
            raise NoButton(f"no button {key}: {self.text[:500]}")
        state = ClientState(page_script_hash=self._page_hash)
        state.widget_states.widgets.add(id=self._widgets[key], trigger_value=True)
        return await self._run(state)

    async def follow(self, seconds: float) -> AsyncIterator[float]:
        """Look by the page's timers for a while; yields what each answered look took. Raises `Dropped`.

        The server leaves out looks that show nothing new, and of several that wait all but the newest: a look
        is timed from the last one that was sent before its script began.
        """
        end = time.monotonic() + seconds
        answered_at = time.monotonic()
        while (now := time.monotonic()) < end:
            due = min(self._due.values(), default=end)
            if due <= now:
                await self._ask_for_due(now)
            elif await self._answer(min(due, end) - now):
                answered_at = time.monotonic()
                yield answered_at - (self._look_asked_at or self._asked_at)
            elif self._due and now - answered_at > SECONDS:
                raise Dropped(f"no look answered within {SECONDS:g} s")

    async def _ask_for_due(self, now: float) -> None:
        for fragment, due in self._due.items():
            if due <= now:
                self._due[fragment] = now + self._intervals[fragment]
                self._asked_at = now
                await self.send(
                    self._rerun(
                        ClientState(
                            page_script_hash=self._page_hash, fragment_id=fragment, is_auto_rerun=True
                        )
                    )
                )

    async def _answer(self, seconds: float) -> bool:
        """Take in what comes within so many seconds; true once a script has finished. Raises `Dropped`."""
        try:
            async with asyncio.timeout(seconds):
                while not self._take(ForwardMsg.FromString(await self._socket.recv())):
                    pass
        except TimeoutError:
            return False
        except websockets.WebSocketException as error:
            raise Dropped(str(error)) from error
        return True

    async def send(self, message: BackMsg) -> None:
        """Any message, without waiting for what it does. Raises `Dropped`."""
        try:
            await self._socket.send(message.SerializeToString())
        except websockets.WebSocketException as error:
            raise Dropped(str(error)) from error

    async def _run(self, state: ClientState) -> float:
        """Run the whole page; a look that was sent before may be answered first."""
        began = time.monotonic()
        await self.send(self._rerun(state))
        self._look_asked_at = began
        while self._look_asked_at is not None:
            if not await self._answer(began + SECONDS - time.monotonic()):
                raise Dropped(f"no answer within {SECONDS:g} s")
        return time.monotonic() - began

    def _rerun(self, state: ClientState) -> BackMsg:
        state.query_string = self._query
        state.context_info.url = f"{self._url}/{self._page}"
        state.context_info.locale = "en-GB"
        return BackMsg(rerun_script=state)

    def _take(self, message: ForwardMsg) -> bool:
        """Keep what a message says; true if it says that the script has finished."""
        match message.WhichOneof("type"):
            case "new_session" if message.metadata.run.fragment_ids:
                self._look_asked_at = self._asked_at
            case "new_session":  # the whole page is drawn again
                self._look_asked_at = None
                self._texts.clear()
                self._widgets.clear()
                self._due.clear()
                self._intervals.clear()
            case "navigation":
                self._page_hash = message.navigation.page_script_hash
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "auto_rerun":
                rerun = message.auto_rerun
                self._intervals[rerun.fragment_id] = rerun.interval
                self._due.setdefault(rerun.fragment_id, time.monotonic() + rerun.interval)
            case "delta":
                self._draw(tuple(message.metadata.delta_path), message.delta.new_element)
            case "script_finished":
                return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False

    def _draw(self, place: tuple[int, ...], element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind in (None, "html"):  # a container; styles and pictures
            return
        content = getattr(element, kind)
        fields = {field.name for field in content.DESCRIPTOR.fields}
        if "id" in fields and content.id.startswith("$$ID-"):
            self._widgets[content.id.split("-", 2)[2]] = content.id
        words = [str(getattr(content, name)) for name in ("label", "body") if name in fields]
        self._texts[place] = " ".join(words)
