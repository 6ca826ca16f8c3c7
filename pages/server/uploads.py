"""Photos on their way to the server: to the page that asked for one, a few at a time, in memory only.

Of each session one is held, and none for long: the page reads it at once and lets go of it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

FOR_A_PAGE = re.compile(r".*/_stcore/upload_file/(?P<session>[\w-]{1,64})/[\w-]{1,64}")
MOST_AT_ONCE = 4
MOST_BYTES = 64 << 20  # of all that are held
SECONDS = 60.0


def held() -> MemoryUploadedFileManager:
    """The files that wait for their pages."""
    return get_instance().uploaded_file_mgr


class Uploads:
    """ASGI: what is neither a photo for a page nor its removal is refused."""

    def __init__(self, app: ASGIApp, files: Callable[[], MemoryUploadedFileManager] = held) -> None:
        self._app = app
        self._files = files
        self._under_way = 0
        # Starlette would write what is larger than 1 MB to the disk; no photo is larger than this.
        MultiPartParser.spool_max_size = (int(st.get_option("server.maxUploadSize")) + 1) << 20

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        to_page = FOR_A_PAGE.fullmatch(scope["path"])
        if to_page is None or scope["method"] not in ("PUT", "DELETE"):
            await PlainTextResponse("The lab takes no files but photos.", 405)(scope, receive, send)
        elif scope["method"] == "DELETE":
            await self._app(scope, receive, send)
        elif self._under_way >= MOST_AT_ONCE or self._bytes() >= MOST_BYTES:
            await PlainTextResponse("Many photos are on their way. Try again soon.", 503)(
                scope, receive, send
            )
        else:
            self._under_way += 1
            try:
                await self._take(to_page["session"], scope, receive, send)
            finally:
                self._under_way -= 1

    async def _take(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        self._files().remove_session_files(session)
        try:
            async with asyncio.timeout(SECONDS):
                await self._app(scope, receive, send)
        except TimeoutError:
            await PlainTextResponse("The photo did not arrive in time.", 408)(scope, receive, send)

    def _bytes(self) -> int:
        stats = self._files().get_stats()
        return sum(stat.byte_length for kind in stats.values() for stat in kind)
