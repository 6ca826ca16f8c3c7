"""A client that speaks Streamlit's protocol and asks for far more than anybody should.

`python -m tests.server.flood URL --sockets 20 --seconds 60` floods a server and times its health meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

PATIENCE = 60.0


def rerun() -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = ""
    return message.SerializeToString()


def clear_cache() -> bytes:
    return BackMsg(clear_cache=True).SerializeToString()


@asynccontextmanager
async def socket(url: str) -> AsyncIterator[ClientConnection]:
    """A session of the server at `url` (http)."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    async with websockets.connect(
        address, subprotocols=["streamlit"], max_size=None, close_timeout=1
    ) as connection:
        yield connection


async def drawn(connection: ClientConnection) -> float:
    """Ask for the page, and return the seconds until all of it has come."""
    before = time.monotonic()
    await connection.send(rerun())
    async with asyncio.timeout(PATIENCE):
        async for data in connection:
            message = ForwardMsg()
            message.ParseFromString(data)
            if message.WhichOneof("type") == "script_finished":
                return time.monotonic() - before
    raise ConnectionError("the server hung up")


async def health(url: str, path: str = "/_stcore/health") -> float:
    """Seconds that the server takes to say that it is well."""

    def ask() -> float:
        before = time.monotonic()
        with urllib.request.urlopen(url + path, timeout=PATIENCE) as answer:
            answer.read()
        return time.monotonic() - before

    return await asyncio.to_thread(ask)


async def flood(url: str, sockets: int, seconds: float, reruns_a_second: float | None = None) -> list[float]:
    """Rerun upon rerun on many sockets; how long health took, asked for all the time.

    `reruns_a_second` on each socket, else as many as can be sent. Who is hung up on comes back.
    """
    waits: list[float] = []
    until = time.monotonic() + seconds

    async def one_socket() -> None:
        while True:
            with contextlib.suppress(websockets.WebSocketException, OSError):
                async with socket(url) as connection:
                    reading = asyncio.create_task(_swallow(connection))
                    try:
                        while True:
                            for _ in range(100 if reruns_a_second is None else 1):
                                await connection.send(rerun())
                            await asyncio.sleep(0 if reruns_a_second is None else 1 / reruns_a_second)
                    finally:
                        reading.cancel()

    floods = [asyncio.create_task(one_socket()) for _ in range(sockets)]
    while time.monotonic() < until:
        waits.append(await health(url))
        await asyncio.sleep(0.2)  # five looks a second
    for task in floods:
        task.cancel()
    await asyncio.gather(*floods, return_exceptions=True)
    return waits


async def _swallow(connection: ClientConnection) -> None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async for _ in connection:
            pass


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--sockets", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--reruns-a-second", type=float, help="reruns a second on each socket")
    options = parser.parse_args()
    waits = await flood(options.url, options.sockets, options.seconds, options.reruns_a_second)
    async with socket(options.url) as connection:
        page = await drawn(connection)
    print(f"health {max(waits):.2f} s at worst of {len(waits)}, a page right after {page:.2f} s")


if __name__ == "__main__":
    asyncio.run(_main())
