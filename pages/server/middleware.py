"""What every request goes through before Streamlit sees it: bounds for each websocket and each address.

Without them one browser can keep the server from answering all others: Streamlit starts a thread for every
request to rerun the script, however many there are.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.server.address import MOST_SOCKETS, Address, key_of
from pages.server.poll_interval import PollInterval
from pages.server.session import Session
from pages.server.uploads import Uploads

READING = ("GET", "HEAD", "OPTIONS")
MANY_ADDRESSES = 1000
TRY_AGAIN_LATER = 1013  # of the websocket protocol
COUNTS: Counter[str] = Counter()


class BoundedSessions:
    """ASGI middleware; see `Session` and `Address` for the bounds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._addresses: dict[str, Address] = {}
        self._poll_interval = PollInterval()
        self._uploads = Uploads(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] not in READING:
            await self._uploads(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = self._address_of(scope)
        if address.sockets >= MOST_SOCKETS:
            COUNTS["refused"] += 1
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        address.sockets += 1
        COUNTS["sockets"] += 1
        try:
            await self._serve(scope, receive, send, address)
        finally:
            address.sockets -= 1
            COUNTS["sockets"] -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send, address: Address) -> None:
        wait = address.new_sockets.wait()
        address.new_sockets.take()
        await asyncio.sleep(wait)
        session = Session(receive, send, address, COUNTS, self._poll_interval)
        events = iter([await receive()])  # first of all, that somebody wants to connect

        async def bounded_receive() -> Message:
            return next(events, None) or await session.receive()

        reading = asyncio.create_task(session.read())
        try:
            await self._app(scope, bounded_receive, session.send)
        finally:
            session.close()
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading

    def _address_of(self, scope: Scope) -> Address:
        if len(self._addresses) > MANY_ADDRESSES:
            self._addresses = {
                key: address for key, address in self._addresses.items() if not address.is_idle
            }
        host = scope["client"][0] if scope["client"] else ""
        return self._addresses.setdefault(key_of(host), Address())
