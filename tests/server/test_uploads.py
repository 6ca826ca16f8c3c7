"""Photos on their way to the server: only to a page, few at once, one a session, none on the disk."""

import asyncio

import pytest
import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.responses import PlainTextResponse
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from fmnist_core.data.photo import MOST_BYTES as MOST_OF_A_PHOTO
from pages.server import uploads
from pages.server.requests import read
from pages.server.uploads import MOST_AT_ONCE, MOST_BYTES, Uploads
from tests.server.browser_session import frame

TO_A_PAGE = "/_stcore/upload_file/3f2a/9b-1"


class Server:
    """Answers 204 once it may; `uploads` stands before it."""

    def __init__(self) -> None:
        self.files = MemoryUploadedFileManager("/_stcore/upload_file")
        self.uploads = Uploads(self, lambda: self.files)
        self.may_answer = asyncio.Event()
        self.seen: list[str] = []

    async def __call__(self, scope, receive, send) -> None:
        self.seen.append(scope["path"])
        await self.may_answer.wait()
        await PlainTextResponse("", 204)(scope, receive, send)

    async def status(self, path: str = TO_A_PAGE, method: str = "PUT") -> int:
        answers = []

        async def send(message) -> None:
            answers.append(message)

        await self.uploads({"type": "http", "path": path, "method": method, "headers": []}, None, send)
        return answers[0]["status"]


def hold(files: MemoryUploadedFileManager, session: str, size: int, file_id: str = "a") -> None:
    files.add_file(session, UploadedFileRec(file_id, "x.jpg", "image/jpeg", bytes(size)))


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (TO_A_PAGE, "PUT", 204),
        (TO_A_PAGE, "DELETE", 204),
        (f"/proxy/8501{TO_A_PAGE}", "PUT", 204),
        (TO_A_PAGE, "POST", 405),
        (TO_A_PAGE, "PATCH", 405),
        ("/", "PUT", 405),
        ("/_stcore/upload_file/3f2a", "PUT", 405),
        (f"{TO_A_PAGE}/c", "PUT", 405),
        ("/_stcore/upload_file/../x", "PUT", 405),
        (f"/_stcore/upload_file/{'a' * 65}/b", "PUT", 405),
    ],
)
def test_only_a_photo_for_a_page_is_handed_on(path: str, method: str, status: int):
    async def ask() -> int:
        server = Server()
        server.may_answer.set()
        return await server.status(path, method)

    assert asyncio.run(ask()) == status


def test_few_at_once_and_those_beyond_are_asked_to_try_again():
    async def ask() -> tuple[list[int], int]:
        server = Server()
        tasks = [asyncio.create_task(server.status()) for _ in range(MOST_AT_ONCE + 2)]
        await asyncio.sleep(0)
        server.may_answer.set()
        return [await task for task in tasks], await server.status()

    statuses, after = asyncio.run(ask())
    assert sorted(statuses) == [204] * MOST_AT_ONCE + [503] * 2
    assert after == 204


def test_a_session_holds_one_file_and_all_of_them_so_much():
    async def ask() -> tuple[int, int, int]:
        server = Server()
        server.may_answer.set()
        hold(server.files, "3f2a", 10)
        hold(server.files, "another", 10)
        await server.status()
        left = [len(server.files.get_files(session, ["a"])) for session in ("3f2a", "another")]
        assert left == [0, 1]
        hold(server.files, "another", MOST_BYTES, "b")
        full = await server.status()
        server.files.remove_session_files("another")
        return full, await server.status(), len(server.seen)

    assert asyncio.run(ask()) == (503, 204, 2)


def test_one_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "SECONDS", 0.05)

    async def ask() -> tuple[int, int]:
        server = Server()
        slow = await server.status()
        server.may_answer.set()
        return slow, await server.status()

    assert asyncio.run(ask()) == (408, 204)


def test_no_photo_is_large_enough_to_be_written_to_the_disk():
    """Starlette keeps in memory what is smaller; Streamlit refuses what is larger than its own limit."""
    Server()
    limit = int(st.get_option("server.maxUploadSize")) << 20
    assert MultiPartParser.spool_max_size > limit >= MOST_OF_A_PHOTO


def test_a_page_may_ask_where_to_send_a_photo():
    from streamlit.proto.BackMsg_pb2 import BackMsg

    asks = BackMsg()
    asks.file_urls_request.file_names.append("photo.jpg")
    assert read(asks.SerializeToString()) is not None
    assert read(frame(1)) is not None
